"""What a fit says in words, and its page."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from latscape.errors import LatscapeError
from latscape.runs import Panel, Section, Story, Table
from latscape.studies.fit.panels import decoded_panels, fit_panels, place_panels
from latscape.studies.fit.pose import pose, pose_panels
from latscape.studies.fit.stages import FitRun, class_names, latents, results
from latscape.studies.shared.tables import data_words, fitted_words

#: Share of the variance of a content number that differs between samples, below which it is not used.
LITTLE = 0.05


def headline(run: FitRun) -> list[str]:
    """A few sentences, the most important first."""
    if not run.finished:
        return ["The model is not trained yet."]
    count = results(run)["classes"]
    model = f"{run.spec.model} of {count} classes" if count else run.spec.model
    found = [
        f"{model}, {fitted_words(results(run)['data'])}",
        _elbo(results(run)["scores"], score_name(run.spec.model)),
        _classes(run),
        _content(run),
        _poses(run),
    ]
    if count and not results(run)["told"]:
        hint = "`latscape classes` tells how far others agree."
        found.append(f"This is one fit with one seed, and another may part the samples otherwise: {hint}")
    return [sentence for sentence in found if sentence]


def score_name(model: str) -> str:
    """What the score of a model is: without a prior there is no bound, but the likelihood itself."""
    return "log-likelihood" if model == "ae" else "ELBO"


def _elbo(scores: dict[str, float], name: str) -> str:
    error = scores.get("elbo_error")
    spread = f" ± {error:.2g} (standard error)" if error is not None else ""
    said = f"Held-out {name} {scores['elbo']:.5g}{spread} nat per sample; {scores['elbo_fitted']:.5g} on those fitted."
    gap = scores["elbo_fitted"] - scores["elbo"]
    return f"{said} The gap says that it remembers some of them." if error is not None and gap > 5 * error else said


def _classes(run: FitRun) -> str:
    found, scores = results(run), results(run)["scores"]
    if "used_classes" not in scores:
        return ""
    said = f"{scores['used_classes']:g} of {found['classes']} classes hold at least 1% of the held-out samples"
    if "accuracy" not in scores:
        return f"{said}."
    seen = "some labels were given in training" if found["told"] else "labels were never used in training"
    return f"{said}; class accuracy {scores['accuracy']:.1%}, NMI {scores['nmi']:.3f} ({seen})."


def _content(run: FitRun) -> str:
    """A warning where the posterior of the content is hardly told from its prior for any sample."""
    moved, left = latents(run)["content"].var(axis=0), np.square(latents(run)["content_std"]).mean(axis=0)
    if float((moved / (moved + left)).max()) >= LITTLE:
        return ""
    return "Content says next to nothing of a sample. A smaller --beta-c gives it room; so may more --epochs."


def _poses(run: FitRun) -> str:
    spreads = [f"{one.name} {np.std(one.values):.3g} {one.unit}".strip() for one in pose(run)]
    return f"Spread of the pose (standard deviation): {', '.join(spreads)}." if spreads else ""


def facts(run: FitRun) -> Sequence[tuple[str, str]]:
    """The few numbers on top."""
    if not run.finished:
        return []
    found, scores = results(run), results(run)["scores"]
    known = (
        ("elbo", ".5g", "", f"held-out {score_name(run.spec.model)} [nat]"),
        ("accuracy", ".1%", "", "class accuracy, held-out"),
        ("used_classes", "g", f" of {found['classes']}", "classes in use"),
        ("rmse", ".3g", "", "root mean square error, held-out"),
    )
    shown = [(f"{scores[name]:{form}}{of}", what) for name, form, of, what in known if name in scores]
    return [*shown, (str(found["data"]["samples"]), "samples")]


def sections(run: FitRun) -> list[Section]:
    """The page."""
    if not run.finished:
        return []
    found = [
        _section("What the classes look like" if results(run)["classes"] else "What it learned", run, decoded_panels),
        _section("Where the samples lie", run, place_panels, table=class_table(run)),
        _section("Pose", run, pose_panels),
        _section("How well it fits", run, fit_panels, [data_words(results(run)["data"])]),
    ]
    return [one for one in found if one.panels or one.warnings or one.table]


def _section(
    title: str,
    run: FitRun,
    panels: Callable[[FitRun], list[Panel]],
    text: Sequence[str] = (),
    table: Table | None = None,
) -> Section:
    try:
        return Section(title, list(text), panels(run), table)
    except LatscapeError as error:
        warnings = [f"A part of the run could not be read again. {error}"]
        return Section(title, list(text), table=table, warnings=warnings)


def numbers(run: FitRun) -> dict[str, Any]:
    """For JSON: options, data, scores, pose, and what the arrays of `latents.npz` are."""
    kept = {name: value for name, value in results(run).items() if name not in ("history", "parameters")}
    return {"options": run.spec.stored(), **kept, "command": run.command}


def line(run: FitRun) -> dict[str, Any]:
    """For the list of runs."""
    scores = run.numbers("latents").get("scores", {})
    return {"elbo": scores.get("elbo"), "accuracy": scores.get("accuracy")}


def tables(run: FitRun) -> list[tuple[str, Table]]:
    """What each class holds."""
    table = class_table(run) if run.finished else None
    return [] if table is None else [("", table)]


def class_table(run: FitRun) -> Table | None:
    """What each class holds."""
    names, probs, rows = class_names(run), latents(run).get("class"), []
    if not names or probs is None:
        return None
    best, elbo = probs.argmax(axis=1), latents(run)["elbo"]
    for k, name in enumerate(names):
        chosen = best == k
        some = [f"{probs[chosen, k].mean():.3f}", f"{elbo[chosen].mean():.1f}"] if chosen.any() else ["–", "–"]
        rows.append([name, str(int(chosen.sum())), f"{chosen.mean():.1%}", *some])
    return Table(["most probable", "samples", "share", "mean probability", "mean ELBO [nat]"], rows)


STORY = Story(headline, sections, facts, numbers, line, tables, about=lambda run: run.spec.model)
