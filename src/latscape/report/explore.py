"""The page of an experiment."""

import shlex
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.spatial import KDTree

from latscape import plot
from latscape.campaign.evaluation import Evaluation
from latscape.lab.measurement import Measurement
from latscape.lab.windows import candidates_of
from latscape.plot.style import STD_MAP
from latscape.report.page import Page, Section, write_page
from latscape.report.panels import Panel, on_axes
from latscape.report.tables import duration, failures
from latscape.studies.doubts import doubts, foretold
from latscape.studies.explore import Exploration, judged

FILM = 6  # steps that are shown, first and last among them


def explore_summary(run: Exploration) -> dict[str, Any]:
    """What `--json` prints: plain numbers, None where there is none.

    Returns
    -------
    dict
        run (path), finished, seconds [s], evaluations (done), failed, measured (share of the places), best_value,
        best_place, scalarizer, policy, stopped (why), report (path or None); and where the truth is known r2, top_found
        and regret, see `studies.explore.judged`.
    """
    done = [one for one in run.evaluations if one.value is not None]
    best = max(done, key=lambda one: float(one.value or 0.0), default=None)
    places, report = run.survey("places"), run.folder / "report.html"
    found = {
        "run": str(run.folder),
        "finished": run.record.get("stopped") is not None,
        "seconds": float(run.record.get("seconds") or 0.0),
        "evaluations": len(done),
        "failed": sum(one.status == "failed" for one in run.evaluations),
        "measured": len(run.evaluations) / len(places) if places is not None else None,
        "best_value": None if best is None else best.value,
        "best_place": None if best is None else best.where.tolist(),
        "scalarizer": run.words,
        "policy": run.settings.policy,
        "stopped": run.record.get("stopped"),
        "report": str(report) if report.exists() else None,
    }
    return found | {name: value if np.isfinite(value) else None for name, value in verdict(run).items()}


def verdict(run: Exploration) -> dict[str, float]:
    """How good the run was, where the truth is known and something was predicted."""
    truth, places, newest = run.survey("truth"), run.survey("places"), run.record.newest("mean")
    done = [one for one in run.evaluations if one.value is not None]
    if truth is None or places is None or newest is None or not done:
        return {}
    index = _indices(places, done)
    return judged(truth, newest[1], index, np.array([one.value for one in done]))


def headline(run: Exploration) -> list[str]:
    """Sentences, the most important first."""
    found = explore_summary(run)
    if found["best_value"] is None:
        return [f"Nothing could be measured: all {found['failed']} measurements failed."]
    row, column = found["best_place"]
    first = (
        f"The best of {found['evaluations']} measurements ({found['measured']:.1%} of the places) scored "
        f"{found['best_value']:.4g} at row {row:g}, column {column:g}."
    )
    sentences = [first, f"Scored by {run.words}, policy {run.settings.policy}."]
    if found["stopped"]:
        sentences.append(f"It ended because: {found['stopped']}.")
    if found.get("top_found") is not None:
        r2 = f"{found['r2']:.2f}" if found.get("r2") is not None else "unknown"
        sentences.append(
            f"Against what was recorded everywhere: {found['top_found']:.0%} of the best places were measured, and the "
            f"prediction of the others has an R² of {r2}."
        )
    rescored = run.record.get("rescored")
    if rescored:
        sentences.append(f"The measurements are those of {rescored['of']}, scored there by {rescored['from']}.")
    return sentences


