"""Parts from words as they are typed: `warp`, `gaussian:0.3`, `cooldown:40,3,1/12,5/12`, `peak:400,600,center`.

Behind the colon stand the part's own parameters, in their order or by name, and what they may be is what the part's
types say: so a part needs no grammar of its own.
"""

import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from latscape.errors import InputError
from latscape.parts.builtin import PART_KINDS
from latscape.parts.registry import PartEntry, find_part

YES, NO = ("yes", "true"), ("no", "false")


def build_part(kind: str, text: str, **context: Any) -> Any:
    """The part that a text stands for, such as `gaussian:0.3`.

    Parameters
    ----------
    kind, text
    **context
        Values for parameters of these names, where the part has them and the text does not give them.

    Raises
    ------
    InputError
        For a word that is none of this kind, and for parameters that do not fit it.

    Examples
    --------
    >>> build_part("scalarizer", "integral:1.65,1.85,background")
    Integral(low=1.65, high=1.85, background=True)
    >>> build_part("encoder", "dense:64+32,activation=gelu")
    DenseEncoder(hidden=(64, 32), activation='gelu')
    >>> build_part("scalarizer", "loop-area:7")
    Traceback (most recent call last):
    latscape.errors.InputError: Expected loop-area[:ROBUST], robust: yes or no. Got 'loop-area:7'. Try loop-area.
    """
    return part_maker(kind, text, **context)()


def part_maker(kind: str, text: str, **context: Any) -> Callable[[], Any]:
    """What makes the part that a text stands for, which is checked now; as for `build_part`.

    For parts that should not be made before they are used, such as instruments, which may connect to hardware.
    """
    word, colon, rest = text.strip().partition(":")
    entry = find_part(kind, word)
    part = entry.load()
    if not (inspect.isclass(part) or PART_KINDS[kind].made):
        if colon:
            raise InputError(f"{word}, which takes no parameters", repr(text), word)
        return lambda: part
    offered = {name: value for name, value in context.items() if name in _parameters(part)}
    return partial(part, **{**offered, **_arguments(entry, rest, text, offered)})


def part_syntax(entry: PartEntry) -> str:
    """How a part is typed.

    Examples
    --------
    >>> part_syntax(find_part("scalarizer", "ratio")), part_syntax(find_part("decoder", "warp"))
    ('ratio:FIRST,FIRST,SECOND,SECOND', 'warp[:HIDDEN,...]')
    >>> part_syntax(find_part("descriptor", "components"))
    'components[:COUNT]'
    """
    part = entry.load()
    if not (inspect.isclass(part) or PART_KINDS[entry.kind].made):
        return entry.word
    parameters = _typed(entry)
    needed = [name.upper() for name, one in parameters.items() for _ in range(_width(one)) if one.default is one.empty]
    left = [name.upper() for name, one in parameters.items() if one.default is not one.empty]
    optional = f"[{',' if needed else ':'}{left[0]}{',...' if left[1:] else ''}]" if left else ""
    return entry.word + (f":{','.join(needed)}" if needed else "") + optional


def part_description(entry: PartEntry) -> str:
    """What a part says of itself: its own words if it has any, else the first paragraph of its docstring."""
    part = entry.load()
    said = [getattr(part, name, None) for name in ("about", "name")] if not callable(part) else []
    text = next((text for text in said if isinstance(text, str)), inspect.getdoc(part) or "")
    return text.partition("\n\n")[0].replace("\n", " ")


