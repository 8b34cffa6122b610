"""An experiment whose measurements are made by somebody else: asked for and told in plain JSON."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from latscape.campaign.evaluate import EvaluationResult
from latscape.campaign.evaluation import Evaluation, best_of
from latscape.campaign.events import Observer
from latscape.campaign.loop import Campaign
from latscape.campaign.stop import Rule
from latscape.errors import InputError
from latscape.lab.experiment import Scalarizer, log_scalarizer, score_measurement
from latscape.lab.measurement import Measurement
from latscape.name_hints import with_option_hints
from latscape.signals import Axis

Message = Mapping[str, Any]


@with_option_hints
class AskTellSession:
    """Hands out places to measure and takes what was measured there, from any thread, for `latscape.lab.serve`.

    The scalarizer says what is interesting in a measurement; `n_initial`, `budget`, `rules`, `maps` and `observers` are
    those of `Campaign.run`, of a campaign over the places. Every row that was told is given to `told`.

    Examples
    --------
    >>> from latscape.campaign import Campaign, Candidates
    >>> space = Candidates(np.random.default_rng(0).normal(size=(9, 2, 2)), np.argwhere(np.ones((3, 3))))
    >>> desk = AskTellSession(Campaign(space), lambda found: float(found.values.max()), n_initial=1, budget=1)
    >>> (asked,) = desk.ask({"n": 1})["points"]
    >>> desk.tell({"point": asked["point"], "values": [1.0, 4.0]})
    {'told': 1, 'values': [4.0], 'errors': [None]}
    >>> desk.ask({})["stopped"]
    'budget of 1 evaluations spent'
    """

    def __init__(
        self,
        campaign: Campaign,
        scalarizer: Scalarizer,
        n_initial: int | ArrayLike = 20,
        budget: int = 140,
        rules: Sequence[Rule] = (),
        maps: bool = False,
        observers: Sequence[Observer] = (),
        told: Callable[[Evaluation], object] | None = None,
    ) -> None:
        self.campaign, self.scalarizer = campaign, scalarizer
        self.finished = threading.Event()
        self.stopped: str | None = None
        self.budget = budget
        self._advance = partial(campaign.advance, n_initial, budget, rules=rules, maps=maps, observers=observers)
        self._told, self._handed = told or (lambda row: None), set[int]()
        self._lock = threading.RLock()
        log_scalarizer(campaign.record, scalarizer)

    def ask(self, message: Message) -> dict[str, Any]:
        """`{"n": 1}` -> `{"points": [{"number": 0, "point": [r, c]}, ...], "stopped": null or the reason to end}`.

        What was asked for before a restart and never told comes first.
        """
        n = message.get("n", 1)
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= 1000:
            raise InputError('{"n": 1 to 1000}', f'"n": {n!r}', '{"n": 1}')
        with self._lock:
            waiting = [one for one in self._pending() if one.index not in self._handed]
            if not waiting and self.stopped is None:
                waiting, reason = self._advance(batch=n)
                if reason is not None:
                    self._end(reason)
            handed = waiting[:n]
            self._handed |= {one.index for one in handed}
            points = [{"number": one.index, "point": one.point.tolist()} for one in handed]
            return {"points": points, "stopped": None if points else self.stopped}

    def tell(self, message: Message) -> dict[str, Any]:
        """`{"point": [r, c], ...}`, or `{"measurements": [...]}` of these -> how many, their values, their errors.

        Beside the point stands one of `"values"` (nested lists; null is NaN) with `"axes": [{"name": "bias", "unit":
        "V", "values": [...]}]`, `"value"` (a number scored elsewhere) or `"error"` (a text). `"place"` tells where it
        was really measured, `"image"` brings a new image of the sample. A place that was never asked for is taken, and
        marked as told.
        """
        given = message.get("measurements", [message])
        if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
            raise InputError('"measurements" that are a list of objects', type(given).__name__, '{"point": [0, 0]}')
        read = [(_numbers(one, "point"), self._outcome(one)) for one in given]  # all are read before one is told
        with self._lock:
            before = {one.index for one in self.campaign.record.evaluations(curves=False) if one.status != "asked"}
            for point, found in read:
                self.campaign.tell(point, [found])
            rows = [one for one in self.campaign.record.evaluations() if one.index not in before]
            new = [one for one in rows if one.status != "asked"]
        for one in new:
            self._told(one)
        return {"told": len(new), "values": [one.value for one in new], "errors": [one.error for one in new]}

    def status(self, message: Message | None = None) -> dict[str, Any]:
        """How far it is: evaluations, failures, pending points, the best value and where it is, why it ended."""
        with self._lock:
            rows = self.campaign.record.evaluations(curves=False)
        best = best_of(rows)
        return {
            "evaluations": len(rows),
            "failed": sum(one.status == "failed" for one in rows),
            "pending": [one.point.tolist() for one in rows if one.status == "asked"],
            "budget": self.budget,
            "best": None if best is None else {"value": best.value, "point": best.where.tolist()},
            "stopped": self.stopped,
        }

    def stop(self, message: Message | None = None) -> dict[str, Any]:
        """End: nothing more is asked for; what is pending may still be told."""
        self._end("stop was requested")
        return self.status()

    def last_tells(self, timeout: float) -> None:
        """After the end: wait until nothing is pending, but no longer than so many seconds."""
        until = time.monotonic() + timeout
        while self._pending() and time.monotonic() < until:
            time.sleep(0.05)

    def _pending(self) -> list[Evaluation]:
        with self._lock:
            return self.campaign.record.waiting()

    def _end(self, reason: str) -> None:
        self.stopped = self.stopped or reason
        self.finished.set()

    def _outcome(self, message: Message) -> EvaluationResult | float:
        known = [name for name in ("values", "value", "error") if name in message]
        if len(known) != 1:
            got, hint = f"{sorted(message)}", '{"point": [0, 0], "value": 1.0}'
            raise InputError('one of "values", "value" and "error"', got, hint)
        if "error" in message:
            return EvaluationResult(np.nan, error=" ".join(str(message["error"]).split())[:500] or "it failed")
        if "value" in message:
            return float(_numbers(message, "value"))
        values = _numbers(message, "values")
        axes = tuple(_axis(one) for one in message.get("axes", ()))
        axes = axes or tuple(Axis(f"index {k}", n) for k, n in enumerate(values.shape))
        place, image = (None if message.get(name) is None else _numbers(message, name) for name in ("place", "image"))
        return score_measurement(Measurement(values, axes, place=place, new_image=image), self.scalarizer)


def _axis(given: Any) -> Axis:
    if not isinstance(given, Mapping) or not {"name", "values"} <= given.keys():
        hint = '{"name": "bias", "unit": "V", "values": []}'
        raise InputError('axes {"name", "unit", "values"}', repr(given)[:80], hint)
    return Axis.at(str(given["name"]), _numbers(given, "values"), str(given.get("unit", "")))


def _numbers(message: Message, name: str) -> Any:
    """The numbers of a field as an array; null becomes NaN."""
    try:
        return np.array(message[name], dtype=np.float64)
    except (KeyError, TypeError, ValueError) as error:
        got = repr(message[name])[:60] if name in message else f"only {sorted(message)}"
        raise InputError(f"numbers in {name!r}, nested lists of one shape", got, '{"point": [0, 0]}') from error
