"""The pages of domains, of a spectrum image and of a movie."""

from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latscape import plot
from latscape.plot.sites import CIRCLE_MAP
from latscape.plot.style import MARK, MUTED, PALETTE
from latscape.report.atoms import manifold_panel, rebuilt, tiles
from latscape.report.page import Section, Table
from latscape.report.panels import Panel, on_axes
from latscape.report.study import Content
from latscape.studies.domains import METHODS, TRAITS, patch_set
from latscape.studies.study import NamedStudy

_UNITS = {
    "count": "walls",
    "length": "pixels",
    "curvature": "1/pixel",
    "convexity": "1/pixel",
    "velocity": "pixels/frame",
}
_WORDS = {"pinned": "distance to the nearest pinning site"}
_ALONG = {"eV": "energy", "keV": "energy", "nm": "wavelength", "V": "bias", "1/cm": "wavenumber", "Hz": "frequency"}


def domains(study: NamedStudy) -> Content:
    """What the study of domains says, as far as it has come."""
    walls, learned = study.numbers("walls"), study.numbers("rvae")
    if not walls:
        return Content(["Nothing was found yet."], [], [])
    said = [
        f"Domain walls of {walls['about']}: {walls['canny_length']:.0f} pixels by Canny's filter, "
        f"{walls['unet_length']:.0f} by the network; {walls['walls_agree']:.0%} of both lie within 3 pixels "
        "of the other."
    ]
    if learned:
        read = ", ".join(f"{name} R² {value:.2f}" for name, value in learned["read"].items())
        said.append(f"Read from the latents of a patch by its nearest neighbours (cross-validated): {read}.")
    sections = [_walls(study)]
    if learned:
        sections += [_latents(study), _traits(study)]
    if study.numbers("baselines"):
        sections.append(_baselines(study))
    return Content(said, [(str(walls["patches"]), "patches")], sections)


def _walls(study: NamedStudy) -> Section:
    found = study.arrays("walls")

    def draw(figure: Figure) -> None:
        for ax, name in zip(figure.subplots(1, 2), ("canny", "unet"), strict=True):
            plot.picture(ax, found["image"])
            row, column = np.nonzero(found[name])
            ax.plot(column, row, "s", color=MARK, markersize=2.2, markeredgewidth=0)
            ax.set_title({"canny": "Canny's filter", "unet": "network"}[name])

    return Section(
        "Walls",
        [f"Image: {study.numbers('walls')['source']}."],
        [Panel("walls", "Walls.", draw, (10.0, 5.0), wide=True)],
    )


def _latents(study: NamedStudy) -> Section:
    seen, patches = study.arrays("rvae"), patch_set(study)
    maps = {"angle [°]": np.degrees(seen["angle"]), "offset x": seen["offset"][:, 0], "offset y": seen["offset"][:, 1]}
    maps |= {f"content {k + 1}": values for k, values in enumerate(seen["content"].T)}
    panels = []
    for name, values in maps.items():
        angle = name.startswith("angle")
        image = patches.paint(values, "nearest" if angle else None)  # angles have no mean
        draw = partial(plot.painted, values=image, label=name, cmap=CIRCLE_MAP if angle else "viridis")
        panels.append(
            Panel(name.split(" [")[0].replace(" ", "-"), f"{name.capitalize()}.", on_axes("", draw), small=True)
        )
    panels.append(manifold_panel("manifold", "What is decoded over the latent plane.", seen["manifold"]))
    return Section("Latents painted onto the image", [], panels)


def _traits(study: NamedStudy) -> Section:
    content, walls, panels = study.arrays("rvae")["content"], study.arrays("walls"), []
    for name in TRAITS:
        values = walls[name].astype(float)
        draw = partial(coloured, points=content[:, :2], values=values, label=f"{name} [{_UNITS[name]}]")
        panels.append(Panel(f"latent-{name}", f"The latent plane by {name} of the walls.", on_axes("", draw)))
    return Section("What the walls are like, in the latent plane", [], panels)


