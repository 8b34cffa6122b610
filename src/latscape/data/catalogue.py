"""Scenes: what commands look at by name, an image, a scan or samples, and the files it is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from latscape.data.registry import Remote, locate, published, tables
from latscape.errors import InputError


@dataclass(frozen=True)
class Scene:
    """What a command looks at."""

    name: str
    kind: str  # whose it is: "explore", "atoms", "domains", "spectrum-image" or "samples"
    about: str
    files: tuple[Remote, ...] = ()  # of data sets of the registry; none where it is calculated
    field: float | None = None  # height of the view [nm], where it is known but not written in the file
    pick: str | None = None  # which of several arrays in the file
    scalarizers: Sequence[str] = ()  # of `explore`: words for those that make sense here, the usual one first
    window: int = 8  # side of its patches [pixel]

    def paths(self) -> list[Path]:
        """Its files on this machine, downloaded if they are not there; DataUnavailable if they cannot be."""
        return [locate(file) for file in self.files]


@cache
def scenes_of_kind(kind: str) -> dict[str, Scene]:
    """Those of a kind, by name.

    Examples
    --------
    >>> list(scenes_of_kind("atoms")), scenes_of_kind("atoms")["4nm"].field
    (['4nm', '6nm', 'si', 'v-doped', 'pristine'], 4.0)
    """
    remote = {file.path: file for one in published().values() for file in one.files}
    found = {name: said for name, said in tables()["scenes"].items() if said["kind"] == kind}
    files = {name: tuple(remote[path] for path in said.get("files", ())) for name, said in found.items()}
    return {name: Scene(name, **said | {"files": files[name]}) for name, said in found.items()}


def find_scene(kind: str, name: str) -> Scene:
    """One of them; InputError, which lists the others, for an unknown name."""
    known = scenes_of_kind(kind)
    if name not in known:
        raise InputError(f"a scene among {', '.join(known)}", repr(name), next(iter(known)))
    return known[name]
