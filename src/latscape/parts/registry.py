"""Parts by kind and word: those of this package, those of installed plugins, those a program registers itself."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, TypeVar

from latscape.errors import InputError
from latscape.name_hints import WORDS, closest_name
from latscape.parts.builtin import BUILTIN, PART_KINDS

T = TypeVar("T")
#: This package, and how the groups of entry points begin, one for each kind.
HERE = GROUP = "latscape"


@dataclass(frozen=True)
class PartEntry:
    """A part that can be asked for by its word.

    Attributes
    ----------
    kind, word : str
    place : str
        "module:attribute".
    source : str
        Who registered it: this package, a distribution, or the module that called `register`.
    part : object
        The part itself, where it was registered by a decorator; None: it is imported from its place.
    """

    kind: str
    word: str
    place: str
    source: str
    part: Any = None

    def load(self) -> Any:
        """The part; imported now, if it was not before.

        Raises
        ------
        InputError
            If a plugin cannot be imported.
        """
        if self.part is not None:
            return self.part
        module, _, attribute = self.place.partition(":")
        try:
            return getattr(import_module(module), attribute)
        except Exception as error:
            if self.source == HERE:
                raise
            got = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise InputError(
                f"the {self.kind} {self.word!r} of {self.source}", got, f"installing {self.source} again"
            ) from error


_registered: dict[tuple[str, str], PartEntry] = {}


def register(kind: str, word: str) -> Callable[[T], T]:
    """Make a part known by a word: on the command line, to saving and loading, to resuming, to `latscape parts`.

    A part is a function, or a frozen dataclass whose fields JSON can hold. Where another process must find it too, as
    on the command line, an entry point of an installed package says the same, see `docs/extending.md`.

    Parameters
    ----------
    kind
        "decoder", "likelihood", ...; see `latscape.parts.PART_KINDS`.
    word
        Letters, digits, "-" and "_".

    Raises
    ------
    InputError
        For an unknown kind, and for a word that is taken.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from latscape.parts.grammar import build_part
    >>> @register("scalarizer", "doctest-top")
    ... @dataclass(frozen=True)
    ... class Top:
    ...     share: float = 0.9
    >>> build_part("scalarizer", "doctest-top:0.5")
    Top(share=0.5)
    """
    if kind not in PART_KINDS:
        raise InputError(f"a kind of part among {', '.join(PART_KINDS)}", repr(kind), 'register("decoder", "mine")')
    if not word.replace("-", "").replace("_", "").isalnum():
        raise InputError("a word of letters, digits, - and _", repr(word), f'register("{kind}", "mine")')

    def keep(part: T) -> T:
        source = getattr(part, "__module__", type(part).__module__)
        place = f"{source}:{getattr(part, '__qualname__', f'<{word}>')}"  # an object has no place of its own
        taken = _table(kind).get(word) or _registered.get((kind, word))
        if taken is not None and taken.place != place:
            raise InputError(f"a word that no other {kind} has", f"{word!r}, which is {taken.place}", "another word")
        _registered[kind, word] = PartEntry(kind, word, place, source, part)
        return part

    return keep


_found = cache(entry_points)  # reads the metadata of every installed package


@cache
def _installed(kind: str) -> Mapping[str, PartEntry]:
    """What other packages registered of a kind; words of this package are not theirs to take."""
    return {
        point.name: PartEntry(kind, point.name, point.value, point.dist.name if point.dist else point.module)
        for point in _found().select(group=f"{GROUP}.{kind}")
        if point.name not in BUILTIN.get(kind, {})
    }


def _table(kind: str) -> Mapping[str, PartEntry]:
    own = {word: PartEntry(kind, word, place, HERE) for word, place in BUILTIN.get(kind, {}).items()}
    return {**own, **_installed(kind)}


def registered_parts(kind: str) -> dict[str, PartEntry]:
    """All parts of a kind by word; nothing is imported."""
    return {**_table(kind), **{word: entry for (of, word), entry in _registered.items() if of == kind}}


def part_words(kind: str) -> list[str]:
    """The words that name the parts of a kind.

    Examples
    --------
    >>> part_words("encoder")[:2]
    ['dense', 'conv']
    """
    return list(registered_parts(kind))


def find_part(kind: str, word: str) -> PartEntry:
    """The part of a kind that a word names.

    Raises
    ------
    InputError
        For a word that is none; the message lists those there are.
    """
    known = registered_parts(kind)
    if word not in known:
        article = "an" if kind[0] in "aeio" else "a"
        hint = closest_name(word, known, WORDS) or next(iter(known), "latscape parts")
        raise InputError(f"{article} {kind} among {', '.join(known)}", repr(word), hint)
    return known[word]


def identify_part(part: Any) -> PartEntry | None:
    """The entry of a function or class, or of an object's class; None if nobody registered it."""
    for one in (part, type(part)):
        place = f"{getattr(one, '__module__', '')}:{getattr(one, '__qualname__', '')}"
        for entry in _everything():
            if entry.place == place or entry.part is one:
                return entry
    return None


def _everything() -> Iterator[PartEntry]:
    for kind in PART_KINDS:
        yield from registered_parts(kind).values()
