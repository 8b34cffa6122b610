"""Scenes: what commands look at by name, an image, a scan or samples, and the files it is made of."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from latscape.data.registry import Remote, locate, published, tables
from latscape.errors import InputError


@dataclass(frozen=True)
class Scene:
    """What a command looks at.

    Attributes
    ----------
    kind
        Whose it is: "explore", "atoms", "domains", "spectrum-image" or "samples".
    files
        Of data sets of the registry; none where it is calculated.
    field
        Height of the view [nm], where it is known but not written in the file.
    pick
        Which of several arrays in the file.
    scalarizers, window
        Of `explore`: words for what makes sense here, the usual one first, and the side of the patches [pixel].
    """

    name: str
    kind: str
    about: str
    files: tuple[Remote, ...] = ()
    field: float | None = None
    pick: str | None = None
    scalarizers: tuple[str, ...] = ()
    window: int = 8

    def paths(self) -> list[Path]:
        """Its files on this machine, downloaded if they are not there; DataUnavailable if they cannot be."""
        return [locate(file) for file in self.files]


@cache
def scenes(kind: str) -> dict[str, Scene]:
    """Those of a kind, by name.

    Examples
    --------
    >>> list(scenes("atoms")), scenes("atoms")["4nm"].field
    (['4nm', '6nm', 'si', 'v-doped', 'pristine'], 4.0)
    """
    remote = {file.path: file for one in published().values() for file in one.files}
    found = {}
    for name, said in tables()["scenes"].items():
        if said["kind"] == kind:
            lists = {key: tuple(said.get(key, ())) for key in ("files", "scalarizers")}
            files = tuple(remote[path] for path in lists["files"])
            found[name] = Scene(name, **said | lists | {"files": files})
    return found


def find_scene(kind: str, name: str) -> Scene:
    """One of them; InputError, which lists the others, for an unknown name."""
    known = scenes(kind)
    if name not in known:
        raise InputError(f"a scene among {', '.join(known)}", repr(name), next(iter(known)))
    return known[name]