def _parameters(part: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """Parameters with their types resolved."""
    hints = get_type_hints(part.__init__ if inspect.isclass(part) else part)
    named = {
        name: one.replace(annotation=hints.get(name, str))
        for name, one in inspect.signature(part).parameters.items()
        if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
    }
    return named


def _typed(entry: PartEntry) -> Mapping[str, inspect.Parameter]:
    """Parameters that words may give: all but those that the program fills in."""
    context = PART_KINDS[entry.kind].context
    return {name: one for name, one in _parameters(entry.load()).items() if name not in context}


def _arguments(entry: PartEntry, rest: str, text: str, offered: Mapping[str, Any]) -> dict[str, Any]:
    parameters = _typed(entry)
    given: dict[str, Any] = {}
    values = iter([one.strip() for one in rest.split(",")] if rest.strip() else [])
    free = iter(parameters)
    for value in values:
        name, equals, named = value.partition("=")
        name = name if equals else next(free, "")
        if name not in parameters or name in given:
            raise InputError(part_syntax(entry), repr(text), entry.word)
        one = parameters[name]
        first = named if equals else value
        given[name] = _value(entry, one, [first, *_taken(values, _width(one) - 1)], text)
    missing = [name for name, one in parameters.items() if one.default is one.empty and name not in {*given, *offered}]
    if missing:
        raise InputError(f"{part_syntax(entry)}, where {missing[0]} is given", repr(text), part_syntax(entry))
    return given


def _taken(values: Iterator[str], count: int) -> list[str]:
    return [one for _, one in zip(range(count), values, strict=False)]


def _width(parameter: inspect.Parameter) -> int:
    """How many values a parameter takes: a pair of numbers takes two."""
    inner = get_args(parameter.annotation)
    fixed = get_origin(parameter.annotation) is tuple and Ellipsis not in inner
    return len(inner) if fixed else 1


def _value(entry: PartEntry, parameter: inspect.Parameter, texts: Sequence[str], text: str) -> Any:
    try:
        if _width(parameter) > 1:
            inner = get_args(parameter.annotation)
            return tuple(convert(kind, one, parameter.name) for kind, one in zip(inner, texts, strict=True))
        return convert(parameter.annotation, texts[0], parameter.name)
    except ValueError as error:
        hint = entry.word if parameter.default is not parameter.empty else part_syntax(entry)
        raise InputError(f"{part_syntax(entry)}, {parameter.name}: {error}", repr(text), hint) from None


def convert(kind: Any, text: str, name: str, separator: str = "+") -> Any:
    """A value of a type from a text; a ValueError says what it was to be.

    Examples
    --------
    >>> convert(float, "5/12", "start") == 5 / 12, convert(tuple[int, ...], "64+32", "hidden"), convert(bool, "no", "x")
    (True, (64, 32), False)
    """
    if NoneType in _alternatives(kind) and text.lower() == "none":
        return None
    for choice in _alternatives(kind):
        try:
            return _single(choice, text, name, separator)
        except ValueError:
            continue
    raise ValueError(type_words(kind))


def type_words(kind: Any) -> str:
    """What a value of a type is, in words.

    Examples
    --------
    >>> type_words(int | None), type_words(tuple[float, ...]), type_words(Literal["a", "b"])
    ('a whole number or none', 'numbers', 'a or b')
    """
    names = {bool: "yes or no", int: "a whole number", float: "a number", str: "a text", NoneType: "none"}
    said = []
    for one in _alternatives(kind):
        if get_origin(one) is Literal:
            said += map(str, get_args(one))
        elif is_many(one):
            said.append(type_words(get_args(one)[0]).removeprefix("a ") + "s")
        else:
            said.append(names.get(one, "given in Python, not in words"))
    return " or ".join(said)


def choices(kind: Any) -> list[str]:
    """The words that a type allows, if it does not allow others."""
    return [str(word) for one in _alternatives(kind) if get_origin(one) is Literal for word in get_args(one)]


def is_many(kind: Any) -> bool:
    """Whether a type is that of a sequence."""
    return get_origin(kind) in (tuple, list, Sequence)


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _single(kind: Any, text: str, name: str, separator: str) -> Any:
    if get_origin(kind) is Literal:
        words = {str(one): one for one in get_args(kind)}
        return words[text] if text in words else _refuse()
    if is_many(kind):
        texts = [one.strip() for one in text.split(separator) if one.strip()]
        return tuple(convert(get_args(kind)[0], one, name) for one in texts)
    if kind is bool and text in (*YES, *NO, name):
        return text not in NO
    if kind in (int, float):
        return _number(kind, text)
    return text if kind is str else _refuse()


def parse_number(text: str) -> float:
    """A number from a text, which may be a fraction; a ValueError if it is none.

    Examples
    --------
    >>> parse_number("5/12") == 5 / 12, parse_number("inf")
    (True, inf)
    """
    return _number(float, text)


def _number(kind: type[int] | type[float], text: str) -> int | float:
    try:
        number = math.inf if text.lower() in ("inf", "infinity") else Fraction(text)
        value = kind(number)
    except (ZeroDivisionError, OverflowError):
        return _refuse()
    return value if value == number or kind is float else _refuse()


def _refuse() -> Any:
    raise ValueError
