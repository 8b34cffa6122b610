"""The page of a study of atoms: where they are, what was learned of each, and what a perfect crystal gives."""

from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latscape import plot
from latscape.patches.baselines import Baseline
from latscape.plot.sites import CIRCLE_MAP
from latscape.report.page import Section, Table
from latscape.report.panels import Panel, on_axes
from latscape.report.study import Content
from latscape.studies.atoms import METHODS
from latscape.studies.study import NamedStudy

_KINDS = {"pca": "components", "nmf": "components", "isomap": "embedding", "tsne": "embedding", "umap": "embedding"}
_HIGH = 4.0  # deviations above chance from which a map is said to have structure


def content(study: NamedStudy) -> Content:
    """What the study says, as far as it has come."""
    made = {"atoms": _atoms, "rvae": _rvae, "jrvae": _jrvae, "baselines": _baselines, "control": _control}
    sections = [draw(study) for stage, draw in made.items() if stage in study.result["stages"]]
    return Content(_headline(study), _facts(study), [one for one in sections if one.panels or one.text or one.table])


def _headline(study: NamedStudy) -> list[str]:
    found, learned, control = (study.numbers(stage) for stage in ("atoms", "rvae", "control"))
    if not found:
        return ["Nothing was found yet."]
    said = [f"{found['atoms']} atoms were found in {found['about']}, {found['clean_share']:.0%} of which is clean."]
    if "neighbour_nm" in found:
        said.append(
            f"The median distance of neighbouring atoms is {found['neighbour_nm']:.4f} nm, "
            f"{found['neighbour_ratio'] - 1:+.1%} from the crystal's {study.settings.distance:g} nm."
        )
        if "metal_nm" in found:
            said.append(f"Metal atoms are {found['metal_nm']:.4f} nm apart, {found['metal_ratio'] - 1:+.1%}.")
    else:
        said.append(f"The median distance of neighbouring atoms is {found['neighbour_pixels']:.2f} pixels.")
    if learned:
        said.append(_structure_words(learned["structure"]))
    if "control_structure" in control:
        said.append(f"In a perfect crystal with the same noise: {_structure_words(control['control_structure'])}")
    return said


def _structure_words(structure: dict[str, list[float]]) -> str:
    strong = [f"{name} ({index:.2f}, {z:.0f} σ)" for name, (index, z, _) in structure.items() if abs(z) >= _HIGH]
    if not strong:
        return f"no map has structure (Moran's I within {_HIGH:g} σ of chance)."
    return f"maps with structure, by Moran's I: {', '.join(strong)}."


def _facts(study: NamedStudy) -> list[tuple[str, str]]:
    found = study.numbers("atoms")
    facts = [(str(found["atoms"]), "atoms")] if found else []
    if "neighbour_nm" in found:
        facts.append((f"{found['neighbour_nm']:.4f} nm", "neighbouring atoms, median"))
        facts.append((f"{found['neighbour_ratio'] - 1:+.1%}", "against the crystal"))
    learned = study.numbers("rvae")
    return [*facts, (str(learned["patches"]), "patches")] if learned else facts


def _atoms(study: NamedStudy) -> Section:
    found, numbers = study.arrays("atoms"), study.numbers("atoms")
    pixel = numbers["pixel_nm"] or 1.0
    expected = study.settings.distance if numbers["pixel_nm"] else None
    panels = [
        Panel(
            "atoms",
            f"Every atom that was found by {study.settings.method!r}, on the image, which is smoothed by an eighth of "
            "the distance of neighbours.",
            on_axes(
                "",
                partial(
                    plot.sites,
                    image=found["image"],
                    position=found["position"],
                    smooth=numbers["spacing_pixels"] / 8.0,
                ),
            ),
            (6.4, 6.4),
        ),
        Panel(
            "distances",
            "Distances of neighbouring atoms in all directions; the band is 3 % to either side of the crystal's.",
            on_axes(
                "",
                partial(
                    plot.neighbour_distances,
                    distances=found["bonds"] * pixel,
                    expected=expected,
                    unit="nm" if numbers["pixel_nm"] else "pixels",
                ),
            ),
        ),
    ]
    return Section("Atoms", [f"Image: {numbers['source']}."], panels)


def _rvae(study: NamedStudy) -> Section:
    found, seen = study.arrays("atoms"), study.arrays("rvae")
    at = found["position"][seen["site"]]
    maps = {"angle [°]": np.degrees(seen["angle"]), "offset x": seen["offset"][:, 0], "offset y": seen["offset"][:, 1]}
    maps |= {f"content {k + 1}": values for k, values in enumerate(seen["content"].T)}
    panels = [
        Panel(
            f"rvae-{name.split(' [')[0].replace(' ', '-')}",
            f"{name.capitalize()} of every patch on the image.",
            on_axes(
                "",
                partial(
                    plot.sites,
                    image=found["image"],
                    position=at,
                    values=values,
                    label=name,
                    cmap=CIRCLE_MAP if name.startswith("angle") else "viridis",
                ),
            ),
            (6.0, 5.2),
        )
        for name, values in maps.items()
    ]
    panels.append(manifold_panel("rvae-manifold", "What the rVAE decodes to over its latent plane.", seen["manifold"]))
    panels.append(
        Panel("patches", "Some patches as given.", on_axes("", partial(tiles, images=seen["shown"])), small=True)
    )
    return Section("What varies from atom to atom", [], panels, _structure_table(study.numbers("rvae")["structure"]))


