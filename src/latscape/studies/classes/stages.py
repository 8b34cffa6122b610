"""How many classes? Ensembles of joint models with 2, 3, ... classes on the same samples, in numbers."""

import shutil
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape import parts
from latscape.autoencoders import Ensemble
from latscape.errors import InputError
from latscape.metrics import ensemble_agreement
from latscape.runs import Progress, Run, StageResult, Stages
from latscape.runs.files import read_arrays, write_arrays
from latscape.runs.run import PARTIAL
from latscape.studies.classes.spec import ClassesSpec
from latscape.studies.shared.models import build, preset
from latscape.studies.shared.samples import Samples, check_same_samples
from latscape.studies.shared.samples import prepare as prepare_fit
from latscape.studies.shared.scores import class_scores
from latscape.studies.shared.training import timed

PICTURES = "pictures.npz"
#: Scores of a row that are of each member.
SCORES = ("used_classes", "accuracy", "nmi")

Row = dict[str, Any]


def prepare(spec: ClassesSpec) -> Samples:
    """The samples, after all that no ensembles can be made of is refused."""
    if not preset(spec.model).joint:
        joint = [word for word in parts.part_words("model") if preset(word).joint]
        raise InputError(f"--model among {', '.join(joint)}, which find classes", repr(spec.model), "--model jrvae")
    return prepare_fit(spec.model_options(2)).samples


def fit_ensembles(run: Run[ClassesSpec], progress: Progress) -> StageResult:
    """One ensemble after the other; members are kept as they are trained, and a row as soon as it is known."""
    spec, samples = run.spec, check_same_samples(run.record, run.prepared)
    total = spec.members * len(spec.counts)
    for place, count in enumerate(spec.counts):
        if count in rows(run):
            continue

        def on_member(index: int, member: Any, place: int = place, count: int = count) -> None:
            progress(place * spec.members + index + 1, total, f"{count} classes")

        model = build(spec.model_options(count), samples.x.shape[1:], float(samples.x.max()))
        fitted, every = samples.x[~samples.validation], max(1, model.epochs // 50)
        folder, seconds = run.partial(f"members-{count}"), f"seconds/{count}"
        with timed(run.record, seconds):
            members = Ensemble(model, spec.members).fit(fitted, on_member=on_member, checkpoints=folder, every=every)
        row, picture = score(members, samples)
        write_arrays(run.file(PICTURES), {**pictures(run), str(count): picture})
        run.record.put(f"{PARTIAL}{count}", row | {"seconds": run.record.get(seconds)})
        shutil.rmtree(folder, ignore_errors=True)
    return StageResult()


def score(members: Ensemble, samples: Samples) -> tuple[Row, NDArray[np.floating]]:
    """Scores of fitted members on the validation samples; also what the best member's classes look like."""
    seen = samples.x[samples.validation]
    predicted = [probs.argmax(axis=1) for probs in members.member_proba(seen)]
    elbo = [member.score(seen) for member in members.members_]
    dispersion = members.dispersion(seen)
    row: Row = {
        "elbo": elbo,
        "dispersion": float(dispersion.mean()),
        "dispersion_quartiles": np.quantile(dispersion, (0.25, 0.75)).tolist(),
        "agreement": ensemble_agreement(predicted),
    }
    scores = [class_scores(one, members.model.classes, samples.validation_labels) for one in predicted]
    row |= {name: [one[name] for one in scores] for name in SCORES if name in scores[0]}
    top = int(np.argmax(elbo))
    best, order = members.members_[top], members.orders_[top]
    middle = np.median(best.transform(samples.x[~samples.validation]), axis=0)[None]
    return row, best.decode(middle)[0][order]


def rows(run: Run[ClassesSpec]) -> dict[int, Row]:
    """What is known, by number of classes.

    Returns
    -------
    dict
        Of the validation samples, a row holds elbo (of each member) [nat], dispersion (mean), dispersion_quartiles,
        agreement (mean NMI of pairs of members), used_classes (of each member), with labels accuracy and nmi (of each
        member); and seconds of training [s].
    """
    found = {count: run.record.get(f"{PARTIAL}{count}") for count in run.spec.counts}
    return {count: row for count, row in found.items() if row is not None}


def pictures(run: Run[ClassesSpec]) -> dict[str, NDArray[Any]]:
    """What the classes of the member with the best ELBO look like, (classes, ...), by number of classes."""
    path = run.file(PICTURES)
    return read_arrays(path) if path.exists() else {}


def within_spread(rows: Mapping[int, Row]) -> tuple[int, int]:
    """The number of classes with the best mean ELBO, and the smallest whose mean is within that one's deviation.

    Examples
    --------
    >>> within_spread({2: {"elbo": [-9.0, -9.2]}, 3: {"elbo": [-5.0, -5.2]}, 4: {"elbo": [-4.9, -5.3]}})
    (3, 3)
    """
    means = {count: float(np.mean(row["elbo"])) for count, row in rows.items()}
    best = max(means, key=lambda count: (round(means[count], 9), -count))
    deviation = float(np.std(rows[best]["elbo"], ddof=1))
    return best, min(count for count, mean in means.items() if mean >= means[best] - deviation)


STAGES = Stages({"members": fit_ensembles}, prepare)
