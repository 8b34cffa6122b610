"""Molecules as numbers, by RDKit, which the extra `molecules` brings: what a surrogate sees of them."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latscape.errors import InputError

EXTREME = 5.0  # descriptors are cut off at so many interquartile ranges: some of RDKit's reach 1e9


def descriptors(smiles: Sequence[str]) -> NDArray[np.float64]:
    """All two-dimensional descriptors of RDKit that vary among these molecules, on one scale.

    Returns
    -------
    NDArray
        (n, D), each column less its median and over its interquartile range, cut off at 5.

    Raises
    ------
    InputError
        Without RDKit, or for a text that is no molecule.

    Examples
    --------
    >>> descriptors(["CCO", "CCC", "c1ccccc1O", "CC(=O)O"]).shape[0]
    4
    """
    molecules = _molecules(smiles)
    from rdkit.Chem import Descriptors

    raw = np.array([[float(f(one)) for _, f in Descriptors.descList] for one in molecules])
    raw = np.nan_to_num(raw, nan=0.0, posinf=0.0, neginf=0.0)
    low, middle, high = np.percentile(raw, [25, 50, 75], axis=0)
    spread = np.where(high > low, high - low, raw.std(axis=0))  # most molecules have none of a rare group
    varies = spread > 1e-12
    return np.clip((raw - middle)[:, varies] / spread[varies], -EXTREME, EXTREME)


def fingerprints(smiles: Sequence[str], radius: int = 2, bits: int = 1024) -> NDArray[np.float64]:
    """How often each circular substructure occurs in each molecule (Morgan), folded to `bits` columns: (n, bits).

    Raises
    ------
    InputError
        Without RDKit, for a text that is no molecule, or a radius or number of bits that cannot be.

    Examples
    --------
    >>> counts = fingerprints(["CCO", "CCCCO"], bits=64)
    >>> counts.shape, bool(counts[1].sum() > counts[0].sum())
    ((2, 64), True)
    """
    if radius < 0 or bits < 1:
        raise InputError("a radius of at least 0 and at least one bit", f"radius={radius}, bits={bits}", "bits=1024")
    molecules = _molecules(smiles)
    from rdkit.Chem import rdFingerprintGenerator

    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=bits)
    return np.array([generator.GetCountFingerprintAsNumPy(one) for one in molecules], dtype=np.float64)


def read_molecules(path: str | Path, target: str) -> tuple[list[str], NDArray[np.float64]]:
    """SMILES and a property of every molecule of a CSV file with a column `smiles`, or of an SDF file with that field.

    Raises
    ------
    InputError
        For a missing file, molecules without these columns (`SMILES` is one as well), or a property that is no number.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError("a file of molecules", f"{file}, which is none", "a .csv or .sdf file")
    read = _sdf(file.read_text()) if file.suffix == ".sdf" else list(csv.DictReader(file.open(newline="")))
    rows = [{"smiles" if name == "SMILES" else name: value for name, value in row.items()} for row in read]
    known = sorted({name for row in rows for name in row})
    if not rows or any("smiles" not in row or target not in row for row in rows):
        got = f"fields {', '.join(known) or 'none'}"
        raise InputError(f"molecules with smiles and {target}", got, "another target")
    try:
        return [row["smiles"] for row in rows], np.array([float(row[target]) for row in rows])
    except ValueError as error:
        raise InputError(f"a number as {target} of every molecule", str(error), "another target") from error


def readable(smiles: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts RDKit reads as molecules, (n,): files made by other programs hold a few that it does not.

    Examples
    --------
    >>> readable(["CCO", "n(H)c"])
    array([ True, False])
    """
    return np.array([one is not None for one in _parsed(smiles)], dtype=bool)


def _sdf(text: str) -> list[dict[str, str]]:
    """The data fields of each record: a line `> <NAME>` and the line below it."""
    records = []
    for record in text.split("$$$$"):
        lines = record.splitlines()
        fields = {
            line[line.index("<") + 1 : line.rindex(">")]: lines[i + 1].strip()
            for i, line in enumerate(lines[:-1])
            if line.startswith(">") and "<" in line
        }
        if fields:
            records.append(fields)
    return records


def _molecules(smiles: Sequence[str]) -> list:
    found = _parsed(smiles)
    bad = [one for one, molecule in zip(smiles, found, strict=True) if molecule is None]
    if bad or not found:
        raise InputError("SMILES of molecules", repr(bad[0]) if bad else "none", '["CCO", "c1ccccc1"]')
    return found


def _parsed(smiles: Sequence[str]) -> list:
    """A molecule for each text, None for one that is none."""
    try:
        from rdkit import Chem, RDLogger
    except ImportError as error:
        raise InputError("RDKit, which reads molecules", "no rdkit", 'pip install "latscape[molecules]"') from error
    # RDKit writes to stderr what the caller says.
    RDLogger.DisableLog("rdApp.*")  # pyright: ignore[reportAttributeAccessIssue]
    return [Chem.MolFromSmiles(one) for one in smiles]
