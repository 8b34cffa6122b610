"""The page of a study of atoms: where they are, what was learned of each, and what a perfect crystal gives."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from latscape import plot
from latscape.plot.atom_maps import CIRCLE_MAP
from latscape.plot.baselines import DrawMap
from latscape.plot.styling import MEAN_MAP
from latscape.runs import Run, Section, Table, axes_panel
from latscape.studies.atoms.spec import AtomOptions
from latscape.studies.atoms.stages import METHODS
from latscape.studies.shared.pages import stage_story
from latscape.studies.shared.panels import baseline_section, latent_maps, manifold_panel, map_panels

AtomRun = Run[AtomOptions]
MAP_SIZE = (6.0, 5.2)
_HIGH = 4.0  # deviations above chance from which a map is said to have structure


def _atom_sentences(run: AtomRun, found: dict[str, Any]) -> list[str]:
    """How many atoms, and how far apart."""
    said = [f"{found['atoms']} atoms were found in {found['about']}, {found['clean_share']:.0%} of which is clean."]
    if "neighbour_nm" in found:
        said.append(
            f"The median distance of neighbouring atoms is {found['neighbour_nm']:.4f} nm, "
            f"{found['neighbour_ratio'] - 1:+.1%} from the crystal's {run.spec.neighbour_distance:g} nm."
        )
        if "metal_nm" in found:
            said.append(f"Metal atoms are {found['metal_nm']:.4f} nm apart, {found['metal_ratio'] - 1:+.1%}.")
    else:
        said.append(f"The median distance of neighbouring atoms is {found['neighbour_pixels']:.2f} pixels.")
    return said


def _control_sentence(run: AtomRun, control: dict[str, Any]) -> str:
    return f"In a perfect crystal with the same noise: {_structure_words(control['control_structure'])}"


def _structure_words(structure: dict[str, list[float]]) -> str:
    strong = [f"{name} ({index:.2f}, {z:.0f} σ)" for name, (index, z, _) in structure.items() if abs(z) >= _HIGH]
    if not strong:
        return f"no map has structure (Moran's I within {_HIGH:g} σ of chance)."
    return f"maps with structure, by Moran's I: {', '.join(strong)}."


def _atom_facts(run: AtomRun, found: dict[str, Any]) -> list[tuple[str, str]]:
    said = [(str(found["atoms"]), "atoms")]
    if "neighbour_nm" in found:
        said.append((f"{found['neighbour_nm']:.4f} nm", "neighbouring atoms, median"))
        said.append((f"{found['neighbour_ratio'] - 1:+.1%}", "against the crystal"))
    return said


def _atoms(run: AtomRun, numbers: dict[str, Any]) -> Section:
    found = run.arrays("atoms")
    pixel, image, at = numbers["pixel_nm"], found["image"], found["position"]
    expected, smooth = run.spec.neighbour_distance if pixel else None, numbers["spacing_pixels"] / 8.0
    bonds, unit = found["bonds"] * (pixel or 1.0), "nm" if pixel else "pixels"
    said = (
        f"Every atom that was found by {run.spec.atom_finder!r}, on the image, which is smoothed by an eighth of the "
        "distance of neighbours.",
        "Distances of neighbouring atoms in all directions; the band is 3 % to either side of the crystal's.",
    )
    panels = [
        axes_panel("atoms", said[0], plot.site_values, size=(6.4, 6.4), image=image, position=at, smooth=smooth),
        axes_panel("distances", said[1], plot.neighbour_distances, distances=bonds, expected=expected, unit=unit),
    ]
    return Section("Atoms", [f"Image: {numbers['source']}."], panels)


def _rvae(run: AtomRun, numbers: dict[str, Any]) -> Section:
    seen, caption = run.arrays("rvae"), "{} of every patch on the image."
    panels = map_panels(latent_maps(seen), _on_image(*_sites(run, "rvae")), caption, "rvae-", size=MAP_SIZE)
    panels.append(manifold_panel("rvae-manifold", "What the rVAE decodes to over its latent plane.", seen["manifold"]))
    some = seen["shown"]
    panels.append(axes_panel("patches", "Some patches as given.", plot.image_grid, small=True, images=some, columns=7))
    return Section("What varies from atom to atom", [], panels, _structure_table(numbers["structure"]))


def _jrvae(run: AtomRun, numbers: dict[str, Any]) -> Section:
    image, at, seen = *_sites(run, "jrvae"), run.arrays("jrvae")
    caption = "The most probable class of every patch, which nobody labelled."
    on_image: dict[str, Any] = {"image": image, "position": at, "labels": seen["class"].argmax(axis=1)}
    panels = [
        axes_panel("jrvae-classes", caption, plot.site_classes, size=(6.0, 5.6), **on_image),
        manifold_panel("jrvae-manifold", "What each class decodes to over its latent plane.", seen["manifold"]),
    ]
    shares = ", ".join(f"{share:.1%}" for share in numbers["class_shares"])
    text = [
        f"Shares of the classes: {shares}. The most probable class of a patch has {numbers['class_certainty']:.2f} on "
        f"average; {1 / run.spec.classes:.2f} would mean that nothing tells the classes apart."
    ]
    if run.spec.crystal == "mos2":
        text.append(f"{numbers['classes_of_one_kind']:.1%} of the atoms are bright or faint as most of their class.")
    return Section("Classes that nobody labelled", text, panels)


def _baselines(run: AtomRun, notes: dict[str, str]) -> Section:
    return baseline_section(run, notes, METHODS, _on_image(*_sites(run, "baselines")))


def _control(run: AtomRun, numbers: dict[str, Any]) -> Section:
    image, seen = run.arrays("crystal")["image"], run.arrays("control")
    content = {label: values for label, values in latent_maps(seen).items() if label.startswith("content")}
    caption = "{} of the atoms of a perfect crystal."
    panels = map_panels(content, _on_image(image, seen["position"]), caption, "control-", size=MAP_SIZE)
    text = [
        "A generated crystal without any defect or strain, of the same spacing, "
        f"{run.numbers('crystal')['control_dose']:.3g} counts a pixel, learned in the same way. What a map shows here "
        "is noise, or made by the method."
    ]
    return Section("A perfect crystal", text, panels, _structure_table(numbers["control_structure"]))


def _sites(run: AtomRun, stage: str) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """The image, and where the atoms are of which a stage says something."""
    found = run.arrays("atoms")
    return found["image"], found["position"][run.arrays(stage)["site"]]


def _on_image(image: NDArray[np.float32], at: NDArray[np.float64]) -> DrawMap:
    """Numbers or classes of atoms as dots on the image."""

    def draw(ax: Axes, values: NDArray[np.float64], label: str, classes: bool) -> object:
        if classes:
            labels = np.nan_to_num(values, nan=-1)
            return plot.site_classes(ax, image, at, labels, names=[str(k + 1) for k in range(99)])
        cmap = CIRCLE_MAP if label.startswith("angle") else MEAN_MAP
        return plot.site_values(ax, image, at, values, label=label, cmap=cmap)

    return draw


def _structure_table(structure: dict[str, list[float]]) -> Table:
    rows = [[name, f"{index:.3f}", f"{z:+.1f}", f"{p:.3f}"] for name, (index, z, p) in structure.items()]
    return Table(["map", "Moran's I", "σ above chance", "p"], rows)


STORY = stage_story(
    {
        "atoms": _atom_sentences,
        "rvae": lambda run, found: _structure_words(found["structure"]),
        "control": _control_sentence,
    },
    {"atoms": _atoms, "rvae": _rvae, "jrvae": _jrvae, "baselines": _baselines, "control": _control},
    {"atoms": _atom_facts, "rvae": lambda run, found: (str(found["patches"]), "patches")},
)