def _baselines(study: NamedStudy) -> Section:
    seen, notes, patches = study.arrays("baselines"), study.numbers("baselines")["baselines"], patch_set(study)

    def draw_map(ax: Axes, values: NDArray[np.float64], name: str, classes: bool) -> object:
        if classes:
            return plot.painted_classes(ax, patches.paint(values, "nearest"))
        return plot.painted(ax, patches.paint(values), label=name)

    panels = [
        Panel(
            f"baseline-{name}",
            f"{name}: patterns, and where they are.",
            partial(plot.baseline, found=rebuilt(name, seen, notes[name]), draw_map=draw_map),
            (11.0, 4.6),
            wide=True,
        )
        for name in METHODS
    ]
    return Section("The same patches without an autoencoder", [], panels)


def coloured(ax: Axes, points: NDArray, values: NDArray, label: str) -> None:
    """The latent plane with every patch coloured by a number."""
    known = np.isfinite(values)
    low, high = np.quantile(values[known], [0.02, 0.98]) if known.any() else (0.0, 1.0)
    ax.scatter(*points[~known].T, s=5, color="#d5dbe1", linewidths=0)
    dots = ax.scatter(*points[known].T, s=7, c=values[known], vmin=low, vmax=high, cmap="viridis", linewidths=0)
    plot.colorbar(ax, dots, label)
    ax.set_xlabel("content 1")
    ax.set_ylabel("content 2")


def spectrum_image(study: NamedStudy) -> Content:
    """What the study of a spectrum image says."""
    found, nmf, vae = (study.numbers(stage) for stage in ("data", "nmf", "vae"))
    if not found:
        return Content(["Nothing was found yet."], [], [])
    what = (
        "Poisson deviance per spectrum of counts that were not learned" if found["counts"] else "root mean square error"
    )
    rows_ = [
        (name, one[key])
        for name, one, key in (
            ("mean spectrum", nmf, "mean_score"),
            ("NMF", nmf, "nmf_score"),
            ("VAE", vae, "vae_score"),
        )
        if key in one
    ]
    said = [
        f"{' × '.join(map(str, found['shape'][:2]))} spectra of {found['shape'][2]} channels, "
        f"{found['mean_counts']:.4g} counts each."
    ]
    if vae:
        better = "less" if vae["vae_score"] < nmf["nmf_score"] else "more"
        said.append(
            f"{what.capitalize()}: VAE {vae['vae_score']:.4g}, {better} than NMF with as many numbers, "
            f"{nmf['nmf_score']:.4g}."
        )
    table = Table(["method", what], [[name, f"{value:.4g}"] for name, value in rows_])
    sections = (
        [Section("How well they tell what was not seen", [f"File: {found['source']}."], [], table)] if rows_ else []
    )
    for stage, draw in (("nmf", _nmf_panels), ("vae", _vae_panels)):
        if study.numbers(stage):
            sections.append(Section({"nmf": "NMF", "vae": "VAE"}[stage], [], draw(study)))
    return Content(said, [], sections)


def _nmf_panels(study: NamedStudy) -> list[Panel]:
    seen = study.arrays("nmf")
    return _pairs("nmf", "factor", study, seen["loading"], [[one] for one in seen["components"]])


def _vae_panels(study: NamedStudy) -> list[Panel]:
    seen = study.arrays("vae")
    return _pairs("vae", "content", study, seen["content"], list(seen["decoded"]))


def _pairs(name: str, what: str, study: NamedStudy, values: NDArray, curves: list) -> list[Panel]:
    x, numbers = study.arrays("data")["position"], study.numbers("data")
    unit, shape, what_of = numbers["unit"], numbers["shape"], "counts" if numbers["counts"] else "intensity"

    def draw(figure: Figure, k: int) -> None:
        above, below = figure.subplots(1, 2, width_ratios=(1.5, 1))
        for curve, color in zip(curves[k], (PALETTE[0], PALETTE[1]), strict=False):
            above.plot(x, curve, color=color, linewidth=1.0)
        above.set_xlabel(f"{_ALONG.get(unit, 'position')} [{unit}]" if unit else "channel")
        above.set_ylabel(what_of)
        if len(curves[k]) > 1:
            above.legend(["5th percentile", "95th percentile"], loc="upper right")
        plot.painted(below, values[:, k].reshape(shape[0], shape[1]), label=f"{what} {k + 1}")

    captions = {
        "nmf": "its spectrum, and where it is",
        "vae": "spectra at its 5th and 95th percentile, and where it is",
    }
    return [
        Panel(
            f"{name}-{k + 1}",
            f"{what.capitalize()} {k + 1}: {captions[name]}.",
            partial(draw, k=k),
            (9.0, 3.2),
            wide=True,
        )
        for k in range(values.shape[1])
    ]


