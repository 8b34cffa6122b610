"""Options: each is declared once, as a typed field with its help, unit, default, bounds and group.

From that one declaration come the command line, the check ("Expected ... Got ... Try ..."), what a record keeps, the
table in the documentation and the JSON schema of a form. Presets are values of options, nothing else.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from latscape import parts
from latscape.errors import InputError
from latscape.name_hints import WORDS, closest_name
from latscape.parts.grammar import choices, convert, is_many, type_words


def option(
    default: Any = ...,
    help: str = "",
    *,
    unset: str = "",
    unit: str = "",
    group: str = "",
    part: str = "",
    argument: str = "",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
) -> Any:
    """Declare an option of a class of `Options`.

    Parameters
    ----------
    default
        `...` if it must be given.
    help
        A phrase that says what it is.
    unset
        What holds where none, the default, is given.
    unit
        Such as "pixel".
    group
        Heading in the help.
    part
        Kind of part whose words it takes, see `latscape.parts`.
    argument
        What the help calls it, where it is no option but a word behind the command.
    ge, gt, le, lt
        Bounds.
    """
    extra = {"unset": unset, "unit": unit, "group": group, "part": part, "argument": argument}
    kept: dict[str, Any] = {name: value for name, value in extra.items() if value}
    return Field(default, description=help, ge=ge, gt=gt, le=le, lt=lt, json_schema_extra=kept)


def default(options: "type[Options]", name: str, value: Any, **bounds: float) -> Any:
    """An option that another class declares, with another default or other bounds; all else is said once.

    Examples
    --------
    >>> class Training(Options):
    ...     epochs: int | None = option(None, "Passes over the samples.", ge=1)
    >>> class Quick(Training):
    ...     epochs: int = default(Training, "epochs", 7)
    >>> Quick().epochs, Quick.declared()[0].help
    (7, 'Passes over the samples.')
    """
    field = options.model_fields[name]
    limits: dict[str, Any] = {
        key: getattr(one, key) for one in field.metadata for key in ("ge", "gt", "le", "lt") if hasattr(one, key)
    }
    limits |= bounds
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return Field(value, description=field.description, json_schema_extra=extra, **limits)


class Declared(NamedTuple):
    """One option, as people read of it."""

    name: str
    help: str
    kind: str
    default: str | None
    unset: str
    unit: str
    group: str
    argument: str
    flag: bool
    many: bool

    @property
    def typed(self) -> str:
        """How it is typed."""
        return self.argument or flag(self.name)


class Listing(NamedTuple):
    """What there is to choose from, for a command that was typed without a choice.

    Attributes
    ----------
    head, rows
        A table.
    found
        The same for JSON.
    note
        A sentence, "" for none.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    found: Mapping[str, Any]
    note: str = ""


