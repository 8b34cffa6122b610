"""The page of a study of domains: walls, latents on the image, and what the walls are like in the latent plane."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latscape import plot
from latscape.plot.atom_maps import CIRCLE_MAP
from latscape.plot.baselines import DrawMap
from latscape.plot.styling import MARK
from latscape.runs import Panel, Run, Section
from latscape.studies.domains.spec import DomainSpec
from latscape.studies.domains.stages import METHODS, TRAITS, patch_set
from latscape.studies.shared.pages import stage_story
from latscape.studies.shared.panels import baseline_section, latent_maps, latent_panel, manifold_panel, map_panels

_FINDERS = {"canny": "Canny's filter", "unet": "network"}
DomainRun = Run[DomainSpec]


def _walls_sentence(run: DomainRun, walls: dict[str, Any]) -> str:
    return (
        f"Domain walls of {walls['about']}: {walls['canny_length']:.0f} pixels by Canny's filter, "
        f"{walls['unet_length']:.0f} by the network; {walls['walls_agree']:.0%} of both lie within 3 pixels "
        "of the other."
    )


def _read_sentence(run: DomainRun, learned: dict[str, Any]) -> str:
    read = ", ".join(f"{name} R² {value:.2f}" for name, value in learned["read"].items())
    return f"Read from the latents of a patch by its nearest neighbours (cross-validated): {read or 'none'}."


def _walls(run: DomainRun, numbers: dict[str, Any]) -> Section:
    found = run.arrays("walls")

    def draw(figure: Figure) -> None:
        for ax, (name, title) in zip(figure.subplots(1, 2), _FINDERS.items(), strict=True):
            plot.grey_image(ax, found["image"])
            row, column = np.nonzero(found[name])
            ax.plot(column, row, "s", color=MARK, markersize=2.2, markeredgewidth=0)
            ax.set_title(title)

    panel = Panel("walls", "Walls.", draw, (10.0, 5.0), wide=True)
    return Section("Walls", [f"Image: {numbers['source']}."], [panel])


def _latents(run: DomainRun, numbers: dict[str, Any]) -> list[Section]:
    seen, walls = run.arrays("rvae"), run.arrays("walls")
    panels = map_panels(latent_maps(seen), _on_image(run), "{}.", small=True)
    panels.append(manifold_panel("manifold", "What is decoded over the latent plane.", seen["manifold"]))
    planes = [latent_panel(name, name, unit, seen["content"], walls[name]) for name, unit in TRAITS.items()]
    return [
        Section("Latents painted onto the image", [], panels),
        Section("What the walls are like, in the latent plane", [], planes),
    ]


def _baselines(run: DomainRun, notes: dict[str, str]) -> Section:
    return baseline_section(run, notes, METHODS, _on_image(run))


def _on_image(run: DomainRun) -> DrawMap:
    """Numbers or classes of patches painted over the image."""
    patches = patch_set(run)

    def draw(ax: Axes, values: NDArray[np.float64], label: str, classes: bool) -> object:
        if classes:
            return plot.class_map(ax, patches.paint(values, "nearest"))
        if label.startswith("angle"):  # angles have no mean
            return plot.value_map(ax, patches.paint(values, "nearest"), label=label, cmap=CIRCLE_MAP)
        return plot.value_map(ax, patches.paint(values), label=label)

    return draw


STORY = stage_story(
    {"walls": _walls_sentence, "rvae": _read_sentence},
    {"walls": _walls, "rvae": _latents, "baselines": _baselines},
    {"walls": lambda run, walls: (str(walls["patches"]), "patches")},
)
