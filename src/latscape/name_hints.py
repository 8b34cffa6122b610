"""What names and options of version 0.1.0 are called now, and what a misspelt one may mean."""

import difflib
import inspect
import re
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from opcode import opmap
from pathlib import Path
from typing import Any, TypeVar

Thing = TypeVar("Thing", bound=Callable[..., Any])
#: Letters of a type that is shown.
_SHORT = 20
Kind = TypeVar("Kind")

#: Names that rooms have now, and behind the colon what they were called.
_CALLED_BEFORE = """
DiscreteSpace:Places PercentilePruner:Worse RefitOnGrowth:Seldom AskTellSession:Desk ReplayInstrument:Recorded
synthetic:made run_kind:kind_of run_kinds:kinds computed_once:once CampaignRecord:Record CampaignResult:Result
EvaluationResult:Outcome,Attempt CampaignStarted:Started CampaignEnded:Ended CandidatesProposed:Proposed
optimize_acquisition:choose propose_candidates:propose resolve_acquisition:acquisition ExactGP:Exact
BayesianGP:Bayesian StackedSurrogate:Stacked StructuredGP:Structured TrajectoryFamily:Family FerroSIMRun:Run
PART_KINDS:KINDS build_part:build find_part:lookup identify_part:identify parse_number:number part_description:about
part_maker:maker part_syntax:form part_words:words registered_parts:entries PartEntry:Entry PartKind:Kind
class_count_curve:over_classes class_map:painted_classes decomposition_maps:baseline evaluation_map:search
grey_image:picture hysteresis_loop:loop image_grid:samples measurement_map:pattern measurement_path:survey
model_comparison:comparison objective_correlation:objective_trust objective_landscape:landscape
polarization_angle:angle polarization_movie:movie report_style:style site_values:sites training_curves:training
trajectory_families:families value_map:painted ensemble_agreement:agreement match_classes:matching
recovered_classes:extracted score_measurement:outcome
"""
NAMES: dict[str, tuple[str, ...]] = {
    now: tuple(old.split(",")) for now, _, old in (one.partition(":") for one in _CALLED_BEFORE.split())
}
#: Methods and attributes likewise.
ATTRIBUTES = {
    "should_prune": ("hopeless",),
    "positions": ("x", "values"),
    "units": ("unit",),
    "values": ("y",),
    "measurements": ("values", "axes"),
}
#: Words of parts likewise.
WORDS = {"refit-on-growth": ("seldom",), "mutual-information": ("untold",), "class-balance": ("in-use", "in_use")}
#: Options that 0.1.0 or other packages call otherwise.
OPTIONS = {
    "epochs": ("cycles", "n_epochs", "max_epochs", "training_cycles"),
    "on_epoch": ("on_cycle",),
    "validation": ("held_out", "validation_split"),
    "n_orientations": ("starts",),
    "n_initial": ("starts", "n_init", "n_startup_trials"),
    "n_restarts": ("starts",),
    "budget": ("n_trials", "n_calls", "n_evaluations"),
    "latent": ("latent_dim", "n_components", "z_dim", "latents"),
    "classes": ("n_classes", "num_classes", "n_clusters", "discrete_dim"),
    "batch": ("batch_size",),
    "learning_rate": ("lr",),
    "seed": ("random_state",),
    "supervision": ("known",),
    "angle": ("rotation", "rot_prior"),
    "shift": ("translation", "dx_prior"),
    "acquire": ("acquisition", "acq_func"),
    "new_image": ("image",),
}


def closest_name(name: str, names: Iterable[str], called: dict[str, tuple[str, ...]]) -> str | None:
    """The one of `names` that a name may mean: what it is called now, or what is spelt alike.

    Examples
    --------
    >>> closest_name("cycles", ["epochs", "batch"], OPTIONS), closest_name("epoch", ["epochs"], OPTIONS)
    ('epochs', 'epochs')
    >>> closest_name("cyclez", ["epochs", "batch"], OPTIONS)
    'epochs'
    >>> closest_name("rVAE", ["rvae", "vae"], NAMES)
    'rvae'
    """
    known = list(names)
    renamed = [now for now, others in called.items() if name in others and now in known]
    lower = {other: now for now, others in called.items() if now in known for other in others}
    lower |= {one.lower(): one for one in reversed(known)}
    close = difflib.get_close_matches(name.lower(), lower, n=1)
    return next(iter([*renamed, *(lower[one] for one in close)]), None)