def movie(study: NamedStudy) -> Content:
    """What the study of a movie says."""
    found, learned, guessed = (study.numbers(stage) for stage in ("movie", "rvae", "predict"))
    if not found:
        return Content(["Nothing was found yet."], [], [])
    said = [f"{found['shape'][0]} frames of {found['shape'][1]} × {found['shape'][2]} pixels; {found['source']}."]
    sections = [
        Section(
            "Frames",
            [],
            [
                Panel(
                    "frames",
                    "Frames, with pinning sites where they are known.",
                    partial(_frames, study=study),
                    (11.0, 3.0),
                    wide=True,
                )
            ],
        )
    ]
    if learned:
        read = ", ".join(f"{name} {one['knn']:.2f}" for name, one in learned["read"].items())
        said.append(
            f"R² of what a time-delay rVAE of {learned['patches']} patches knows "
            f"(nearest neighbours, cross-validated): {read}."
        )
        sections.append(_movie_latents(study))
    if guessed:
        for way in ("forward", "reverse"):
            one = guessed[way]
            said.append(
                f"{way.capitalize()} prediction of later frames: error {one['ved']:.3f}; "
                f"that of no motion {one['no_motion']:.3f}."
            )
        sections.append(
            Section(
                "Forward and reverse",
                [],
                [
                    Panel(
                        "predicted",
                        "This frame; the true other one; the predicted one. Left forward, right reverse.",
                        partial(_guesses, arrays=study.arrays("predict")),
                        (8.0, 3.4),
                        wide=True,
                    )
                ],
            )
        )
    return Content(said, [], sections)


def _frames(figure: Figure, study: NamedStudy) -> None:
    found = study.arrays("movie")
    for ax, t in zip(figure.subplots(1, 5), np.linspace(0, len(found["movie"]) - 1, 5).astype(int), strict=True):
        plot.picture(ax, found["movie"][t])
        if "pin" in found:
            ax.plot(found["pin"][:, 1], found["pin"][:, 0], "+", color=MARK, markersize=3)
        at = found["position"][found["frame"] == t]
        ax.plot(at[:, 1], at[:, 0], ".", color=PALETTE[1], markersize=1.5)
        ax.set_title(f"t = {t}", color=MUTED)


def _movie_latents(study: NamedStudy) -> Section:
    seen, found = study.arrays("rvae"), study.arrays("movie")
    panels = []
    for name in study.numbers("rvae")["read"]:
        values = found[name][seen["point"]]
        label = f"{_WORDS.get(name, name)} [{_UNITS.get(name, 'pixels')}]"
        draw = partial(coloured, points=seen["content"][:, :2], values=values, label=label)
        panels.append(Panel(f"latent-{name}", f"The latent plane by {_WORDS.get(name, name)}.", on_axes("", draw)))
    panels.append(
        Panel(
            "patches",
            "Some patches: before, now, after.",
            on_axes("", partial(tiles, images=seen["shown"], columns=9)),
            small=True,
        )
    )
    rows = [[name, f"{one['knn']:.3f}", f"{one['linear']:.3f}"] for name, one in study.numbers("rvae")["read"].items()]
    return Section(
        "What the latents know", [], panels, Table(["of the wall", "R², nearest neighbours", "R², linear"], rows)
    )


def _guesses(figure: Figure, arrays: dict[str, NDArray]) -> None:
    for ax, way in zip(figure.subplots(1, 2), ("forward", "reverse"), strict=True):
        rows = np.concatenate([arrays[f"{way}_{name}"] for name in ("now", "true", "guess")])
        plot.samples(ax, rows, columns=8)
        ax.set_title(way)
        for row, word in enumerate(("this", "true", "predicted")):
            ax.text(-0.01, 1 - (row + 0.5) / 3, word, transform=ax.transAxes, ha="right", va="center")