class Options(BaseModel):
    """Base of all specifications: frozen, and without room for a misspelt name.

    Examples
    --------
    >>> class Search(Options):
    ...     budget: int = option(20, "Evaluations in all.", ge=1)
    ...     sizes: tuple[int, ...] = option((2, 3), "Sizes that are tried.")
    >>> Search(budget="7", sizes="4,5")
    Search(budget=7, sizes=(4, 5))
    >>> Search(budget=0)
    Traceback (most recent call last):
    latscape.errors.InputError: Expected --budget of at least 1. Got 0. Try --budget 20.
    >>> Search(budgte=3)
    Traceback (most recent call last):
    latscape.errors.InputError: Expected an option that there is, such as --budget, ... Got --budgte. Try --budget.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=(), ser_json_inf_nan="strings")

    #: Values that a word stands for; "quick" is the default where there are any.
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    #: Options of earlier versions, and what is to be used instead.
    renamed: ClassVar[Mapping[str, str]] = {}

    if not TYPE_CHECKING:

        def __init__(self, **values: Any) -> None:
            try:
                super().__init__(**values)
            except ValidationError as error:
                raise _refusal(type(self), error) from None

    @field_validator("*", mode="before")
    @classmethod
    def _from_text(cls, value: Any, info: Any) -> Any:
        field = cls.model_fields[info.field_name]
        if isinstance(value, str):
            value = convert(field.annotation, value, info.field_name, separator=",")
        elif is_many(field.annotation) and isinstance(value, Sequence):
            inner = get_args(field.annotation)[0]
            value = tuple(convert(inner, one, info.field_name) if isinstance(one, str) else one for one in value)
        _check_words(info.field_name, field, value)
        return value

    def changed(self, **changes: Any) -> Self:
        """The same with other values, checked like new ones."""
        return type(self)(**{**dict(self), **changes})

    @classmethod
    def choose(cls, preset: str, changes: Mapping[str, Any]) -> Self:
        """A preset with some of its values changed.

        Raises
        ------
        InputError
            For a preset there is not, and for values out of range.
        """
        known = list(cls.presets or ("quick",))
        if preset not in known:
            raise InputError(f"--preset among {', '.join(known)}", repr(preset), f"--preset {known[0]}")
        return cls(**{**cls.preset_values(preset, changes), **changes})

    @classmethod
    def preset_values(cls, preset: str, changes: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a preset says, which may depend on what else is chosen."""
        return cls.presets.get(preset, {})

    @classmethod
    def restored(cls, stored: Mapping[str, Any]) -> tuple[Self, str]:
        """Options from a record, and one line on what has changed since; "" if nothing has."""
        gone = sorted(set(stored) - set(cls.model_fields))
        new = [name for name in cls.model_fields if name not in stored]
        said = [f"this version does not know {', '.join(gone)}"] if gone else []
        if new:
            said.append(f"the record says nothing of {', '.join(new)}, which are as by default")
        found = cls(**{name: value for name, value in stored.items() if name not in gone})
        return found, f"Settings have changed since: {'; '.join(said)}." if said else ""

    def listing(self) -> Listing | None:
        """What is listed in place of a run; None where these options say what to do."""
        return None

    @property
    def subject(self) -> str | None:
        """What a run is about, for the name of its folder: the word behind the command."""
        return next((getattr(self, one.name) for one in self.declared() if one.argument), None)

    def stored(self) -> dict[str, Any]:
        """As JSON holds them; infinity is the word inf."""
        values = self.model_dump(mode="json")
        return {name: "inf" if value == float("inf") else value for name, value in values.items()}

    @classmethod
    def declared(cls) -> list[Declared]:
        """All options in order."""
        return [_declared(name, field) for name, field in cls.model_fields.items()]

    @classmethod
    def schema_of(cls) -> dict[str, Any]:
        """The JSON schema, with the words that each option takes."""
        schema = cls.model_json_schema()
        for name, field in cls.model_fields.items():
            if kind := _extra(field, "part"):
                schema["properties"][name]["words"] = parts.part_words(kind)
        return schema


def flag(name: str) -> str:
    """An option as it is typed.

    Examples
    --------
    >>> flag("n_initial")
    '--n-initial'
    """
    return f"--{name.replace('_', '-')}"


def table(options: type[Options]) -> str:
    """All options as a table in Markdown, for the documentation."""
    rows = [f"| `{one.typed}` | {_help(one)} | {_default(one)} |" for one in options.declared()]
    return "\n".join(["| option | what it is | default |", "| --- | --- | --- |", *rows])


def _help(one: Declared) -> str:
    return one.help.replace("|", "\\|") + (f" [{one.unit}]" if one.unit else "")


def _default(one: Declared) -> str:
    if one.default is None:
        return "required"
    return f"`{one.default}`: {one.unset}" if one.unset else f"`{one.default}`"


def _extra(field: FieldInfo, name: str) -> str:
    extra = field.json_schema_extra
    return str(extra.get(name, "")) if isinstance(extra, dict) else ""


