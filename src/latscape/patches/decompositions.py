"""What people try before an autoencoder, in one call: linear components, clusters and embeddings of patches or spectra.

Every method answers in the same form, so that each can be drawn in one picture: patterns, and for every sample a few
numbers or a cluster that can be painted onto the image.
"""

from collections.abc import Callable, Sequence
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
    """What the method of this name says.

    Parameters
    ----------
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
    """PCA, NMF, k-means, Gaussian mixture, DBSCAN, Isomap, t-SNE and (extra "umap") UMAP of the same samples, by name.

    Parameters
    ----------
    samples
        (n, h, w), (n, h, w, c) or (n, length).
    components
        Of PCA and NMF. NMF sees the samples less their least value.
    clusters
        Of k-means and the mixture; DBSCAN finds their number, with its radius at the bend of the sorted distances to
        the fifth neighbour.
    most
        Samples that DBSCAN, Isomap, t-SNE and UMAP are given, drawn by seed: they take time as n^2.

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
    return {name: getattr(work, name)() for name in methods}


@dataclass(frozen=True)
class _Work:
    """What all methods share; each of `METHODS` is one of these."""

    flat: NDArray[np.float64]
    shape: tuple[int, ...]
    components: int
    clusters: int
    most: int
    seed: int

    def pca(self) -> Baseline:
        model = PCA(self.components, random_state=self._state("pca"))
        values, share = model.fit_transform(self.flat), model.explained_variance_ratio_.sum()
        return self._components("pca", values, np.asarray(model.components_), share)

    def nmf(self) -> Baseline:
        above, state = self.flat - min(0.0, float(self.flat.min())), self._state("nmf")
        model = NMF(cast(Any, self.components), init="nndsvda", max_iter=400, tol=1e-3, random_state=state)
        values = model.fit_transform(above)
        share = 1.0 - np.square(above - values @ model.components_).sum() / np.square(above - above.mean(axis=0)).sum()
        return self._components("nmf", values, np.asarray(model.components_), share)

    def kmeans(self) -> Baseline:
        model = KMeans(self.clusters, n_init=cast(Any, 10), random_state=self._state("kmeans"))
        return self._clusters("kmeans", model.fit_predict(self.flat))

    def gmm(self) -> Baseline:
        model = GaussianMixture(self.clusters, reg_covar=1e-4, n_init=2, random_state=self._state("gmm"))
        return self._clusters("gmm", model.fit_predict(self._reduced))

    def dbscan(self) -> Baseline:
        index = self._some("dbscan")
        x, neighbours = self._reduced[index], 5
        distance = np.sort(NearestNeighbors(n_neighbors=neighbours + 1).fit(x).kneighbors(x)[0][:, -1])
        # The bend: farthest from the straight line between the ends of the sorted curve.
        line = np.linspace(distance[0], distance[-1], len(distance))
        radius = float(distance[np.argmax(line - distance)]) or 1.0
        return self._clusters("dbscan", DBSCAN(eps=radius, min_samples=neighbours).fit_predict(x), index)

    def isomap(self) -> Baseline:
        count = min(12, self.most - 1, len(self.flat) - 1)
        return self._embedding("isomap", Isomap(n_neighbors=count, n_components=2).fit_transform)

    def tsne(self) -> Baseline:
        perplexity = min(30.0, (min(self.most, len(self.flat)) - 1) / 3.0)
        return self._embedding("tsne", TSNE(2, perplexity=perplexity, random_state=self._state("tsne")).fit_transform)

    def umap(self) -> Baseline:
        try:
            from umap import UMAP  # pyright: ignore[reportMissingImports]  of the extra
        except ImportError as error:
            raise InputError("the package umap-learn", "none", 'pip install "latscape[umap]"') from error
        return self._embedding("umap", UMAP(n_components=2, random_state=self._state("umap") % 2**31).fit_transform)

    def _state(self, name: str) -> int:
        return derive_seed(self.seed, "baseline", name) % 2**32

    def _some(self, name: str) -> NDArray[np.int64]:
        if len(self.flat) <= self.most:
            return np.arange(len(self.flat))
        return np.sort(numpy_generator(self.seed, "baseline", name).permutation(len(self.flat))[: self.most])

    @property
    def _reduced(self) -> NDArray[np.float64]:
        """In few principal components, where distances are less of noise."""
        count = min(_LINEAR, *self.flat.shape)
        return PCA(count, random_state=self._state("reduced")).fit_transform(self.flat)

    def _components(self, name: str, values: NDArray, patterns: NDArray, share: float) -> Baseline:
        note = f"{share:.1%} of the variance"
        return Baseline(name, "components", values, patterns.reshape(-1, *self.shape), note)

    def _clusters(self, name: str, labels: NDArray, index: NDArray | None = None) -> Baseline:
        whole = np.full(len(self.flat), np.nan)
        whole[slice(None) if index is None else index] = labels
        known = [k for k in np.unique(labels) if k >= 0]
        means = np.array([self.flat[whole == k].mean(axis=0) for k in known]).reshape(-1, *self.shape)
        return Baseline(name, "clusters", whole[:, None], means, f"{len(known)} clusters")

    def _embedding(self, name: str, embed: Callable[[NDArray], NDArray]) -> Baseline:
        index = self._some(name)
        values = np.full((len(self.flat), 2), np.nan)
        values[index] = embed(self._reduced[index])
        return Baseline(name, "embedding", values, np.zeros((0, *self.shape)), f"{len(index)} samples")
