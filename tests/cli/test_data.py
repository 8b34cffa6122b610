"""`latscape data`, and fits of files with places."""

import json

import numpy as np
import pytest

from latscape.data import Signal, load
from latscape.signals import Axis


def last(out):
    return json.loads(out.splitlines()[-1])


def test_the_list_of_data_sets(command, monkeypatch):
    monkeypatch.delenv("LATSCAPE_DATA", raising=False)
    code, out, _ = command("data", "list", "--json")
    sets = {one["name"]: one for one in last(out)["sets"]}
    assert code == 0
    assert {"mos2", "graphene", "cits", "emps"} <= set(sets)
    assert sets["mos2"]["licence"] == "MIT"
    code, out, _ = command("data", "list")
    assert (code, "mos2" in out) == (0, True)


def test_what_a_data_set_is(command, monkeypatch):
    monkeypatch.delenv("LATSCAPE_DATA", raising=False)
    code, out, _ = command("data", "info", "mos2", "--json")
    found = last(out)
    assert code == 0
    assert found["source"].startswith("github.com/")
    assert all({"path", "size", "sha256", "url", "here"} <= set(file) for file in found["files"])
    code, out, _ = command("data", "info", "mos2")
    assert "licence: MIT" in out
    assert "https://" in out


def test_what_is_in_a_file(command, tmp_path):
    places = (Axis("y", 4, units="nm", navigate=True), Axis("x", 3, units="nm", navigate=True))
    axes = (*places, Axis("bias", 8, units="V"))
    Signal(np.zeros((4, 3, 8)), axes, "loops", "Current", "nA").save(tmp_path / "map.h5")
    code, out, _ = command("data", "info", "map.h5", "--json")
    (found,) = last(out)["arrays"].values()
    assert code == 0
    assert found["axes"] == "y 4 [nm], x 3 [nm] | bias 8 [V]"
    assert (found["shape"], found["quantity"], found["units"]) == ([4, 3, 8], "Current", "nA")
    code, out, _ = command("data", "info", "map.h5")
    assert "bias 8 [V]" in out


def test_the_files_of_a_set_that_is_here(command, monkeypatch, tmp_path):
    from latscape.data import registry

    content = b"published"
    import hashlib

    remote = registry.Remote("set/a.npy", "", hashlib.sha256(content).hexdigest(), "PyPI", 9)
    made = registry.Published("one", "title", "purpose", "MIT", "me", "mirrors", (remote,))
    monkeypatch.setattr(registry, "published", lambda: {"one": made})
    monkeypatch.setenv("LATSCAPE_DATA", str(tmp_path))
    (tmp_path / "set").mkdir()
    (tmp_path / "set/a.npy").write_bytes(content)
    code, out, err = command("data", "get", "one")
    assert (code, out.split()) == (0, [str(tmp_path / "set/a.npy")])
    assert "Licence: MIT" in err
    code, out, _ = command("data", "get", "one", "--json")
    assert last(out)["files"] == [str(tmp_path / "set/a.npy")]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["data", "info", "nosuch"], "latscape data list"),
        (["data", "get", "mos3"], "mos2"),
        (["data", "info", "absent.dm4"], "existing file"),
        (["data", "info", "notes.txt"], "docs/data.md"),
        (["data"], "--help"),
        (["fit", "cut.dm4", "--model", "vae"], "readable .dm4"),
        (["fit", "image.npy", "--model", "vae", "--axes", "y, x"], "count samples"),
        (["fit", "image.npy", "--model", "vae", "--axes", "y, x | energy"], "2 names"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(command, tmp_path, words, part):
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "cut.dm4").write_bytes(b"\x00\x00\x00\x04")
    np.save(tmp_path / "image.npy", np.random.default_rng(0).uniform(size=(8, 8)))
    before = sorted(tmp_path.iterdir())
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert part in err
    assert sorted(tmp_path.iterdir()) == before


def test_a_map_of_curves_is_fitted_place_by_place(command, tmp_path):
    values = np.random.default_rng(0).uniform(size=(5, 4, 16))
    values[1, 2] = np.nan
    np.save(tmp_path / "map.npy", values)
    words = ["fit", "map.npy", "--axes", "y, x | bias", "--model", "vae", "--epochs", "1", "--out", "run", "--json"]
    code, _, err = command(*words)
    assert code == 2
    assert "16 NaN" in err
    code, out, err = command(*words, "--finite")
    assert code == 0, err
    assert last(out)["data"]["samples"] == 19
    index = np.load(tmp_path / "run/latents.npz")["index"]
    assert sorted(index) == [place for place in range(20) if place != 6]
    painted = np.full(20, np.nan)
    painted[index] = np.load(tmp_path / "run/latents.npz")["elbo"]
    map_ = load(tmp_path / "map.npy", axes="y, x | bias").paint(painted, "elbo")
    assert np.argwhere(np.isnan(map_.values)).tolist() == [[1, 2]]


def test_counts_of_a_file_that_stays_on_disk_are_fitted_as_in_memory(command, tmp_path, monkeypatch):
    from latscape.data import reading

    counts = np.random.default_rng(0).poisson(2.0, size=(6, 5, 12)).astype(np.uint16)
    Signal(counts, (Axis("y", 6, navigate=True), Axis("x", 5, navigate=True), Axis("E", 12))).save(tmp_path / "map.h5")
    found = []
    for out, size in (("memory", 2**28), ("disk", 100)):
        monkeypatch.setattr(reading, "WHOLE", size)
        for likelihood in (["--likelihood", "poisson"], ["--normalize"]):
            words = ["fit", "map.h5", "--model", "vae", *likelihood, "--epochs", "2", "--json"]
            code, printed, err = command(*words, "--out", f"{out}{likelihood[0]}")
            assert code == 0, err
            found.append((last(printed)["data"]["samples"], last(printed)["scores"]))
    assert found[:2] == found[2:]