def write_explore_report(run: Exploration) -> Path:
    """Draw the figures of an experiment and write its page; what is there already is replaced.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    found, settings, about = explore_summary(run), run.settings, run.record.get("about") or {}
    begun = f"begun {datetime.fromisoformat(run.record.meta('created')):%Y-%m-%d %H:%M} UTC"
    facts = [
        (None if found["best_value"] is None else f"{found['best_value']:.4g}", f"best {run.words}"),
        (str(found["evaluations"]), "measurements" + (f", {found['failed']} failed" if found["failed"] else "")),
        (None if found["measured"] is None else f"{found['measured']:.1%}", "of the places"),
        (f"{found['top_found']:.0%}" if found.get("top_found") is not None else None, "of the best places found"),
        (f"{found['r2']:.2f}" if found.get("r2") is not None else None, "R² of the prediction"),
        (duration(found["seconds"]), "wall time"),
    ]
    page = Page(
        about=["latscape explore", str(about.get("about", "")), f"seed {settings.seed}", begun],
        headline=headline(run),
        facts=[(number, what) for number, what in facts if number is not None],
        sections=_sections(run),
        command=run.record.get("command") or "",
        again=("To go on where it stood, or to see it again:", shlex.join(["latscape", "resume", str(run.folder)])),
        settings={name: str(value) for name, value in vars(settings).items() if value is not None},
        versions=run.record.meta("versions"),
    )
    return write_page(run.folder, page)


def doubtful(run: Exploration) -> list[str]:
    """What should make one doubt the run, see `studies.doubts`."""
    image, places, newest = run.survey("survey"), run.survey("places"), run.record.newest("mean")
    done = [one for one in run.evaluations if one.value is not None]
    if image is None or places is None or not done:
        return []
    patches = candidates_of(image, places, run.settings.side).patches
    arrays = {} if newest is None else run.record.arrays(newest[0])
    index = {one.index: int(k) for one, k in zip(done, _indices(places, done), strict=True)}
    told = foretold(run.record, run.evaluations, index)
    learned = arrays.get("embedding") if learns_map(run) else None
    return doubts(run.evaluations, patches, _indices(places, done), told, learned)


def learns_map(run: Exploration) -> bool:
    """Whether the embedding is that of a network."""
    return run.settings.surrogate != "exact"


def _sections(run: Exploration) -> list[Section]:
    done = [one for one in run.evaluations if one.value is not None]
    places = run.survey("places")
    sections: list[Section] = []
    if done and places is not None:
        panels = [_path(run), *_final(run, places, done)]
        sections.append(Section("What was found", panels=panels, warnings=doubtful(run)))
        sections.append(Section("What was measured", panels=[*_spectra(done), _convergence(run)]))
    steps = _film(run.steps())
    if steps and places is not None:
        text = [
            "What the surrogate made of the sample before it chose where to measure next. The record keeps these maps "
            f"for all {len(run.steps())} steps."
        ]
        sections.append(Section("Step by step", text, [_step(run, places, number) for number in steps]))
    history = run.record.get("scalarizers") or []
    if len(history) > 1:
        words = "; ".join(f"from measurement {one['from'] + 1} on {_named(one['scalarizer'])}" for one in history)
        sections.append(Section("Scalarizers", [f"What counted as interesting was changed on the way: {words}."]))
    if any(one.status == "failed" for one in run.evaluations):
        sections.append(Section("Failures", table=failures(run.evaluations)))
    return sections


def _path(run: Exploration) -> Panel:
    image = run.survey("survey")
    assert image is not None
    where = np.array([one.where for one in run.evaluations if one.status == "done"])
    failed = np.array([one.where for one in run.evaluations if one.status == "failed"]).reshape(-1, 2)
    label = (run.record.get("about") or {}).get("image", "image")
    return Panel(
        "path",
        f"The cheap image ({label}) and where the experiment measured, dark first; crosses failed.",
        on_axes("a  Image and path", lambda ax: plot.survey(ax, image, where, failed)),
        (5.4, 4.4),
    )


def _final(run: Exploration, places: NDArray, done: list[Evaluation]) -> list[Panel]:
    newest = run.record.newest("mean")
    if newest is None:
        return []
    number, mean = newest
    arrays, where = run.record.arrays(number), np.array([one.where for one in done])
    panels = [
        _map("prediction", f"b  Prediction of {run.words}", "What is expected of every place.", places, mean, where),
        _map(
            "uncertainty",
            "c  Uncertainty",
            "Standard deviation of the prediction: where nothing like it was measured.",
            places,
            arrays["std"],
            where,
            STD_MAP,
        ),
    ]
    truth = run.survey("truth")
    if truth is not None:
        about = "What was recorded there, which the experiment did not know."
        panels.append(_map("truth", "d  Truth", about, places, truth, None))
    if "embedding" in arrays:
        index = _indices(places, done)
        about = "Where the deep kernel puts the patches, by prediction; circles were measured."
        axis = "latent"
        if not learns_map(run):
            axis = "direction"
            about = (
                "The patches along the two directions of their looks in which the prediction changes most (active "
                "subspace), by prediction; circles were measured."
            )
        draw = on_axes("e  Embedding", lambda ax: plot.embedding(ax, arrays["embedding"], mean, index, axis=axis))
        panels.append(Panel("embedding", about, draw, (5.4, 4.4)))
    return panels


def _map(
    name: str, title: str, caption: str, places: NDArray, values: NDArray, where: NDArray | None, cmap: str = "viridis"
) -> Panel:
    def draw(ax: Any) -> None:
        plot.place_map(ax, places, values, measured=where, label=title.split("  ")[-1].lower(), cmap=cmap)

    return Panel(name, caption, on_axes(title, draw), (5.4, 4.4))


def _spectra(done: list[Evaluation]) -> list[Panel]:
    """The best measurement beside the median one."""
    ranked = sorted(done, key=lambda one: float(one.value or 0.0))
    chosen = {"best": ranked[-1], "median": ranked[len(ranked) // 2], "least": ranked[0]}
    kept = {name: Measurement.kept(one) for name, one in chosen.items()}
    found = {name: one for name, one in kept.items() if one is not None}
    if not found:
        return []
    first = next(iter(found.values()))
    if first.y.ndim == 2 and min(first.y.shape) > 4:
        return [
            Panel("patterns", "The best, the median and the least pattern.", partial(_patterns, found), (9, 3.2), True)
        ]
    x = first.axes[0]
    curves = [np.nanmean(one.y.reshape(len(one.y), -1), axis=1) for one in found.values()]
    names = [f"{name} ({chosen[name].value:.3g})" for name in found]
    draw = on_axes("", lambda ax: plot.spectra(ax, x.x, curves, names, xlabel=x.label))
    about = "The best, the median and the least measurement, by score; further axes are averaged."
    return [Panel("spectra", about, draw)]


def _patterns(found: dict[str, Measurement], figure: Figure) -> None:
    for ax, (name, one) in zip(figure.subplots(1, len(found), squeeze=False)[0], found.items(), strict=True):
        plot.pattern(ax, one.axes[1].x, one.axes[0].x, one.y, labels=(one.axes[1].label, one.axes[0].label))
        ax.set_title(name)


def _convergence(run: Exploration) -> Panel:
    draw = on_axes("", lambda ax: plot.convergence(ax, run.evaluations, label=run.words))
    return Panel("convergence", "Every measurement in order, with the best so far.", draw)


def _step(run: Exploration, places: NDArray, number: int) -> Panel:
    arrays = run.record.arrays(number)
    before = [one for one in run.evaluations if one.index < number and one.value is not None]
    return Panel(
        f"step-{number:04d}",
        f"After {number} measurements.",
        partial(_draw_step, arrays, places, before, number),
        (12.0, 3.1),
        wide=True,
    )


def _draw_step(
    arrays: dict[str, NDArray], places: NDArray, before: list[Evaluation], number: int, figure: Figure
) -> None:
    names = [name for name in ("acquisition", "mean", "std") if name in arrays]
    titles = {"acquisition": "acquisition, upper half", "mean": "prediction", "std": "uncertainty"}
    axes = figure.subplots(1, len(names) + ("embedding" in arrays), squeeze=False)[0]
    where = np.array([one.where for one in before]).reshape(-1, 2)
    for ax, name in zip(axes, names, strict=False):
        values, shown, cmap = arrays[name], where, STD_MAP if name == "std" else "viridis"
        if name == "acquisition":  # a logarithm falls so far that all promising places would be of one colour
            values, shown = np.maximum(values, np.median(values)), None
        plot.place_map(ax, places, values, measured=shown, label=" ", cmap=cmap)
        ax.set_title(f"{number}: {titles[name]}")
    if "embedding" in arrays:
        plot.embedding(axes[-1], arrays["embedding"], arrays["mean"], _indices(places, before), axis="")
        axes[-1].set_title("embedding")


def _film(steps: list[int]) -> list[int]:
    """At most `FILM` of the steps, evenly spread."""
    chosen = np.unique(np.linspace(0, len(steps) - 1, min(FILM, len(steps))).round().astype(int)) if steps else []
    return [steps[index] for index in chosen]


def _indices(places: NDArray, rows: list[Evaluation]) -> NDArray[np.intp]:
    where = np.array([one.where for one in rows]).reshape(-1, places.shape[1])
    return np.asarray(KDTree(places).query(where)[1], dtype=np.intp)


def _named(scalarizer: Any) -> str:
    options = {name: value for name, value in scalarizer.items() if name != "name"}
    return f"{scalarizer['name']}({', '.join(f'{name}={value}' for name, value in options.items())})"
