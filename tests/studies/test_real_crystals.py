"""Distances of atoms in measured images against those of the crystals, where the width of a pixel is known."""

import numpy as np
import pytest

from latscape.data import load
from latscape.data.catalogue import scenes_of_kind
from latscape.data.registry import data_folder
from latscape.patches import find_atoms
from latscape.studies.atoms.finding import brighter, locate_atoms, read_image
from latscape.studies.atoms.learning import facing
from latscape.studies.atoms.spec import GrapheneSpec, MoS2Spec

#: Of SrTiO3, 3.905 angstrom: Schmidbauer, Kwasniewski, Schwarzkopf (2012), doi:10.1107/S0108768111046738.
CUBE = 0.3905


def path_of(name):
    folder = data_folder()
    if folder is None or not (folder / "stem" / name).is_file():
        pytest.skip(f"needs stem/{name} below $LATSCAPE_DATA")
    return folder / "stem" / name


@pytest.mark.parametrize(
    ("crystal", "scene", "number", "off"),
    [
        ("graphene", "4nm", "neighbour_ratio", 0.0),
        ("graphene", "6nm", "neighbour_ratio", 0.0),
        ("mos2", "v-doped", "metal_ratio", 0.0),
        ("mos2", "pristine", "metal_ratio", 0.068),  # as it was scanned: docs/patches.md
    ],
)
def test_neighbours_are_as_far_apart_as_in_the_crystal(crystal, scene, number, off):
    path_of(scenes_of_kind("atoms")[scene].files[0].path.removeprefix("stem/"))
    spec = (MoS2Spec if crystal == "mos2" else GrapheneSpec)(scene=scene)
    found = locate_atoms(read_image(spec), spec).numbers
    assert found[number] == pytest.approx(1.0 + off, abs=0.03 if off == 0.0 else 0.01)


@pytest.mark.parametrize(
    ("name", "dark", "lengths", "off"),
    [
        ("STO_ABF.hspy", True, (CUBE / np.sqrt(2), CUBE), 0.0),
        ("STO_ABF_stack.hspy", True, (CUBE / np.sqrt(2), CUBE), 0.0),
        ("atomap_ADF_cropped.hdf5", False, (CUBE / np.sqrt(2), CUBE), 0.0),
        ("atomap_ABF_cropped.hdf5", True, (CUBE / np.sqrt(2), CUBE), 0.0),
        ("NCEM_STO.ser", False, (CUBE,), 0.035),  # by the width of a pixel that its file states: docs/patches.md
    ],
)
def test_strontium_in_its_titanate(name, dark, lengths, off):
    signal = load(path_of(f"oxides/{name}"))
    image, pixel = np.asarray(signal).reshape(-1, *signal.shape[-2:])[0], signal.axes[-1].scale
    atoms = find_atoms(image, spacing=CUBE / np.sqrt(2) / pixel, dark=dark)
    strontium = atoms.select(brighter(atoms))
    for length in lengths:
        pairs = strontium.bonds(1.17 * length / pixel / strontium.spacing) * pixel
        near = pairs[pairs > 0.83 * length]
        assert len(near) > 90
        assert np.median(near) / length == pytest.approx(1.0 + off, abs=0.03 if off == 0.0 else 0.01)


def test_the_two_sites_of_a_honeycomb_face_opposite_ways():
    from latscape.data import crystal

    made = crystal("graphene", size=192, spacing=12.0, angle=0.3)
    way = facing(made.position, 3)
    inner = ((made.position > 20) & (made.position < 171)).all(axis=1)
    product = way[inner] @ way[inner][0]
    np.testing.assert_allclose(np.abs(product), 1.0, atol=1e-6)
    assert (product > 0).mean() == pytest.approx(0.5, abs=0.05)
