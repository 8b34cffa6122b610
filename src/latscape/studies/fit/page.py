"""What a fit says in words, and its page."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from latscape.errors import LatscapeError
from latscape.runs import Run, Section, Story, Table
from latscape.studies.fit.latents import class_names, decoded_panels, fit_panels, place_panels
from latscape.studies.fit.pose import pose, pose_panels
from latscape.studies.fit.view import FitView, view
from latscape.studies.shared.options import SampleModelOptions
from latscape.studies.shared.words import data_words, sample_words

#: Share of the variance of a content number that differs between samples, below which it is not used.
LITTLE = 0.05


def headline(run: Run[SampleModelOptions]) -> list[str]:
    """A few sentences, the most important first."""
    if not run.finished:
        return ["The model is not trained yet."]
    fit = view(run)
    data, scores, options = fit.numbers["data"], fit.numbers["scores"], fit.run.spec
    what, size = sample_words(data["shape"])
    classes = f" of {fit.classes} classes" if fit.classes else ""
    counted = f"fitted to {data['fitted']} {what} of {size}; {data['held_out']} more were held out"
    found = [
        f"{options.model}{classes}, {counted}.",
        _elbo(scores, score_name(options.model)),
        _classes(fit),
        _content(fit),
        _poses(fit),
    ]
    if fit.classes and not fit.told:
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


def _classes(fit: FitView) -> str:
    scores = fit.numbers["scores"]
    if "used_classes" not in scores:
        return ""
    said = f"{scores['used_classes']:g} of {fit.classes} classes hold at least 1% of the held-out samples"
    if "accuracy" not in scores:
        return f"{said}."
    seen = "some labels were given in training" if fit.told else "labels were never used in training"
    return f"{said}; class accuracy {scores['accuracy']:.1%}, NMI {scores['nmi']:.3f} ({seen})."


def _content(fit: FitView) -> str:
    """A warning where the posterior of the content is hardly told from its prior for any sample."""
    moved, left = fit.latents["content"].var(axis=0), np.square(fit.latents["content_std"]).mean(axis=0)
    told = float((moved / (moved + left)).max())
    if told >= LITTLE:
        return ""
    return "Content says next to nothing of a sample. A smaller --beta-c gives it room; so may more --cycles."


def _poses(fit: FitView) -> str:
    spreads = [f"{one.name} {np.std(one.values):.3g} {one.unit}".strip() for one in pose(fit)]
    return f"Spread of the pose (standard deviation): {', '.join(spreads)}." if spreads else ""


def facts(run: Run[SampleModelOptions]) -> Sequence[tuple[str, str]]:
    """The few numbers on top."""
    if not run.finished:
        return []
    fit, name = view(run), score_name(run.spec.model)
    scores = fit.numbers["scores"]
    found = [(f"{scores['elbo']:.5g}", f"held-out {name} [nat]")]
    if "accuracy" in scores:
        found.append((f"{scores['accuracy']:.1%}", "class accuracy, held-out"))
    if "used_classes" in scores:
        found.append((f"{scores['used_classes']:g} of {fit.classes}", "classes in use"))
    found.append((f"{scores['rmse']:.3g}", "root mean square error, held-out"))
    return [*found, (str(fit.numbers["data"]["samples"]), "samples")]


def sections(run: Run[SampleModelOptions]) -> list[Section]:
    """The page."""
    if not run.finished:
        return []
    fit = view(run)
    looks = "What the classes look like" if fit.classes else "What it learned"
    found = [
        _section(looks, fit, decoded_panels),
        _section("Where the samples lie", fit, place_panels, table=class_table(fit)),
        _section("Pose", fit, pose_panels),
        _section("How well it fits", fit, fit_panels, [data_words(fit.numbers["data"])]),
    ]
    return [one for one in found if one.panels or one.warnings or one.table]


def numbers(run: Run[SampleModelOptions]) -> dict[str, Any]:
    """For JSON: options, data, scores, pose, and what the arrays of `latents.npz` are."""
    kept = {name: value for name, value in view(run).numbers.items() if name not in ("history", "parameters")}
    return {"options": run.spec.stored(), **kept, "command": run.command}


def line(run: Run[SampleModelOptions]) -> dict[str, Any]:
    """For the list of runs."""
    scores = run.numbers("latents").get("scores", {})
    return {"elbo": scores.get("elbo"), "accuracy": scores.get("accuracy")}


def about(run: Run[SampleModelOptions]) -> str:
    """Of which model."""
    return run.spec.model


def tables(run: Run[SampleModelOptions]) -> list[tuple[str, Table]]:
    """What each class holds."""
    table = class_table(view(run)) if run.finished else None
    return [] if table is None else [("", table)]


def _section(
    title: str, fit: FitView, panels: Any, text: list[str] | None = None, table: Table | None = None
) -> Section:
    try:
        return Section(title, text or [], panels(fit), table)
    except LatscapeError as error:
        return Section(title, text or [], table=table, warnings=[f"A part of the run could not be read again. {error}"])


def class_table(fit: FitView) -> Table | None:
    """What each class holds."""
    names, probs = class_names(fit), fit.latents.get("class")
    if names is None or probs is None:
        return None
    best, elbo, rows = probs.argmax(axis=1), fit.latents["elbo"], []
    for k, name in enumerate(names):
        chosen = best == k
        some = [f"{probs[chosen, k].mean():.3f}", f"{elbo[chosen].mean():.1f}"] if chosen.any() else ["–", "–"]
        rows.append([name, str(int(chosen.sum())), f"{chosen.mean():.1%}", *some])
    return Table(["most probable", "samples", "share", "mean probability", "mean ELBO [nat]"], rows)


STORY = Story(headline, sections, facts, numbers, line, tables, about=about)
