"""The page of a study of atoms: where they are, what was learned of each, and what a perfect crystal gives."""

from functools import partial

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from latscape import plot
from latscape.plot.sites import CIRCLE_MAP
from latscape.runs import Panel, Run, Section, Story, Table, on_axes
from latscape.studies.atoms.spec import AtomOptions
from latscape.studies.atoms.stages import METHODS
from latscape.studies.shared.panels import baseline_section, file_name, latent_maps, manifold_panel, tiles

AtomRun = Run[AtomOptions]
_HIGH = 4.0  # deviations above chance from which a map is said to have structure


def headline(run: AtomRun) -> list[str]:
    """How many atoms, how far apart, and which maps have structure."""
    found, learned, control = (run.numbers(stage) for stage in ("atoms", "rvae", "control"))
    if not found:
        return ["Nothing was found yet."]
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
    if learned:
        said.append(_structure_words(learned["structure"]))
    if control:
        said.append(f"In a perfect crystal with the same noise: {_structure_words(control['control_structure'])}")
    return said


def _structure_words(structure: dict[str, list[float]]) -> str:
    strong = [f"{name} ({index:.2f}, {z:.0f} σ)" for name, (index, z, _) in structure.items() if abs(z) >= _HIGH]
    if not strong:
        return f"no map has structure (Moran's I within {_HIGH:g} σ of chance)."
    return f"maps with structure, by Moran's I: {', '.join(strong)}."


def facts(run: AtomRun) -> list[tuple[str, str]]:
    """The few numbers on top."""
    found, learned = run.numbers("atoms"), run.numbers("rvae")
    said = [(str(found["atoms"]), "atoms")] if found else []
    if "neighbour_nm" in found:
        said.append((f"{found['neighbour_nm']:.4f} nm", "neighbouring atoms, median"))
        said.append((f"{found['neighbour_ratio'] - 1:+.1%}", "against the crystal"))
    return [*said, (str(learned["patches"]), "patches")] if learned else said


def sections(run: AtomRun) -> list[Section]:
    """One for every stage that is done and found something."""
    drawn = {"atoms": _atoms, "rvae": _rvae, "jrvae": _jrvae, "baselines": _baselines, "control": _control}
    return [draw(run) for stage, draw in drawn.items() if run.numbers(stage)]


def _atoms(run: AtomRun) -> Section:
    found, numbers = run.arrays("atoms"), run.numbers("atoms")
    pixel = numbers["pixel_nm"] or 1.0
    expected = run.spec.neighbour_distance if numbers["pixel_nm"] else None
    smooth = numbers["spacing_pixels"] / 8.0
    atoms = partial(plot.sites, image=found["image"], position=found["position"], smooth=smooth)
    unit = "nm" if numbers["pixel_nm"] else "pixels"
    distances = partial(plot.neighbour_distances, distances=found["bonds"] * pixel, expected=expected, unit=unit)
    said = (
        f"Every atom that was found by {run.spec.atom_finder!r}, on the image, which is smoothed by an eighth of the "
        "distance of neighbours.",
        "Distances of neighbouring atoms in all directions; the band is 3 % to either side of the crystal's.",
    )
    panels = [
        Panel("atoms", said[0], on_axes("", atoms), (6.4, 6.4)),
        Panel("distances", said[1], on_axes("", distances)),
    ]
    return Section("Atoms", [f"Image: {numbers['source']}."], panels)


def _rvae(run: AtomRun) -> Section:
    found, seen = run.arrays("atoms"), run.arrays("rvae")
    at, panels = found["position"][seen["site"]], []
    for name, values in latent_maps(seen).items():
        cmap = CIRCLE_MAP if name.startswith("angle") else "viridis"
        draw = partial(plot.sites, image=found["image"], position=at, values=values, label=name, cmap=cmap)
        caption = f"{name.capitalize()} of every patch on the image."
        panels.append(Panel(f"rvae-{file_name(name)}", caption, on_axes("", draw), (6.0, 5.2)))
    panels.append(manifold_panel("rvae-manifold", "What the rVAE decodes to over its latent plane.", seen["manifold"]))
    some = on_axes("", partial(tiles, images=seen["shown"]))
    panels.append(Panel("patches", "Some patches as given.", some, small=True))
    return Section("What varies from atom to atom", [], panels, _structure_table(run.numbers("rvae")["structure"]))


def _jrvae(run: AtomRun) -> Section:
    found, seen, numbers = run.arrays("atoms"), run.arrays("jrvae"), run.numbers("jrvae")
    at, labels = found["position"][seen["site"]], seen["class"].argmax(axis=1)
    draw = on_axes("", partial(plot.site_classes, image=found["image"], position=at, labels=labels))
    caption = "The most probable class of every patch, which nobody labelled."
    panels = [
        Panel("jrvae-classes", caption, draw, (6.0, 5.6)),
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


def _baselines(run: AtomRun) -> Section:
    image = run.arrays("atoms")["image"]
    at = run.arrays("atoms")["position"][run.arrays("baselines")["site"]]

    def draw_map(ax: Axes, values: NDArray[np.float64], name: str, classes: bool) -> object:
        if classes:
            labels = np.nan_to_num(values, nan=-1)
            return plot.site_classes(ax, image, at, labels, names=[str(k + 1) for k in range(99)])
        return plot.sites(ax, image, at, values, label=name)

    return baseline_section(run, METHODS, draw_map)


def _control(run: AtomRun) -> Section:
    image, seen = run.arrays("crystal")["image"], run.arrays("control")
    panels = []
    for k, values in enumerate(seen["content"].T):
        draw = partial(plot.sites, image=image, position=seen["position"], values=values, label=f"content {k + 1}")
        caption = f"Content {k + 1} of the atoms of a perfect crystal."
        panels.append(Panel(f"control-content-{k + 1}", caption, on_axes("", draw), (6.0, 5.2)))
    text = [
        "A generated crystal without any defect or strain, of the same spacing, "
        f"{run.numbers('crystal')['control_dose']:.3g} counts a pixel, learned in the same way. What a map shows here "
        "is noise, or made by the method."
    ]
    return Section("A perfect crystal", text, panels, _structure_table(run.numbers("control")["control_structure"]))


def _structure_table(structure: dict[str, list[float]]) -> Table:
    rows = [[name, f"{index:.3f}", f"{z:+.1f}", f"{p:.3f}"] for name, (index, z, p) in structure.items()]
    return Table(["map", "Moran's I", "σ above chance", "p"], rows)


STORY = Story(headline, sections, facts)
