"""`latscape data`: public data sets, and what is in a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from latscape.cli.output import say, stdout, write_json, write_rows
from latscape.cli.specs import Json

if TYPE_CHECKING:
    from latscape.data.registry import Published
    from latscape.signals.signal import Signal

data = typer.Typer(help="Public data sets, and what is in a file.", rich_markup_mode="rich")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of a data set, as `latscape data list` shows it.")]


@data.command("list")
def list_sets(as_json: Json = False) -> None:
    """List the public data sets, and which of them are on this machine."""
    from latscape.data.registry import published

    found = [_line(one) for one in published().values()]
    if as_json:
        write_json({"sets": found})
        return
    rows = [[one["name"], _size(one["size"]), "yes" if one["here"] else "no", one["title"]] for one in found]
    write_rows(("set", "size", "here", "what it is"), rows)


@data.command()
def formats(as_json: Json = False) -> None:
    """List the kinds of files that are read, and which readers are installed."""
    from importlib.util import find_spec

    from latscape.data.reading import file_formats

    found = [
        {"name": how.name, "suffixes": how.suffixes, "needs": how.needs, "here": find_spec(how.package) is not None}
        for how in file_formats()
    ]
    if as_json:
        write_json({"formats": found})
        return
    for one in found:
        missing = "" if one["here"] else f"; needs {one['needs']}: pip install 'latscape[io]'"
        stdout().out(f"{one['name']}: {' '.join(one['suffixes'])}{missing}")


@data.command()
def info(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A data set of the registry, or a file.")],
    as_json: Json = False,
) -> None:
    """Say what a data set is, under which terms and where; or which arrays a file holds, with axes and units.

    [dim]latscape data info mos2[/]

    [dim]latscape data info scan.dm4[/]
    """
    from latscape.data.reading import contents, split
    from latscape.data.registry import data_set, published

    if name in published() or not (Path(name).expanduser().exists() or ":" in name or Path(name).suffix):
        _show_set(data_set(name), as_json)
        return
    file, _ = split(name)
    found = contents(file)
    if as_json:
        write_json({"file": str(file), "arrays": {label: _array(signal) for label, signal in found.items()}})
        return
    for label, signal in found.items():
        stdout().out(f"{label}: {repr(signal).removeprefix('Signal ')}")


@data.command()
def get(name: Name, as_json: Json = False) -> None:
    """Bring the files of a data set to this machine, verified, and say where they are."""
    from latscape.data.registry import data_set, fetch

    paths = [str(path) for path in fetch(name)]
    found = data_set(name)
    if as_json:
        write_json({"name": name, "files": paths, "licence": found.licence, "citation": found.citation})
        return
    for path in paths:
        stdout().out(path)
    say(f"Licence: {found.licence}. Cite: {found.citation}.")


def _show_set(one: "Published", as_json: bool) -> None:
    files = [
        {"path": file.path, "size": file.size, "sha256": file.sha256, "url": file.url, "here": _place(file)}
        for file in one.files
    ]
    if as_json:
        write_json({**_line(one), "citation": one.citation, "source": one.source, "files": files})
        return
    stdout().out(f"{one.name}: {one.title}")
    for word in ("purpose", "licence", "citation", "source"):
        stdout().out(f"{word}: {getattr(one, word)}")
    for file in files:
        stdout().out(f"{file['path']}, {_size(file['size'])}: {file['here'] or 'not here'}")
        stdout().out(f"  {file['url'] or 'no address'}")


def _line(one: "Published") -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "purpose": one.purpose,
        "licence": one.licence,
        "size": one.size,
        "files": len(one.files),
        "here": all(file.here is not None for file in one.files),
    }


def _place(file: Any) -> str | None:
    return None if file.here is None else str(file.here)


def _array(signal: "Signal") -> dict[str, Any]:
    text = repr(signal)
    return {
        "axes": text[text.index("(") + 1 : text.index(") of ")],
        "shape": list(signal.shape),
        "dtype": str(signal.dtype),
        "quantity": signal.quantity,
        "units": signal.units,
    }


def _size(size: int) -> str:
    """Bytes in a unit that people read.

    Examples
    --------
    >>> _size(3414), _size(11369320)
    ('3.4 kB', '11.4 MB')
    """
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"
