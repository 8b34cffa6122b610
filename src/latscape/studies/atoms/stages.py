"""The atoms of an image, each by its neighbourhood: find them, cut patches, learn, paint what was learned on the image.

The four steps of the lecture's "Let's put it all together", for graphene, for MoS2 and for any file of the user's; and
beside them a perfect crystal of the same spacing and noise, of whose atoms nothing should be learned.
"""

import numpy as np
from numpy.typing import NDArray

from latscape.metrics import purity
from latscape.patches import PatchSet
from latscape.runs import Progress, Run, StageResult, Stages
from latscape.runs.run import computed_once
from latscape.studies.atoms.finding import locate_atoms, perfect_crystal, read_image
from latscape.studies.atoms.learning import patch_model, patches_around, structure
from latscape.studies.atoms.spec import AtomOptions
from latscape.studies.shared.baselines import baseline_result
from latscape.studies.shared.latent_plane import patch_latents
from latscape.studies.shared.training import fit_and_save, fit_resumably

METHODS = ("pca", "nmf", "kmeans", "gmm", "dbscan", "isomap", "tsne")


@computed_once
def patches(run: Run[AtomOptions]) -> tuple[PatchSet, NDArray[np.int64]]:
    """Patches around the atoms that were found, and the numbers of the atoms that have one."""
    found = run.arrays("atoms")
    return patches_around(found["image"], found["position"], run.numbers("atoms")["spacing_pixels"], run.spec)


def learn(run: Run[AtomOptions], progress: Progress) -> StageResult:
    """What varies from atom to atom, by an rVAE, and whether it has structure."""
    (cut, kept), spec = patches(run), run.spec
    model = fit_and_save(patch_model(cut, spec, 0, "rvae"), run, "rvae", progress, cut.patches)
    arrays = patch_latents(model, cut) | {"site": kept, "shown": cut[:: max(1, len(cut) // 49)][:49]}
    numbers = {
        "patches": len(cut),
        "patch_pixels": cut.size,
        "structure": structure(arrays, cut, run.arrays("atoms"), kept, spec),
        "offset_std": arrays["offset"].std(axis=0).tolist(),
    }
    return StageResult(numbers, arrays)


def classify(run: Run[AtomOptions], progress: Progress) -> StageResult:
    """Classes that nobody labelled, by a jrVAE."""
    (cut, kept), classes = patches(run), run.spec.classes
    model = fit_and_save(patch_model(cut, run.spec, classes, "jrvae"), run, "jrvae", progress, cut.patches)
    probs = model.predict_proba(cut.patches)
    label = probs.argmax(axis=1)
    numbers = {
        "class_shares": (np.bincount(label, minlength=classes) / len(cut)).tolist(),
        "class_certainty": float(probs.max(axis=1).mean()),
        "classes_of_one_kind": purity(run.arrays("atoms")["bright"][kept].astype(int), label),
    }
    return StageResult(numbers, patch_latents(model, cut) | {"class": probs, "site": kept})


def compare(run: Run[AtomOptions], progress: Progress) -> StageResult:
    """The same patches without an autoencoder."""
    cut, kept = patches(run)
    found = baseline_result(run, cut.patches, METHODS, run.spec.classes, progress)
    return StageResult(found.numbers, {"site": kept, **found.arrays})


def make_control(run: Run[AtomOptions], progress: Progress) -> StageResult | None:
    """A perfect crystal, and the atoms that are found in it."""
    if not run.spec.control:
        return None
    found = run.arrays("atoms")
    return perfect_crystal(found["image"], found["height"], run.numbers("atoms")["spacing_pixels"], run.spec)


def learn_control(run: Run[AtomOptions], progress: Progress) -> StageResult | None:
    """What is learned of a perfect crystal in the same way."""
    spec, made = run.spec, run.arrays("crystal")
    if not spec.control:
        return None
    cut, kept = patches_around(made["image"], made["position"], run.numbers("atoms")["spacing_pixels"], spec)
    model = fit_resumably(patch_model(cut, spec, 0, "rvae"), run, "control", progress, cut.patches)
    arrays = patch_latents(model, cut)
    arrays["position"] = cut.position * (len(made["image"]) / cut.image_shape[0])
    return StageResult({"control_structure": structure(arrays, cut, made, kept, spec)}, arrays)


STAGES = Stages(
    {
        "atoms": lambda run, progress: locate_atoms(run.prepared, run.spec),
        "rvae": learn,
        "jrvae": classify,
        "baselines": compare,
        "crystal": make_control,
        "control": learn_control,
    },
    read_image,
)
