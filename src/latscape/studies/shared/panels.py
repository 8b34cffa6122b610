"""Pictures that the pages of several studies share: latent planes, patches, methods without an autoencoder."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latscape import plot
from latscape.plot.baselines import DrawMap
from latscape.runs import Panel, Run, Section, axes_panel
from latscape.studies.shared.baselines import stored_baseline


def latent_maps(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float64]]:
    """Every number of the pose and the content of patches, by its label."""
    maps = {"angle [°]": np.degrees(arrays["angle"])}
    maps |= {"offset x": arrays["offset"][:, 0], "offset y": arrays["offset"][:, 1]}
    return maps | {f"content {k + 1}": values for k, values in enumerate(arrays["content"].T)}


def map_panels(
    maps: Mapping[str, NDArray[Any]], draw_map: DrawMap, caption: str, prefix: str = "", **look: Any
) -> list[Panel]:
    """A picture of each labelled map, as `draw_map` draws it on the image; `caption` has a gap for the label."""
    panels = []
    for label, values in maps.items():
        name, drawn = label.split(" [")[0], {"values": values, "label": label, "classes": False}
        said = caption.format(label.capitalize())
        panels.append(axes_panel(prefix + name.replace(" ", "-"), said, draw_map, **drawn, **look))
    return panels


def manifold_panel(name: str, caption: str, images: NDArray[np.float64]) -> Panel:
    """What is decoded over the latent plane, of every class."""
    images = images[..., images.shape[-1] // 2] if images.ndim == 5 else images  # of several times, now
    low, high = (float(end) for end in np.quantile(images, (0.002, 0.998)))

    def draw(figure: Figure) -> None:
        plot.manifolds(figure, images, columns=3, low=low, high=high)

    return Panel(name, caption, draw, (4.2 * min(3, len(images)), 4.2 * -(-len(images) // 3)), wide=len(images) > 1)


def latent_panel(name: str, about: str, unit: str, content: NDArray[Any], values: NDArray[Any]) -> Panel:
    """The latent plane with every patch coloured by a number; grey where that is not known."""
    labels = ("content 1", "content 2" if content.shape[1] > 1 else "")
    plane = {"latents": content, "values": values.astype(float), "label": f"{about} [{unit}]", "labels": labels}
    return axes_panel(f"latent-{name}", f"The latent plane by {about}.", plot.embedding, **plane)


def baseline_section(run: Run[Any], notes: Mapping[str, str], methods: Sequence[str], draw_map: DrawMap) -> Section:
    """What other methods found, noted by name."""
    arrays = run.arrays("baselines")
    panels = [
        Panel(
            f"baseline-{name}",
            f"{name}: patterns, and where they are.",
            partial(plot.decomposition_maps, found=stored_baseline(name, arrays, notes[name]), draw_map=draw_map),
            (11.0, 4.6),
            wide=True,
        )
        for name in methods
        if f"{name}_values" in arrays
    ]
    return Section("The same patches without an autoencoder", [], panels)