def with_name_hints(
    room: str, names: Iterable[str], resolve: Callable[[str], Any] | None = None
) -> Callable[[str], Any]:
    """`__getattr__` of a room that says what a name it has not may mean.

    Parameters
    ----------
    resolve
        Finds names that load on first use, or raises AttributeError; default: all are there already.
    """
    public = [name for name in names if not name.startswith("_")]

    def find(name: str) -> Any:
        try:
            if resolve is not None:
                return resolve(name)
        except AttributeError:
            if name in public:  # it is there, and something in it failed
                raise
        hint, caller = _name_hint(room, name, public), sys._getframe(1)
        if hint and caller.f_code.co_code[caller.f_lasti] == opmap["IMPORT_FROM"]:
            # `from room import name` would drop the text of an AttributeError
            raise ImportError(f"cannot import name {name!r} from {room!r}{hint}", name=name)
        raise AttributeError(f"module {room!r} has no attribute {name!r}{hint}")

    return find


def give_name_hints(room: str) -> None:
    """The same for a room whose names are all there, unseen by type checkers, which would take any name for one."""
    module = sys.modules[room]
    vars(module)["__getattr__"] = with_name_hints(room, module.__all__)


def _name_hint(room: str, name: str, public: list[str]) -> str:
    folder = Path(sys.modules[room].__file__ or "").parent
    if name.startswith("_") or (folder / name).is_dir() or (folder / f"{name}.py").exists():
        return ""  # nobody asks for it by hand, or a module that is about to be imported
    called = [name, *(now for now, others in NAMES.items() if name in others)]
    known = next((now for now in called if now in public), None)
    if known is not None:
        return f"; it is {room}.{known} now"
    for file in sorted(folder.glob("[!_]*.py")):
        text = file.read_text(encoding="utf-8")
        for now in called:
            if re.search(rf"^(?:(?:def|class) {re.escape(now)}\b|{re.escape(now)}(?:: .+)? = )", text, re.MULTILINE):
                return f"; it is in {room}.{file.stem}: from {room}.{file.stem} import {now}"
    meant = closest_name(name, public, NAMES)
    return f"; did you mean {meant}?" if meant else ""


def with_attribute_hints(cls: type[Kind]) -> type[Kind]:
    """A class whose old or misspelt attributes are answered with what they may mean."""

    def find(self: Any, name: str) -> Any:
        if name.startswith("_"):  # NumPy asks for several whenever it meets one
            raise AttributeError(name)
        public = [one for one in (*dir(cls), *getattr(cls, "__dataclass_fields__", ())) if not one.startswith("_")]
        meant = closest_name(name, public, ATTRIBUTES)
        hint = f"; did you mean {meant!r}?" if meant else ""
        raise AttributeError(f"{cls.__name__!r} object has no attribute {name!r}{hint}")

    type.__setattr__(cls, "__getattr__", find)
    return cls


def with_option_hints(thing: Thing) -> Thing:
    """A function or class whose options, where one is unknown, are answered with what it may mean.

    Examples
    --------
    >>> @with_option_hints
    ... def fit(epochs: int = 10) -> int:
    ...     return epochs
    >>> fit(cycles=3)
    Traceback (most recent call last):
    TypeError: fit() has no option 'cycles'; did you mean 'epochs'?
    """
    if not isinstance(thing, type):
        return _answering(thing, thing.__name__)
    type.__setattr__(thing, "__init__", _answering(thing.__init__, thing.__name__))
    type.__setattr__(thing, "__signature__", short_signature(inspect.signature(thing)))
    return thing  # pyright: ignore[reportReturnType]


def short_signature(signature: inspect.Signature) -> inspect.Signature:
    """What `help` shows first: defaults, and types of a word or two; an editor has the others from the source.

    Examples
    --------
    >>> def fit(epochs: int = 3, weight: float | Callable[[float], float] = 1.0) -> int:
    ...     return epochs
    >>> short_signature(inspect.signature(fit))
    <Signature (epochs: int = 3, weight=1.0) -> int>
    """

    def short(annotation: Any) -> Any:
        return annotation if len(inspect.formatannotation(annotation)) <= _SHORT else inspect.Signature.empty

    own = [one.replace(annotation=short(one.annotation)) for one in signature.parameters.values()]
    return signature.replace(parameters=own, return_annotation=short(signature.return_annotation))


def _answering(function: Any, title: str) -> Any:
    signature = inspect.signature(function)
    options = list(signature.parameters)
    if any(one.kind is one.VAR_KEYWORD for one in signature.parameters.values()):  # for what the function makes
        options += inspect.signature(signature.return_annotation).parameters

    @wraps(function)
    def called(*args: Any, **given: Any) -> Any:
        for name in given:
            if name not in options:
                meant = closest_name(name, options, OPTIONS)
                raise TypeError(f"{title}() has no option {name!r}" + (f"; did you mean {meant!r}?" if meant else ""))
        return function(*args, **given)

    called.__signature__ = short_signature(signature)  # type: ignore[attr-defined]
    return called
