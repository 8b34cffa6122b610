"""An experiment in a folder: sample, scalarizer, policy, campaign; what was seen at every step is in its record."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from latscape import gp
from latscape.campaign.acquire import acquisition
from latscape.campaign.evaluation import Evaluation
from latscape.campaign.events import Observer
from latscape.campaign.learner import any_value, count, embedding, looks
from latscape.campaign.loop import Campaign
from latscape.campaign.places import Candidates
from latscape.campaign.record import Record
from latscape.campaign.stop import Rule, area, converged
from latscape.errors import InputError, RecordError
from latscape.gp.surrogate import Surrogate
from latscape.lab import policy
from latscape.lab.descriptors import Components, Invariants
from latscape.lab.experiment import Experiment, Scalarizer, note, rescore
from latscape.lab.instruments import Recorded
from latscape.lab.measurement import Instrument, Measurement, Scan
from latscape.lab.scenes import SCENES
from latscape.lab.windows import candidates_of
from latscape.lab.words import scalarizer
from latscape.studies.sample import sample

SURROGATES, DESCRIPTIONS = ("exact", "deep", "stacked"), ("pixels", "components", "invariants")
SURVEY = -1  # beside this number the record keeps the image and the places
MAPS = ("mean", "std", "acquisition", "embedding", "change")


@dataclass(frozen=True)
class Settings:
    """What an exploration was told; all of it is in the record.

    Attributes
    ----------
    scene, image, spectra, coordinates, axis, axis_label, step
        The sample, see `studies.sample.sample`.
    scalarizer
        In words, see `lab.words`; None: the usual one of the scene.
    budget
        Measurements in all.
    starts
        Random places to begin with (policy "inverse").
    batch
        Places asked for at once; more than one are kept apart by a window.
    policy
        "inverse" (learn where to look), "direct" (objects in the image first, up to half the budget) or "grid".
    acquire
        Name of an acquisition.
    surrogate
        "exact" (Gaussian process: what a patch looks like plus where it is), "deep" (deep kernel, whose embedding is a
        map of its own) or "stacked" (both, weighed by what they foretell).
    describe
        What it sees of a patch: "pixels", 6 principal "components", or rotational "invariants" at several scales.
    position
        Whether the surrogate also sees where a patch is.
    window
        Side of the patches [pixel]; None: that of the scene, or 8, and twice that for invariants.
    travel
        Cost of crossing the field, see `Candidates`.
    converged
        End when the prediction changes by less than this in 5 steps; None: never.
    noise, delay
        Of the recorded instrument.
    timeout
        Seconds after which a measurement has failed.
    seed
        All randomness follows from it.
    """

    scene: str | None = None
    image: str | None = None
    spectra: str | None = None
    coordinates: str | None = None
    axis: str | None = None
    axis_label: str = "channel"
    step: int = 1
    scalarizer: str | None = None
    budget: int = 150
    starts: int = 20
    batch: int = 1
    policy: str = "inverse"
    acquire: str = "log_ei"
    surrogate: str = "exact"
    describe: str = "invariants"
    position: bool = True
    window: int | None = None
    travel: float = 0.0
    converged: float | None = None
    noise: float = 0.0
    delay: float = 0.0
    timeout: float | None = None
    seed: int = 0

    def checked(self) -> Self:
        """These settings, or an InputError that says what is wrong with them."""
        if self.policy not in policy.POLICIES:
            raise InputError(f"a policy among {', '.join(policy.POLICIES)}", repr(self.policy), "--policy inverse")
        if self.surrogate not in SURROGATES:
            raise InputError(f"a surrogate among {', '.join(SURROGATES)}", repr(self.surrogate), "--surrogate deep")
        if self.describe not in DESCRIPTIONS:
            known = ", ".join(DESCRIPTIONS)
            raise InputError(f"a description among {known}", repr(self.describe), "--describe invariants")
        if self.budget < 1 or self.starts < 1 or self.batch < 1:
            got = f"budget={self.budget}, starts={self.starts}, batch={self.batch}"
            raise InputError("budget, starts and batch of at least 1", got, "--budget 150 --starts 20")
        acquisition(self.acquire)
        if self.acquire == "thompson" and self.surrogate != "exact":
            raise InputError(
                "a surrogate to draw functions from", "a deep kernel", "--surrogate exact, or another --acquire"
            )
        self.scalarize()
        return self

    @property
    def words(self) -> str:
        """The scalarizer in words: the one given, or the usual one of the scene."""
        if self.scalarizer is not None:
            return self.scalarizer
        if self.scene in SCENES:
            return SCENES[self.scene].scalarizers[0]
        raise InputError("a scalarizer, which says what is interesting", "none", "--scalarizer integral:LOW,HIGH")

    def scalarize(self) -> Scalarizer:
        """The scalarizer."""
        return scalarizer(self.words)

    @property
    def side(self) -> int:
        """Of the patches."""
        usual = SCENES[self.scene].window if self.scene in SCENES else 8
        return self.window or (2 * usual if self.describe == "invariants" else usual)  # the widest filters reach far


class Exploration:
    """One run: made by `create`, found again by `open`, carried on by `run`."""

    def __init__(self, folder: Path, record: Record) -> None:
        self.folder, self.record = folder, record
        kept = record.config.get("explore")
        if kept is None:
            raise RecordError("the record of an experiment", folder, "`latscape runs`")
        known = {one.name for one in fields(Settings)}
        self.settings = Settings(**{name: value for name, value in kept.items() if name in known})

    @classmethod
    def create(cls, settings: Settings, scan: Scan, folder: Path, command: str = "") -> Self:
        """Begin in a folder: settings, image and places go into the record first."""
        settings.checked()
        record = Record.create(folder, {"explore": asdict(settings)})
        record.keep(SURVEY, {"survey": scan.image, "places": scan.coordinates})
        record.put("about", {"name": scan.name, "about": scan.about, "image": scan.image_label})
        record.put("command", command)
        made = cls(folder, record)
        made.scan = scan
        return made

    @classmethod
    def open(cls, folder: Path, readonly: bool = True) -> Self:
        """A run that exists."""
        return cls(folder, Record.open(folder, readonly=readonly))

    @cached_property
    def scan(self) -> Scan:
        """The sample, read again from where it was."""
        s = self.settings
        return sample(s.scene, s.image, s.spectra, s.coordinates, s.axis, s.axis_label, s.step)

    @cached_property
    def space(self) -> Candidates:
        """The places that can be measured."""
        s, scan = self.settings, self.scan
        patches = candidates_of(scan.image, scan.coordinates, s.side).patches
        describe = {"pixels": None, "components": Components, "invariants": Invariants}[s.describe]
        spread = float(s.side) if s.batch > 1 else 0.0
        return candidates_of(
            scan.image,
            scan.coordinates,
            s.side,
            spread=spread,
            travel=s.travel,
            describe=None if describe is None else describe(patches),
            position=s.position,
        )

    @cached_property
    def campaign(self) -> Campaign:
        """The loop."""
        s = self.settings
        return Campaign(self.space, surrogate_of(s, self.space.groups), s.acquire, s.seed, self.record)

    @property
    def plan(self) -> dict[str, Any]:
        """Starts, budget, rules and maps, as the policy has them."""
        s, places = self.settings, self.space.candidates()
        starts: int | NDArray[np.float64] = min(s.starts, s.budget)
        budget = s.budget
        if s.policy == "grid":
            starts = policy.grid(places, s.budget)
            budget = len(starts)
        elif s.policy == "direct":
            starts = policy.direct(places, self.scan.image, max(s.budget // 2, 1))
        rules: list[Rule] = [area(1.0)]
        if s.converged is not None:
            rules.append(converged(s.converged))
        return {"starts": starts, "budget": budget, "rules": rules, "maps": True}

    @property
    def words(self) -> str:
        """The scalarizer in force."""
        return self.record.get("words") or self.settings.words

    def run(self, observers: Sequence[Observer] = (), instrument: Instrument | None = None) -> None:
        """Measure what is still to be measured, and look at what it says."""
        s, begun = self.settings, time.perf_counter()
        rule = scalarizer(self.words)
        note(self.record, rule)
        tool = instrument or Recorded(self.scan, s.noise, s.delay, s.seed)
        before = float(self.record.get("seconds") or 0.0)
        try:
            result = self.campaign.run(
                Experiment(tool, rule, s.timeout),
                observers=observers,
                evaluate_optimum=False,
                batch=s.batch,
                **self.plan,
            )
        finally:
            self.record.put("seconds", before + time.perf_counter() - begun)
        self.record.put("stopped", result.stopped)
        self.look()

    def look(self) -> None:
        """Keep what the surrogate makes of all that was measured, and what it would be worth if the truth is known."""
        rows = self.record.evaluations(curves=False)
        if not any_value(rows):
            return
        result = self.campaign.result()
        maps: dict[str, Any] = {"mean": result.mean, "std": result.std}
        inputs = self.space.features(result.candidates, self.space.decode(result.candidates))
        self.record.keep(count(rows), maps | embedding(result.model, inputs, looks(self.space)))
        if self.settings.scene is not None or self.settings.spectra is not None:
            self.record.keep(SURVEY, {"truth": scores(self.scan, scalarizer(self.words))})

    def rescalarized(self, words: str, folder: Path, command: str = "") -> "Exploration":
        """A copy of this run whose measurements are scored by another scalarizer; this one stays as it is."""
        rule = scalarizer(words)
        record = self.record.copy(folder)
        record.drop_arrays(MAPS)
        record.put("words", words)
        record.put("command", command)
        record.put("rescored", {"of": self.folder.name, "from": self.words, "to": words})
        known = rescore(record, rule)
        note(record, rule)
        other = Exploration(folder, record)
        if known:
            other.look()
        return other

    @cached_property
    def evaluations(self) -> list[Evaluation]:
        """All rows, with their spectra."""
        return self.record.evaluations()

    def survey(self, name: str) -> NDArray[np.float32] | None:
        """The image "survey", the "places" (m, 2) or the "truth" (m,); None if it is not known."""
        return self.record.arrays(SURVEY).get(name)

    def steps(self) -> list[int]:
        """Numbers of evaluations at which maps were kept."""
        return [number for number in self.record.numbers("mean") if number >= 0]


DECAY = 30.0  # of the network's weights: measured properties are noisy, and a network explains any noise


def surrogate_of(settings: Settings, groups: tuple[tuple[int, ...], ...]) -> Surrogate:
    """The surrogate by its word; `groups` of its inputs say what a patch looks like and where it is."""
    exact = gp.Seldom(gp.Exact(noise="broad", groups=groups))
    deep = gp.DeepKernel(decay=DECAY, seed=settings.seed)
    stacked = gp.Stacked((exact, deep), seed=settings.seed)
    return {"exact": exact, "deep": deep, "stacked": stacked}[settings.surrogate]


def scores(scan: Scan, rule: Callable[[Measurement], float]) -> NDArray[np.float64]:
    """The scalarizer at all places of a scan, (m,); NaN where it fails. For judgement afterwards; no loop sees it."""
    found = np.full(len(scan), np.nan)
    for index in range(len(scan)):
        try:
            value = rule(scan.measurement(index))
        except Exception:
            continue
        found[index] = value if np.isfinite(value) else np.nan
    return found


def judged(truth: NDArray, mean: NDArray, measured: NDArray[np.intp], values: NDArray) -> dict[str, float]:
    """What a run was worth where the truth is known.

    Returns
    -------
    dict
        `r2` of the prediction over all places; `top_found`, the share measured of the best places (top 1 %, or 5 % of
        fewer than 2,500 places); `regret`, how far the best measured place is from the best there is, in standard
        deviations of the truth.
    """
    known = np.isfinite(truth)
    spread = float(truth[known].std()) or 1.0
    residual = float(np.mean((truth[known] - mean[known]) ** 2))
    best = top(truth)
    found = truth[measured]
    return {
        "r2": 1.0 - residual / spread**2,
        "top_found": float(np.isin(best, measured).mean()),
        "regret": float((np.nanmax(truth) - (np.nanmax(found) if np.isfinite(found).any() else np.nan)) / spread),
    }


def top(truth: NDArray) -> NDArray[np.intp]:
    """Indices of the best places: the top 1 %, or the top 5 % of fewer than 2,500 places."""
    known = int(np.isfinite(truth).sum())
    k = max(round(known * (0.01 if known >= 2500 else 0.05)), 1)
    return np.argsort(np.where(np.isfinite(truth), -truth, np.inf), kind="stable")[:k]