def _declared(name: str, field: FieldInfo) -> Declared:
    part, words = _extra(field, "part"), choices(field.annotation)
    known = parts.part_words(part) if part else words
    text = (field.description or "") + (f" One of {', '.join(known)}." if known else "")
    return Declared(
        name=name,
        help=text,
        kind=type_words(field.annotation),
        default=None if field.default is PydanticUndefined else typed_value(field.default),
        unset=_extra(field, "unset") if field.default is None else "",
        unit=_extra(field, "unit"),
        group=_extra(field, "group"),
        argument=_extra(field, "argument"),
        flag=field.annotation is bool,
        many=is_many(field.annotation) and bool(part),
    )


def typed_value(value: Any) -> str:
    """A value as it is typed.

    Examples
    --------
    >>> typed_value(("cooldown", "segments")), typed_value(2000.0), typed_value(None), typed_value(True)
    ('cooldown,segments', '2000', 'none', 'yes')
    """
    if isinstance(value, tuple):
        return ",".join(map(typed_value, value)) or "none"
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


def _check_words(name: str, field: FieldInfo, value: Any) -> None:
    """Whether every word is that of a part; what stands behind its colon is checked when the part is made."""
    kind = _extra(field, "part")
    for text in (value if isinstance(value, tuple) else (value,)) if kind else ():
        word = text.partition(":")[0].partition("=")[0] if isinstance(text, str) else None
        if word is not None and word not in parts.part_words(kind):
            known = parts.part_words(kind)
            near = closest_name(word, known, WORDS) or known[0]
            raise InputError(f"{flag(name)} among {', '.join(known)}", repr(text), f"{flag(name)} {near}")


def _refusal(options: type[Options], error: ValidationError) -> InputError:
    """The first thing that is wrong, in one line."""
    first = error.errors(include_url=False)[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, InputError):
        return cause
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        return unknown(options, name)
    field = options.model_fields[name]
    typed, kind = _declared(name, field).typed, first["type"]
    if kind == "missing":
        return InputError(f"a value for {typed}", "none", "--help")
    hint = f"{typed} {_example(field)}"
    limits = {"greater_than_equal": "at least", "greater_than": "above", "less_than_equal": "at most"}
    limits["less_than"] = "below"
    if kind in limits:
        bound = next(value for key, value in first.get("ctx", {}).items() if key in ("ge", "gt", "le", "lt"))
        expected = (
            f"{typed} of {limits[kind]} {bound:g}" if kind.endswith("equal") else f"{typed} {limits[kind]} {bound:g}"
        )
    else:
        expected = f"{typed} to be {str(cause or type_words(field.annotation)).removesuffix(' or none')}"
    return InputError(expected, repr(first["input"]) if isinstance(first["input"], str) else first["input"], hint)


def unknown(options: type[Options], name: str) -> InputError:
    """What to say of an option that is none: the one that took its place, or the nearest."""
    known = {flag(one): one for one in options.model_fields if not _extra(options.model_fields[one], "argument")}
    renamed = {old: new for base in reversed(options.__mro__) for old, new in vars(base).get("renamed", {}).items()}
    misspelt = [] if get_close_matches(flag(name), known, 1, 0.8) else get_close_matches(name, renamed, 1, 0.8)
    for old in (name, *misspelt):
        if old in renamed:
            return InputError(f"{renamed[old]}, as {flag(old)} is called now", flag(name), renamed[old])
    near = get_close_matches(flag(name), known, 3, 0.4) or list(known)[:3]
    return InputError(f"an option that there is, such as {', '.join(near)}", flag(name), near[0])


def _example(field: FieldInfo) -> str:
    """A value that would do: the default, or the lowest."""
    if field.default not in (None, PydanticUndefined, ()):
        return typed_value(field.default)
    bounds = [getattr(one, name) for one in field.metadata for name in ("ge", "gt") if hasattr(one, name)]
    return f"{bounds[0] + (0 if hasattr(field.metadata[0], 'ge') else 1):g}" if bounds else "..."
