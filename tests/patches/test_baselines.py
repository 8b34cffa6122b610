import builtins

import numpy as np
import pytest
from matplotlib.figure import Figure

from latscape import plot
from latscape.errors import InputError
from latscape.patches import baselines, cut, moran
from latscape.patches.decompositions import METHODS

RANDOM = np.random.default_rng(0)
member = np.repeat([0, 1, 2], 40)
SPECTRA = np.eye(3)[member] @ RANDOM.uniform(0.5, 1.5, size=(3, 24)) + 0.03 * RANDOM.normal(size=(120, 24))


@pytest.mark.parametrize("name", ["kmeans", "gmm", "dbscan"])
def test_clusters_that_are_there_are_found(name):
    found = baselines(SPECTRA, [name], clusters=3)[name]
    together = [len(set(found.labels[member == k]) - {-1}) for k in range(3)]
    assert together == [1, 1, 1]
    assert len(set(found.labels) - {-1}) == len(found.patterns) == 3


@pytest.mark.parametrize("name", ["isomap", "tsne"])
def test_embeddings_keep_clusters_apart(name):
    x = baselines(SPECTRA, [name])[name].values
    centres = np.array([x[member == k].mean(axis=0) for k in range(3)])
    assert (np.linalg.norm(x[:, None] - centres, axis=2).argmin(axis=1) == member).mean() > 0.97


@pytest.mark.parametrize("name", ["pca", "nmf"])
def test_loadings_times_components_are_the_samples(name):
    found = baselines(np.abs(SPECTRA), [name], components=3)[name]
    mean = np.abs(SPECTRA).mean(axis=0) if name == "pca" else 0.0
    rest = np.abs(SPECTRA) - mean - found.values @ found.patterns
    assert np.std(rest) < 0.05


def test_samples_beyond_the_most_are_left_out_and_the_same_seed_leaves_out_the_same():
    first, again = (baselines(SPECTRA, ["tsne"], most=60, seed=3)["tsne"].values for _ in range(2))
    assert np.isfinite(first).all(axis=1).sum() == 60
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("name", ["pca", "kmeans", "isomap"])
def test_every_method_is_one_picture(name):
    patches = cut(RANDOM.normal(size=(40, 40)), size=8)
    found = baselines(patches.patches, [name])[name]
    drawn: list[np.ndarray] = []
    axes = plot.decomposition_maps(Figure(), found, lambda ax, values, label, classes: drawn.append(values))
    assert len(drawn) == (1 if name == "kmeans" else found.values.shape[1])
    assert len(axes) >= 3
    np.testing.assert_array_equal(drawn[0], found.values[:, 0])


def test_umap_keeps_groups_apart():
    pytest.importorskip("umap", reason="needs latscape[umap]")
    groups = np.concatenate([RANDOM.normal(centre, 0.3, size=(40, 12)) for centre in (0.0, 3.0, 6.0)])
    found = baselines(groups, ["umap"], seed=1)["umap"].values
    centres = found.reshape(3, 40, -1).mean(axis=1)
    spread = np.linalg.norm(found.reshape(3, 40, -1) - centres[:, None], axis=-1).mean()
    apart = min(np.linalg.norm(centres[a] - centres[b]) for a, b in ((0, 1), (0, 2), (1, 2)))
    assert apart > 3 * spread
    np.testing.assert_array_equal(found, baselines(groups, ["umap"], seed=1)["umap"].values)


def test_a_missing_umap_names_its_extra(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "umap":
            raise ImportError
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"latscape\[umap\]"):
        baselines(SPECTRA, ["umap"])


@pytest.mark.parametrize("bad", [{"methods": ["som"]}, {"components": 0}, {"clusters": 500}, {"most": 1}])
def test_bad_options(bad):
    with pytest.raises(InputError, match="Expected"):
        baselines(SPECTRA, **{"methods": METHODS[:2], **bad})


def test_morans_index_is_the_definition():
    at, values = RANDOM.uniform(size=(60, 2)), RANDOM.normal(size=60)
    x, total = values - values.mean(), 0.0
    for i in range(60):
        near = np.argsort(np.abs(at - at[i]).max(axis=1))[1:5]
        total += x[i] * x[near].mean()
    assert moran(values, at, neighbours=4).value == pytest.approx(total / (x @ x))


def test_shared_noise_is_structure_between_next_neighbours_only():
    noise = RANDOM.normal(size=(200, 200))
    patches = cut(noise, size=16, stride=5)
    means = patches.patches.mean(axis=(1, 2))
    assert moran(means, patches.position).z > 20
    assert abs(moran(means, patches.position, beyond=16).z) < 5
    slope = means + 0.02 * patches.position[:, 0]
    assert moran(slope, patches.position, beyond=16).z > 20


def test_moran_of_a_constant_map_is_nothing_and_of_few_values_an_error():
    assert moran(np.ones(20), RANDOM.uniform(size=(20, 2))) == (0.0, 0.0, 1.0)
    with pytest.raises(InputError, match="at least 10"):
        moran(np.ones(5), RANDOM.uniform(size=(5, 2)))
