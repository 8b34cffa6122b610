"""What is public: the names that the rooms export, and what an editor and a type checker know of them."""

import importlib
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import latscape as ls

SOURCE = Path(ls.__file__).parent
DOCS = Path(__file__).parents[1] / "docs"
ROOMS = ["latscape"] + [
    ".".join(["latscape", *file.parent.relative_to(SOURCE).parts])
    for file in sorted(SOURCE.glob("*/**/__init__.py"))
    if hasattr(importlib.import_module(".".join(["latscape", *file.parent.relative_to(SOURCE).parts])), "__all__")
]


def exported(room):
    module = importlib.import_module(room)
    return {name: getattr(module, name) for name in module.__all__}


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_room_exports_is_ours_and_not_taken_for_a_submodule(room):
    folder = Path(importlib.import_module(room).__file__).parent
    submodules = {file.stem for file in folder.glob("*.py")} | {
        file.parent.name for file in folder.glob("*/__init__.py")
    }
    for name, value in exported(room).items():
        where = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "latscape")
        assert where.startswith("latscape") or where in ("builtins", "typing", "collections.abc"), (name, where)
        assert (name in submodules) == isinstance(value, ModuleType), name


def test_there_are_at_most_250_public_names():
    values = [value for room in ROOMS for value in exported(room).values() if not isinstance(value, ModuleType)]
    assert len({id(value) for value in values}) <= 250


def test_the_page_of_names_is_what_the_rooms_export():
    page = DOCS / "api.md"
    spec = importlib.util.spec_from_file_location("make_api", DOCS / "make_api.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert page.read_text(encoding="utf-8") == module.page(), "python docs/make_api.py"
    sections = re.split(r"^## `(.+)`$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    listed = {
        room: re.findall(r"^\| `(\w+)` \| ", text, re.MULTILINE)
        for room, text in zip(sections[::2], sections[1::2], strict=True)
    }
    assert {room: [name for name in exported(room) if name[0] != "_"] for room in ROOMS} == listed
    assert not re.search(r"\| *\|", page.read_text(encoding="utf-8")), "a name says nothing of itself"


@pytest.mark.parametrize("room", ["physics.ferrosim", "physics.plasmon", "studies.zbo", "studies.fit", "lab.synthetic"])
def test_rooms_in_rooms_resolve(room):
    value = ls
    for part in room.split("."):
        value = getattr(value, part)
    assert value.__name__ == f"latscape.{room}"


MISTAKES = """
import latscape as ls

ls.rvae(epochz=3)
ls.Campain
ls.lab.Simulatedd
ls.campaign.Kampaign(1)
model: int = ls.jrvae(3)
"""


def test_a_type_checker_sees_a_misspelt_option_and_a_misspelt_name(tmp_path):
    (tmp_path / "mistakes.py").write_text(MISTAKES)
    (tmp_path / "fine.py").write_text(
        "import latscape as ls\n\nls.rvae(epochs=3).fit([[0.0]]).history_\nls.gp.ExactGP()\n"
    )
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "mistakes.py", "fine.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    found = [line for line in done.stdout.splitlines() if " - error: " in line]
    assert all("mistakes.py" in line for line in found), done.stdout
    assert [int(line.split("mistakes.py:")[1].split(":")[0]) for line in found] == [4, 5, 6, 7, 8]
    for part in ("epochz", "Campain", "Simulatedd", "Kampaign", '"VAE" is not assignable'):
        assert part in done.stdout
