"""How many classes? Ensembles of joint models with 2, 3, ... classes on the same samples, in numbers."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.autoencoders.ensemble import Ensemble
from latscape.campaign.storage import versions
from latscape.errors import InputError, RecordError
from latscape.metrics.clustering import agreement
from latscape.studies.arrays import read_arrays, write_arrays
from latscape.studies.fitting import describe, prepare
from latscape.studies.models import PRESETS, ModelOptions
from latscape.studies.objective import class_scores
from latscape.studies.run import RESULT, read_result, write_result
from latscape.studies.samples import DataOptions, Samples

PICTURES = "pictures.npz"

#: (members done, all members, note)
OnMember = Callable[[int, int, str], None]


@dataclass
class Classes:
    """The choice of a number of classes, in its folder; what is known already is not computed again.

    Attributes
    ----------
    folder : Path
    result : dict
        What `result.json` holds: kind, created (UTC), command, versions, options, up_to, members, data, and
        k: {number of classes: row}, where a row holds of the held-out samples elbo (of each member) [nat], dispersion
        (mean), dispersion_quartiles, agreement (mean NMI of pairs of members), used_classes (of each member), with
        labels accuracy and nmi (of each member), and seconds [s].
    """

    folder: Path
    result: dict[str, Any]

    @classmethod
    def create(
        cls,
        data: DataOptions,
        options: ModelOptions,
        folder: Path,
        samples: Samples,
        *,
        up_to: int,
        members: int = 3,
        command: str = "",
    ) -> "Classes":
        """Begin in an empty folder."""
        result = {
            "kind": "classes",
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "command": command,
            "versions": versions(),
            "options": {"data": data.as_dict(), "model": options.as_dict()},
            "up_to": up_to,
            "members": members,
            "data": describe(samples),
            "k": {},
        }
        write_result(folder, result)
        study = cls(folder, result)
        study.samples = samples
        return study

    @classmethod
    def open(cls, folder: Path) -> "Classes":
        """One that was begun."""
        result = read_result(folder)
        if result["kind"] != "classes":
            raise RecordError("a choice of classes", f"{folder / RESULT} of another kind", "`latscape runs`")
        return cls(folder, result)

    def run(self, on_member: OnMember = lambda done, total, note: None) -> None:
        """One ensemble after the other; a row is written as soon as it is known."""
        samples, members = self.samples, self.result["members"]
        if describe(samples) != self.result["data"]:
            raise InputError("the samples this was begun with", self.result["data"]["source"], "a new run")
        total = members * len(self.counts)
        for place, count in enumerate(self.counts):
            if str(count) in self.result["k"]:
                continue

            def count_member(index: int, member: Any, place: int = place, count: int = count) -> None:
                on_member(place * members + index + 1, total, f"{count} classes")

            row, picture = ensemble_row(self.ensemble(count), samples, count_member)
            write_arrays(self.folder / PICTURES, {**self.pictures(), str(count): picture})
            self.result["k"][str(count)] = row
            write_result(self.folder, self.result)

    @cached_property
    def samples(self) -> Samples:
        """The samples, read again."""
        return prepare(self.data_options, self.model_options(2))[1]

    @property
    def data_options(self) -> DataOptions:
        """Which samples."""
        return DataOptions(**self.result["options"]["data"])

    def model_options(self, classes: int) -> ModelOptions:
        """Of a model with this number of classes."""
        return replace(ModelOptions.from_dict(self.result["options"]["model"]), classes=classes)

    def ensemble(self, classes: int) -> Ensemble:
        """The unfitted members with this number of classes."""
        largest = float(self.samples.x.max())
        return Ensemble(self.model_options(classes).build(self.samples.x.shape[1:], largest), self.result["members"])

    @property
    def counts(self) -> range:
        """The numbers of classes that are asked for."""
        return range(2, self.result["up_to"] + 1)

    @property
    def rows(self) -> dict[int, dict[str, Any]]:
        """What is known, by number of classes."""
        return {int(count): row for count, row in self.result["k"].items()}

    @property
    def finished(self) -> bool:
        """Whether every number of classes is done."""
        return set(self.rows) >= set(self.counts)

    def pictures(self) -> dict[str, NDArray[Any]]:
        """What the classes of the member with the best ELBO look like, (classes, ...), by number of classes."""
        path = self.folder / PICTURES
        return read_arrays(path) if path.exists() else {}


def check(options: ModelOptions, up_to: int, members: int) -> None:
    """Refuse what no ensembles can be made of."""
    if not options.preset.joint:
        joint = [name for name, preset in PRESETS.items() if preset.joint]
        raise InputError(f"--model among {', '.join(joint)}, which find classes", repr(options.model), "--model jrvae")
    for name, value, least in (("up-to", up_to, 2), ("members", members, 2)):
        if value < least:
            raise InputError(f"--{name} of at least {least}", value, f"--{name} {least + 1}")


def ensemble_row(
    ensemble: Ensemble, samples: Samples, on_member: Callable[[int, Any], None]
) -> tuple[dict[str, Any], NDArray[np.floating]]:
    """Fit the members and score them on the held-out samples; also what the best member's classes look like."""
    begun = time.perf_counter()
    ensemble.fit(samples.x[~samples.held_out], on_member=on_member)
    seconds, seen = time.perf_counter() - begun, samples.x[samples.held_out]
    predicted = [probs.argmax(axis=1) for probs in ensemble.member_proba(seen)]
    elbo = [member.score(seen) for member in ensemble.members_]
    dispersion = ensemble.dispersion(seen)
    row: dict[str, Any] = {
        "elbo": elbo,
        "dispersion": float(dispersion.mean()),
        "dispersion_quartiles": np.quantile(dispersion, (0.25, 0.75)).tolist(),
        "agreement": agreement(predicted),
        "seconds": seconds,
    }
    labels = None if samples.labels is None else samples.labels[samples.held_out]
    labels = None if labels is None or (labels < 0).all() else labels
    scores = [class_scores(one, ensemble.model.classes, labels) for one in predicted]
    row |= {name: [one[name] for one in scores] for name in ("used_classes", "accuracy", "nmi") if name in scores[0]}
    best = ensemble.members_[int(np.argmax(elbo))]
    order = ensemble.orders_[int(np.argmax(elbo))]
    middle = np.median(best.transform(samples.x[~samples.held_out]), axis=0)[None]
    return row, best.decode(middle)[0][order]


def within_spread(rows: dict[int, dict[str, Any]]) -> tuple[int, int]:
    """The number of classes with the best mean ELBO, and the smallest whose mean is within that one's deviation.

    Examples
    --------
    >>> within_spread({2: {"elbo": [-9.0, -9.2]}, 3: {"elbo": [-5.0, -5.2]}, 4: {"elbo": [-4.9, -5.3]}})
    (3, 3)
    """
    means = {count: _mean(row["elbo"]) for count, row in rows.items()}
    best = max(means, key=lambda count: (round(means[count], 9), -count))
    deviation = float(np.std(rows[best]["elbo"], ddof=1))
    return best, min(count for count, mean in means.items() if mean >= means[best] - deviation)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
