"""The page of a study of domains: walls, latents on the image, and what the walls are like in the latent plane."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latscape import plot
from latscape.plot.atom_maps import CIRCLE_MAP
from latscape.plot.styling import MARK
from latscape.runs import Panel, Run, Section, Story, axes_panel
from latscape.studies.domains.spec import DomainSpec
from latscape.studies.domains.stages import METHODS, patch_set
from latscape.studies.shared.panels import baseline_section, file_name, latent_maps, latent_scatter, manifold_panel

_FINDERS = {"canny": "Canny's filter", "unet": "network"}
_UNITS = {"count": "walls", "length": "pixels", "curvature": "1/pixel", "convexity": "1/pixel"}


def headline(run: Run[DomainSpec]) -> list[str]:
    """How much of walls there is, and what the latents say of them."""
    walls, learned = run.numbers("walls"), run.numbers("rvae")
    if not walls:
        return ["Nothing was found yet."]
    said = [
        f"Domain walls of {walls['about']}: {walls['canny_length']:.0f} pixels by Canny's filter, "
        f"{walls['unet_length']:.0f} by the network; {walls['walls_agree']:.0%} of both lie within 3 pixels "
        "of the other."
    ]
    if learned:
        read = ", ".join(f"{name} R² {value:.2f}" for name, value in learned["read"].items())
        said.append(f"Read from the latents of a patch by its nearest neighbours (cross-validated): {read or 'none'}.")
    return said


def facts(run: Run[DomainSpec]) -> list[tuple[str, str]]:
    """The few numbers on top."""
    walls = run.numbers("walls")
    return [(str(walls["patches"]), "patches")] if walls else []


def sections(run: Run[DomainSpec]) -> list[Section]:
    """For every stage that is done."""
    drawn = (("walls", _walls), ("rvae", _latents), ("rvae", _traits), ("baselines", _baselines))
    return [draw(run) for stage, draw in drawn if run.done(stage)]


def _walls(run: Run[DomainSpec]) -> Section:
    found = run.arrays("walls")

    def draw(figure: Figure) -> None:
        for ax, (name, title) in zip(figure.subplots(1, 2), _FINDERS.items(), strict=True):
            plot.picture(ax, found["image"])
            row, column = np.nonzero(found[name])
            ax.plot(column, row, "s", color=MARK, markersize=2.2, markeredgewidth=0)
            ax.set_title(title)

    panel = Panel("walls", "Walls.", draw, (10.0, 5.0), wide=True)
    return Section("Walls", [f"Image: {run.numbers('walls')['source']}."], [panel])


def _latents(run: Run[DomainSpec]) -> Section:
    seen, patches, panels = run.arrays("rvae"), patch_set(run), []
    for name, values in latent_maps(seen).items():
        angle, said = name.startswith("angle"), f"{name.capitalize()}."
        painted = patches.paint(values, "nearest" if angle else None)  # angles have no mean
        drawn = {"values": painted, "label": name, "cmap": CIRCLE_MAP if angle else "viridis"}
        panels.append(axes_panel(file_name(name), said, plot.painted, small=True, **drawn))
    panels.append(manifold_panel("manifold", "What is decoded over the latent plane.", seen["manifold"]))
    return Section("Latents painted onto the image", [], panels)


def _traits(run: Run[DomainSpec]) -> Section:
    content, walls, panels = run.arrays("rvae")["content"], run.arrays("walls"), []
    for name, unit in _UNITS.items():
        drawn = {"points": content, "values": walls[name].astype(float), "label": f"{name} [{unit}]"}
        caption = f"The latent plane by {name} of the walls."
        panels.append(axes_panel(f"latent-{name}", caption, latent_scatter, **drawn))
    return Section("What the walls are like, in the latent plane", [], panels)


def _baselines(run: Run[DomainSpec]) -> Section:
    patches = patch_set(run)

    def draw_map(ax: Axes, values: NDArray[np.float64], name: str, classes: bool) -> object:
        if classes:
            return plot.painted_classes(ax, patches.paint(values, "nearest"))
        return plot.painted(ax, patches.paint(values), label=name)

    return baseline_section(run, METHODS, draw_map)


STORY = Story(headline, sections, facts)
