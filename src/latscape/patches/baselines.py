"""What people try before an autoencoder, in one call: linear components, clusters and embeddings of patches or spectra.

Every method answers in the same form, so that each can be drawn in one picture: patterns, and for every sample a few
numbers or a cluster that can be painted onto the image.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.cluster import DBSCAN, KMeans
from sklearn.decomposition import NMF, PCA
from sklearn.manifold import TSNE, Isomap
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestNeighbors

from latscape.checks import check_array
from latscape.errors import InputError
from latscape.random import derive_seed, numpy_generator

Kind = Literal["components", "clusters", "embedding"]
METHODS = ("pca", "nmf", "kmeans", "gmm", "dbscan", "isomap", "tsne", "umap")
_LINEAR = 20  # principal components that clusters and embeddings are sought in


@dataclass(frozen=True, eq=False)
class Baseline:
    """What one method says.

    Parameters
    ----------
    name
        Of the method.
    kind
        "components", "clusters" or "embedding".
    values
        (n, k): loadings or coordinates; (n, 1) numbers of clusters, -1 for samples that belong to none. NaN for samples
        that were left out.
    patterns
        (k, ...) shaped as samples: components, or the means of clusters; empty for an embedding.
    note
        What is worth saying in a few words.
    """

    name: str
    kind: Kind
    values: NDArray[np.float64]
    patterns: NDArray[np.float64]
    note: str

    @property
    def labels(self) -> NDArray[np.int64]:
        """Clusters (n,), -1 where there is none."""
        if self.kind != "clusters":
            raise InputError("a method that finds clusters", self.name, "kmeans, gmm or dbscan")
        return np.nan_to_num(self.values[:, 0], nan=-1.0).astype(np.int64)


def baselines(
    samples: ArrayLike,
    methods: Sequence[str] = METHODS[:-1],
    *,
    components: int = 4,
    clusters: int = 4,
    most: int = 1000,
    seed: int = 0,
) -> dict[str, Baseline]:
    """PCA, NMF, k-means, Gaussian mixture, DBSCAN, Isomap, t-SNE and (extra "umap") UMAP of the same samples.

    Parameters
    ----------
    samples
        (n, h, w), (n, h, w, c) or (n, length).
    methods
        Names among `METHODS`.
    components
        Of PCA and NMF. NMF sees the samples less their least value.
    clusters
        Of k-means and the mixture; DBSCAN finds their number, with its radius at the bend of the sorted distances to
        the fifth neighbour.
    most
        Samples that DBSCAN, Isomap, t-SNE and UMAP are given, drawn by seed: they take time as n^2.
    seed
        Of everything random.

    Returns
    -------
    dict of Baseline
        In the order of methods.

    Raises
    ------
    InputError
        For no samples, an unknown method, or more components or clusters than samples or values.

    Examples
    --------
    >>> curves = np.random.default_rng(0).uniform(size=(60, 16))
    >>> found = baselines(curves, ["pca", "kmeans"], components=2)
    >>> found["pca"].values.shape, found["pca"].patterns.shape, found["kmeans"].labels.shape
    ((60, 2), (2, 16), (60,))
    """
    x = check_array(samples, expected="samples (n, ...)", axes=(2, 3, 4), least=6)
    flat = x.reshape(len(x), -1).astype(np.float64)
    unknown = [name for name in methods if name not in METHODS]
    if unknown:
        raise InputError(f"methods among {', '.join(METHODS)}", ", ".join(unknown), 'methods=["pca", "nmf"]')
    if not (1 <= components <= min(flat.shape) and 1 <= clusters <= len(flat) and most >= 6):
        got = f"components={components}, clusters={clusters}, most={most} for {len(flat)} samples"
        raise InputError(f"1 to {min(flat.shape)} components, and clusters", got, "components=4, clusters=4")
    work = _Work(flat, x.shape[1:], components, clusters, most, seed)
    return {name: _CALLS[name](work) for name in methods}


@dataclass(frozen=True)
class _Work:
    flat: NDArray[np.float64]
    shape: tuple[int, ...]
    components: int
    clusters: int
    most: int
    seed: int

    def state(self, name: str) -> int:
        return derive_seed(self.seed, "baseline", name) % 2**32

    @property
    def reduced(self) -> NDArray[np.float64]:
        """In few principal components, where distances are less of noise."""
        count = min(_LINEAR, *self.flat.shape)
        return PCA(count, random_state=self.state("reduced")).fit_transform(self.flat)

    def components_of(self, name: str, values: NDArray, patterns: NDArray, note: str) -> Baseline:
        return Baseline(name, "components", values, patterns.reshape(-1, *self.shape), note)

    def clusters_of(self, name: str, labels: NDArray, index: NDArray | None = None) -> Baseline:
        whole = np.full(len(self.flat), np.nan)
        whole[slice(None) if index is None else index] = labels
        known = [k for k in np.unique(labels) if k >= 0]
        means = np.array([self.flat[whole == k].mean(axis=0) for k in known]).reshape(-1, *self.shape)
        return Baseline(name, "clusters", whole[:, None], means, f"{len(known)} clusters")

    def embedded(self, name: str, embed: Callable[[NDArray], NDArray]) -> Baseline:
        index = self.some(name)
        values = np.full((len(self.flat), 2), np.nan)
        values[index] = embed(self.reduced[index])
        return Baseline(name, "embedding", values, np.zeros((0, *self.shape)), f"{len(index)} samples")

    def some(self, name: str) -> NDArray[np.int64]:
        if len(self.flat) <= self.most:
            return np.arange(len(self.flat))
        return np.sort(numpy_generator(self.seed, "baseline", name).permutation(len(self.flat))[: self.most])


def _pca(work: _Work) -> Baseline:
    model = PCA(work.components, random_state=work.state("pca"))
    values, share = model.fit_transform(work.flat), model.explained_variance_ratio_.sum()
    return work.components_of("pca", values, np.asarray(model.components_), f"{share:.1%} of the variance")


def _nmf(work: _Work) -> Baseline:
    above = work.flat - min(0.0, float(work.flat.min()))
    model = NMF(cast(Any, work.components), init="nndsvda", max_iter=400, tol=1e-3, random_state=work.state("nmf"))
    values = model.fit_transform(above)
    share = 1.0 - np.square(above - values @ model.components_).sum() / np.square(above - above.mean(axis=0)).sum()
    return work.components_of("nmf", values, np.asarray(model.components_), f"{share:.1%} of the variance")


def _kmeans(work: _Work) -> Baseline:
    model = KMeans(work.clusters, n_init=cast(Any, 10), random_state=work.state("kmeans"))
    return work.clusters_of("kmeans", model.fit_predict(work.flat))


def _gmm(work: _Work) -> Baseline:
    model = GaussianMixture(work.clusters, reg_covar=1e-4, n_init=2, random_state=work.state("gmm"))
    return work.clusters_of("gmm", model.fit_predict(work.reduced))


def _dbscan(work: _Work) -> Baseline:
    index = work.some("dbscan")
    x, neighbours = work.reduced[index], 5
    distance = np.sort(NearestNeighbors(n_neighbors=neighbours + 1).fit(x).kneighbors(x)[0][:, -1])
    # The bend: farthest from the straight line between the ends of the sorted curve.
    line = np.linspace(distance[0], distance[-1], len(distance))
    radius = float(distance[np.argmax(line - distance)]) or 1.0
    return work.clusters_of("dbscan", DBSCAN(eps=radius, min_samples=neighbours).fit_predict(x), index)


def _isomap(work: _Work) -> Baseline:
    count = min(12, work.most - 1, len(work.flat) - 1)
    return work.embedded("isomap", Isomap(n_neighbors=count, n_components=2).fit_transform)


def _tsne(work: _Work) -> Baseline:
    perplexity = min(30.0, (min(work.most, len(work.flat)) - 1) / 3.0)
    return work.embedded("tsne", TSNE(2, perplexity=perplexity, random_state=work.state("tsne")).fit_transform)


def _umap(work: _Work) -> Baseline:
    try:
        from umap import UMAP  # pyright: ignore[reportMissingImports]  of the extra
    except ImportError as error:
        raise InputError("the package umap-learn", "none", 'pip install "latscape[umap]"') from error
    return work.embedded("umap", UMAP(n_components=2, random_state=work.state("umap") % 2**31).fit_transform)


_CALLS: Mapping[str, Callable[[_Work], Baseline]] = {
    "pca": _pca,
    "nmf": _nmf,
    "kmeans": _kmeans,
    "gmm": _gmm,
    "dbscan": _dbscan,
    "isomap": _isomap,
    "tsne": _tsne,
    "umap": _umap,
}
