import os
from pathlib import Path

import numpy as np
import pytest

from latscape.data.molecules import descriptors, fingerprints, read_molecules, readable
from latscape.errors import InputError

pytest.importorskip("rdkit")

ALCOHOLS = ["CO", "CCO", "CCCO", "CCCCO", "CCCCCO"]


def test_descriptors_are_finite_on_one_scale_and_ordered_as_the_chain_grows():
    found = descriptors(ALCOHOLS)
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 5
    assert np.ptp(found, axis=0).min() > 0
    growing = (np.diff(found, axis=0) > 0).all(axis=0)
    assert growing.sum() >= 5  # mass, number of atoms, ...


def test_fingerprints_count_atoms_and_their_surroundings():
    found = fingerprints(ALCOHOLS, radius=0, bits=64)
    assert found.sum(axis=1).tolist() == [2, 3, 4, 5, 6]  # one substructure an atom
    assert np.array_equal(found, fingerprints(ALCOHOLS, radius=0, bits=64))


def test_csv_and_sdf_hold_the_same(tmp_path):
    (tmp_path / "a.csv").write_text("name,smiles,y\nmethanol,CO,-1.5\nwater,O,2\n")
    (tmp_path / "a.sdf").write_text(
        "x\n>  <smiles>  (1) \nCO\n\n>  <y>  (1) \n-1.5\n\n$$$$\nx\n> <SMILES>\nO\n\n> <y>\n2\n\n$$$$\n"
    )
    for name in ("a.csv", "a.sdf"):
        smiles, y = read_molecules(tmp_path / name, "y")
        assert smiles == ["CO", "O"]
        assert y.tolist() == [-1.5, 2.0]


def test_real_files_are_read_whole():
    folder = Path(os.environ.get("LATSCAPE_DATA", "")) / "molecules"
    if not (folder / "freesolv.csv").exists():
        pytest.skip("needs molecules/ below $LATSCAPE_DATA")
    assert len(read_molecules(folder / "freesolv.csv", "expt")[0]) == 642
    assert len(read_molecules(folder / "solubility.train.sdf", "SOL")[0]) == 1025
    smiles, _ = read_molecules(folder / "solubility.test.sdf", "SOL")  # its field is SMILES
    assert len(smiles) == 257
    assert 0.9 < readable(smiles).mean() < 1.0  # RDKit refuses some


@pytest.mark.parametrize("smiles", [["CO", "no molecule"], []])
def test_what_is_no_molecule_is_refused(smiles):
    with pytest.raises(InputError, match=r"Expected SMILES of molecules"):
        descriptors(smiles)


def test_bad_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="which is none"):
        read_molecules(tmp_path / "a.csv", "y")
    (tmp_path / "a.csv").write_text("smiles,y\nCO,1\n")
    with pytest.raises(InputError, match="fields smiles, y"):
        read_molecules(tmp_path / "a.csv", "z")
    with pytest.raises(InputError, match="a number as smiles"):
        read_molecules(tmp_path / "a.csv", "smiles")