def _jrvae(study: NamedStudy) -> Section:
    found, seen = study.arrays("atoms"), study.arrays("jrvae")
    at, labels = found["position"][seen["site"]], seen["class"].argmax(axis=1)
    panels = [
        Panel(
            "jrvae-classes",
            "The most probable class of every patch, which nobody labelled.",
            on_axes("", partial(plot.site_classes, image=found["image"], position=at, labels=labels)),
            (6.0, 5.6),
        ),
        manifold_panel("jrvae-manifold", "What each class decodes to over its latent plane.", seen["manifold"]),
    ]
    numbers = study.numbers("jrvae")
    shares, classes = ", ".join(f"{share:.1%}" for share in numbers["class_shares"]), study.settings.classes
    text = [f"Shares of the classes: {shares}."]
    if "class_certainty" in numbers:  # which runs of earlier versions do not know
        text[0] += f" The most probable class of a patch has {numbers['class_certainty']:.2f} on average;"
        text[0] += f" {1 / classes:.2f} would mean that nothing tells the classes apart."
    if study.settings.crystal == "mos2" and "classes_of_one_kind" in numbers:
        text.append(f"{numbers['classes_of_one_kind']:.1%} of the atoms are bright or faint as most of their class.")
    return Section("Classes that nobody labelled", text, panels)


def _baselines(study: NamedStudy) -> Section:
    found, seen = study.arrays("atoms"), study.arrays("baselines")
    at, notes = found["position"][seen["site"]], study.numbers("baselines")["baselines"]

    def draw_map(ax: Axes, values: NDArray[np.float64], name: str, classes: bool) -> object:
        if classes:
            labels = np.nan_to_num(values, nan=-1)
            return plot.site_classes(ax, found["image"], at, labels, names=[str(k + 1) for k in range(99)])
        return plot.sites(ax, found["image"], at, values, label=name)

    panels = [
        Panel(
            f"baseline-{name}",
            f"{name}: patterns, and where they are.",
            partial(plot.baseline, found=rebuilt(name, seen, notes[name]), draw_map=draw_map),
            (11.0, 4.6),
            wide=True,
        )
        for name in METHODS
        if f"{name}_values" in seen
    ]
    return Section("The same patches without an autoencoder", [], panels)


def rebuilt(name: str, arrays: dict[str, NDArray[Any]], note: str) -> Baseline:
    """A baseline from the arrays of a stage."""
    kind = _KINDS.get(name, "clusters")
    return Baseline(name, kind, arrays[f"{name}_values"], arrays[f"{name}_patterns"], note)  # pyright: ignore[reportArgumentType]


def _control(study: NamedStudy) -> Section:
    seen, numbers = study.arrays("control"), study.numbers("control")
    if not numbers:
        return Section("A perfect crystal")
    panels = [
        Panel(
            f"control-content-{k + 1}",
            f"Content {k + 1} of the atoms of a perfect crystal.",
            on_axes(
                "",
                partial(
                    plot.sites, image=seen["image"], position=seen["position"], values=values, label=f"content {k + 1}"
                ),
            ),
            (6.0, 5.2),
        )
        for k, values in enumerate(seen["content"].T)
    ]
    text = [
        f"A generated crystal without any defect or strain, of the same spacing, {numbers['control_dose']:.3g} counts "
        "a pixel, learned in the same way. What a map shows here is noise, or made by the method."
    ]
    return Section("A perfect crystal", text, panels, _structure_table(numbers["control_structure"]))


def _structure_table(structure: dict[str, list[float]]) -> Table:
    rows = [[name, f"{index:.3f}", f"{z:+.1f}", f"{p:.3f}"] for name, (index, z, p) in structure.items()]
    return Table(["map", "Moran's I", "σ above chance", "p"], rows)


def manifold_panel(name: str, caption: str, images: NDArray[np.float64]) -> Panel:
    """What is decoded over the latent plane, of every class."""
    images = images[..., images.shape[-1] // 2] if images.ndim == 5 else images  # of several times, now
    low, high = (float(end) for end in np.quantile(images, (0.002, 0.998)))

    def draw(figure: Figure) -> None:
        plot.manifolds(figure, images, columns=3, low=low, high=high)

    return Panel(name, caption, draw, (4.2 * min(3, len(images)), 4.2 * -(-len(images) // 3)), wide=len(images) > 1)


def tiles(ax: Axes, images: NDArray[np.float32], columns: int = 7) -> object:
    """Patches in rows."""
    return plot.samples(ax, images, columns=columns)
