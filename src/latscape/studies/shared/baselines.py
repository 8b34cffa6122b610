"""What methods without an autoencoder say of the same patches."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.patches import baselines
from latscape.patches.decompositions import Baseline
from latscape.runs import Progress, Run, StageResult

_KINDS = {"pca": "components", "nmf": "components", "isomap": "embedding", "tsne": "embedding", "umap": "embedding"}


def baseline_result(
    run: Run[Any], patches: NDArray[Any], methods: Sequence[str], clusters: int, progress: Progress
) -> StageResult:
    """Values and patterns by every method, each kept as soon as it is there, and what there is to note of it."""
    arrays: dict[str, NDArray[Any]] = {}
    for number, name in enumerate(methods):
        progress(number, len(methods), name)
        arrays |= run.partial_arrays(name, partial(_computed, name, patches, clusters, run.spec.seed))
    notes = {name: str(arrays.pop(f"{name}_note")) for name in methods}
    return StageResult({"baselines": notes}, arrays)


def _computed(name: str, patches: NDArray[Any], clusters: int, seed: int) -> dict[str, NDArray[Any]]:
    found = baselines(patches, [name], clusters=clusters, seed=seed)[name]
    return {f"{name}_values": found.values, f"{name}_patterns": found.patterns, f"{name}_note": np.array(found.note)}


def stored_baseline(name: str, arrays: dict[str, NDArray[Any]], note: str) -> Baseline:
    """A method's answer from the arrays of `baseline_result`."""
    kind: Any = _KINDS.get(name, "clusters")
    return Baseline(name, kind, arrays[f"{name}_values"], arrays[f"{name}_patterns"], note)
