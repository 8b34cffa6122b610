"""The page of a fit, and what it says in words."""

import shlex
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from latscape.errors import LatscapeError
from latscape.report.latents import class_names, decoded_panels, fit_panels, place_panels
from latscape.report.page import Page, Section, Table, write_page
from latscape.report.pose import pose, pose_panels
from latscape.report.tables import duration
from latscape.studies.fitting import Fit

#: Share of the variance of a content number that differs between samples, below which it is not used.
LITTLE = 0.05


def write_fit_report(fit: Fit) -> Path:
    """Draw the figures of a fit and write its page; what is there already is replaced.

    Everything is read from the folder of the run: the file of samples may be gone.

    Returns
    -------
    Path
        `report.html`; the pictures lie also in `figures/`.

    Raises
    ------
    InputError
        If the folder cannot be written, or a part of the run cannot be read.
    """
    result = fit.result
    page = Page(
        about=["latscape fit", result["options"]["model"], f"seed {result['options']['seed']}", made(result)],
        headline=fit_headline(fit),
        facts=_facts(result),
        sections=_sections(fit),
        command=result["command"],
        again=("To draw this page again:", shlex.join(["latscape", "report", str(fit.folder)])),
        settings=settings(result),
        versions=result["versions"],
    )
    return write_page(fit.folder, page)


def fit_summary(fit: Fit) -> dict[str, Any]:
    """What `--json` prints: the result without its history, with the run (path) and the report (path or None)."""
    report = fit.folder / "report.html"
    kept = {name: value for name, value in fit.result.items() if name not in ("history", "versions", "parameters")}
    return {"run": str(fit.folder), **kept, "report": str(report) if report.exists() else None}


def fit_headline(fit: Fit) -> list[str]:
    """A few sentences, the most important first."""
    data, scores, options = fit.result["data"], fit.result["scores"], fit.result["options"]
    what, size = sample_words(data["shape"])
    classes = f" of {fit.classes} classes" if fit.classes else ""
    counted = f"fitted to {data['fitted']} {what} of {size}; {data['held_out']} more were held out"
    found = [
        f"{options['model']}{classes}, {counted}.",
        _elbo(scores, score_name(options["model"])),
        _classes(fit),
        _content(fit),
        _poses(fit),
    ]
    if fit.classes and not fit.told:
        hint = "`latscape classes` tells how far others agree."
        found.append(f"This is one fit with one seed, and another may part the samples otherwise: {hint}")
    return [sentence for sentence in found if sentence]


def sample_words(shape: list[int]) -> tuple[str, str]:
    """What samples of a shape are, and how large.

    Examples
    --------
    >>> sample_words([28, 28]), sample_words([120])
    (('images', '28 × 28 pixels'), ('curves', '120 values'))
    """
    if len(shape) == 1:
        return "curves", f"{shape[0]} values"
    channels = f" and {shape[2]} channels" if len(shape) == 3 else ""
    return "images", f"{shape[0]} × {shape[1]} pixels{channels}"


def score_name(model: str) -> str:
    """What the score of a model is: without a prior there is no bound, but the likelihood itself."""
    return "log-likelihood" if model == "ae" else "ELBO"


def made(result: dict[str, Any]) -> str:
    """When a result was made."""
    return f"{datetime.fromisoformat(result['created']):%Y-%m-%d %H:%M} UTC"


def settings(result: dict[str, Any]) -> dict[str, str]:
    """Options that were given, and what the preset made of them."""
    given = {name: str(value) for name, value in result["options"].items() if value not in (None, False)}
    return given | result["parameters"]


def data_words(data: dict[str, Any]) -> str:
    """Where the samples are from and what was done to them."""
    scaled = [f"{low:g} became 0 and {high:g} became 1" for low, high in data["scaling"].values()]
    done = f" Values were scaled linearly: {'; for the target '.join(scaled)}." if scaled else ""
    return f"Samples: {data['source']} ({data['licence']}).{done}"


def _elbo(scores: dict[str, float], name: str) -> str:
    error = scores.get("elbo_error")
    spread = f" ± {error:.2g} (standard error)" if error is not None else ""
    said = f"Held-out {name} {scores['elbo']:.5g}{spread} nat per sample; {scores['elbo_fitted']:.5g} on those fitted."
    gap = scores["elbo_fitted"] - scores["elbo"]
    return f"{said} The gap says that it remembers some of them." if error is not None and gap > 5 * error else said


def _classes(fit: Fit) -> str:
    scores = fit.result["scores"]
    if "used_classes" not in scores:
        return ""
    said = f"{scores['used_classes']:g} of {fit.classes} classes hold at least 1% of the held-out samples"
    if "accuracy" not in scores:
        return f"{said}."
    seen = "some labels were given in training" if fit.told else "labels were never used in training"
    return f"{said}; class accuracy {scores['accuracy']:.1%}, NMI {scores['nmi']:.3f} ({seen})."


def _content(fit: Fit) -> str:
    """A warning where the posterior of the content is hardly told from its prior for any sample."""
    moved, left = fit.latents["content"].var(axis=0), np.square(fit.latents["content_std"]).mean(axis=0)
    told = float((moved / (moved + left)).max())
    if told >= LITTLE:
        return ""
    return "Content says next to nothing of a sample. A smaller --beta-c gives it room; so may more --cycles."


def _poses(fit: Fit) -> str:
    spreads = [f"{one.name} {np.std(one.values):.3g} {one.unit}".strip() for one in pose(fit)]
    return f"Spread of the pose (standard deviation): {', '.join(spreads)}." if spreads else ""


def _facts(result: dict[str, Any]) -> list[tuple[str, str]]:
    scores, name = result["scores"], score_name(result["options"]["model"])
    facts = [(f"{scores['elbo']:.5g}", f"held-out {name} [nat]")]
    if "accuracy" in scores:
        facts.append((f"{scores['accuracy']:.1%}", "class accuracy, held-out"))
    if "used_classes" in scores:
        facts.append((f"{scores['used_classes']:g} of {result['options']['classes']}", "classes in use"))
    facts.append((f"{scores['rmse']:.3g}", "root mean square error, held-out"))
    return [*facts, (str(result["data"]["samples"]), "samples"), (duration(result["seconds"]), "training")]


def _sections(fit: Fit) -> list[Section]:
    looks = "What the classes look like" if fit.classes else "What it learned"
    sections = [
        _section(looks, fit, decoded_panels),
        _section("Where the samples lie", fit, place_panels, table=class_table(fit)),
        _section("Pose", fit, pose_panels),
        _section("How well it fits", fit, fit_panels, [data_words(fit.result["data"])]),
    ]
    return [one for one in sections if one.panels or one.warnings or one.table]


def _section(title: str, fit: Fit, panels: Any, text: list[str] | None = None, table: Table | None = None) -> Section:
    try:
        return Section(title, text or [], panels(fit), table)
    except LatscapeError as error:
        return Section(title, text or [], table=table, warnings=[f"A part of the run could not be read again. {error}"])


def class_table(fit: Fit) -> Table | None:
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
