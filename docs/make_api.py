"""Writes api.md from what the rooms export: `python docs/make_api.py`."""

import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import latscape

PAGE = Path(__file__).with_name("api.md")
SOURCE = Path(latscape.__file__).parent
HEAD = """# Public names

What is public: these names, and the options of the [command line](options.md). All else is private, by its name or by
its place, and may change. `help(latscape.NAME)` has shapes, units, defaults, errors and an example. A name of an
earlier version is answered with the one it has now.
"""


def rooms() -> dict[str, list[str]]:
    """Every room that exports names, and the names."""
    packages = [SOURCE, *sorted(file.parent for file in SOURCE.glob("*/**/__init__.py"))]
    found = {}
    for package in packages:
        room = ".".join([SOURCE.name, *package.relative_to(SOURCE).parts])
        names = getattr(importlib.import_module(room), "__all__", [])
        if names:
            found[room] = [name for name in names if not name.startswith("_")]
    return found


def page() -> str:
    """The whole page."""
    sections = [HEAD]
    for room, names in rooms().items():
        module = importlib.import_module(room)
        rows = [f"| `{name}` | {about(name, getattr(module, name), module)} |" for name in names]
        sections.append(
            "\n".join([f"## `{room}`\n", f"{summary(module)}\n", "| name | what it is |", "| --- | --- |", *rows, ""])
        )
    return "\n".join(sections)


def about(name: str, value: Any, room: ModuleType) -> str:
    """What a name stands for, in its own words; those of a constant are the comment above it."""
    if isinstance(value, ModuleType) or inspect.isclass(value) or inspect.isroutine(inspect.unwrap(value)):
        return summary(value)
    comment = re.compile(rf"^#: (.+)\n{name}\b", re.MULTILINE)
    texts = (file.read_text(encoding="utf-8") for file in sorted(Path(room.__file__ or "").parent.rglob("*.py")))
    return next(found[1] for text in texts if (found := comment.search(text)))


def summary(value: Any) -> str:
    """The first sentence or two of a docstring: all before its first empty line."""
    text = (inspect.getdoc(value) or "").partition("\n\n")[0]
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
