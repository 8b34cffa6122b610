"""FerroSIM: the simplest interesting ferroelectric, a lattice of vectors that relax in a field history."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.checks import check_whole
from latscape.errors import InputError
from latscape.physics.ferrosim import kernel
from latscape.physics.ferrosim.hamiltonian import Edges, Form, Lattice, check_step, energy, force, halo_of
from latscape.physics.ferrosim.local import Landau, landau
from latscape.physics.ferrosim.run import FerroSIMRun, FloatArray, as_histories
from latscape.random import numpy_generator

Integrator = Literal["euler", "rk4"]
Precision = Literal["single", "double"]


@dataclass(frozen=True, eq=False)
class FerroSIM:
    """A square lattice of polarization vectors that follows dp/dt = -mobility dF/dp in a uniform field history.

    The energy F is in `latscape.physics.ferrosim.hamiltonian`. Every parameter marked (batch) is one number, or one per
    history.

    Parameters
    ----------
    size
        Sites along an axis, or (rows, columns); at least 2.
    local
        "tetragonal" (default), "rhombohedral", "uniaxial", "squareelectric", or a `Landau` polynomial, or a sequence of
        polynomials, one per history.
    coupling
        K (batch), in the convention of `form`.
    form
        "mean" (default), the reference program's: force K (mean of the four neighbours - p), where what is missing
        beyond an open edge counts as zero polarization; energy K / 8 per bond and |p_i - p_j|^2. "difference", the
        lectures': energy sum_i K sum_j |p_i - p_j|^2 over the four neighbours j of every site i, so each bond counts
        twice, force 4 K sum_j (p_j - p_i), and no bond beyond an open edge. In the bulk the first with 16 K is the
        second.
    depolarization
        dep (batch): the field -dep <p>, of the energy (N / 2) dep |<p>|^2. (The lectures write -alpha_dep <p> into
        -E_loc . p; the full gradient of that would be twice as large: the field is what counts here.)
    edges
        "open" (default) or "periodic".
    field
        Random field, (2, rows, columns) or (batch, 2, rows, columns), in field units: see `random_field`.
    bonds
        Factors of the bonds, same shapes: see `random_bonds`.
    start
        "zero" (default), "remanent" (poled along +y, or +x +y if that is where a site rests), "random" (uniform within
        the remanent polarization, by `seed`), or a state (2, rows, columns) or (batch, 2, rows, columns).
    dt
        Time of a step of the history; default 1 / (steps - 1), so that a history lasts for 1.
    integrator
        "euler" (default): step t uses the field E[t], as in the reference. "rk4": the classical method of order 4, with
        a field that goes straight from one step to the next.
    substeps
        Steps of the integrator within a step of the history.
    seed
        Of a random start.

    Raises
    ------
    InputError
        For a lattice of 1, options of other names, parameters that are not finite; in `run` for a mismatched batch or
        a time step that cannot be stable.

    Examples
    --------
    >>> from latscape.physics.ferrosim import random_field
    >>> simulator = FerroSIM(12, field=random_field(12, 0.3))
    >>> t = np.linspace(0, 1, 200)
    >>> run = simulator.run(np.stack([np.sin(6 * t), 2 * np.sin(6 * t)]))  # two histories, fields along y
    >>> run.final.shape, run.mean.shape
    ((2, 2, 12, 12), (2, 200, 2))
    """

    size: int | tuple[int, int] = 20
    local: str | Landau | Sequence[Landau] = "tetragonal"
    coupling: float | ArrayLike = 1.0
    form: Form = "mean"
    depolarization: float | ArrayLike = 0.2
    edges: Edges = "open"
    field: ArrayLike | None = None
    bonds: ArrayLike | None = None
    start: str | ArrayLike = "zero"
    mobility: float = 1.0
    dt: float | None = None
    integrator: Integrator = "euler"
    substeps: int = 1
    precision: Precision = "single"
    seed: int = 0

    def __post_init__(self) -> None:
        choices = {"form": Form, "edges": Edges, "integrator": Integrator, "precision": Precision}
        for name, allowed in ((name, get_args(words)) for name, words in choices.items()):
            if getattr(self, name) not in allowed:
                expected = f"{name} among {', '.join(allowed)}"
                raise InputError(expected, repr(getattr(self, name)), f'{name}="{allowed[0]}"')
        if min(self.shape) < 2:
            raise InputError("a lattice of at least 2 x 2 sites", f"size={self.size}", "size=20")
        check_whole("substeps", self.substeps, 1)
        for name in ("mobility", "dt"):
            value = getattr(self, name)
            if value is not None and not (np.isfinite(value) and value > 0):
                raise InputError(f"a finite, positive {name}", value, f"{name}=1e-3")
        if isinstance(self.start, str) and self.start not in ("zero", "remanent", "random"):
            raise InputError("a start among zero, remanent, random, or a state", repr(self.start), 'start="zero"')
        self.lattice()  # the shapes and numbers
        self.starts()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = (self.size, self.size) if isinstance(self.size, int | np.integer) else self.size
        return int(rows), int(columns)

    @property
    def polynomials(self) -> list[Landau]:
        """The local energy of every history, or of all."""
        several = isinstance(self.local, Sequence) and not isinstance(self.local, str)
        return [landau(one) for one in (self.local if several else [self.local])]  # type: ignore[union-attr]

    def lattice(self) -> Lattice:
        """The numbers in the energy, in double precision."""
        local = self.polynomials
        if not local or len({one.axes for one in local}) > 1:
            raise InputError("local energies with the same axes", [one.axes for one in local], "one batch for each")
        strength = _numbers("coupling", self.coupling)
        return Lattice(
            alpha=np.array([[one.alpha1, one.alpha2, one.alpha3] for one in local]),
            bond=strength / 4 if self.form == "mean" else 4 * strength,
            depolarization=_numbers("depolarization", self.depolarization),
            halo=halo_of(self.form, self.edges),
            field=np.zeros((1, 2, *self.shape)) if self.field is None else self._states("field", self.field),
            bonds=None if self.bonds is None else self._states("bonds", self.bonds),
            active=np.array([1.0, 1.0]) if local[0].axes == "xy" else np.array([0.0, 1.0]),
        )

    def starts(self) -> FloatArray:
        """The initial state, (1, 2, rows, columns), or one for each history."""
        if not isinstance(self.start, str):
            return self._states("start", self.start)
        if self.start == "zero":
            return np.zeros((1, 2, *self.shape))
        local = self.polynomials
        size = np.array([[float(one.diagonal or self.start == "random"), 1.0] for one in local])
        size = size * [[one.remanent * (one.axes == "xy"), one.remanent] for one in local]  # (batch, 2)
        if self.start == "remanent":
            return np.broadcast_to(size[:, :, None, None], (len(local), 2, *self.shape)).copy()
        drawn = numpy_generator(self.seed, "start").uniform(-1.0, 1.0, size=(1, 2, *self.shape))
        return size[:, :, None, None] * drawn

    def time_step(self, steps: int) -> float:
        """Time between two values of a history of so many steps."""
        return 1.0 / (steps - 1) if self.dt is None else self.dt

    def batch(self, E: ArrayLike) -> tuple[FloatArray, Lattice, FloatArray]:
        """Histories (batch, steps, 2), numbers of the energy and starts, all with the same or a single leading axis."""
        histories = as_histories(E)
        lattice, start = self.lattice(), self.starts()
        lengths = {"histories": len(histories), "local": len(lattice.alpha), "coupling": len(lattice.bond)}
        lengths |= {"depolarization": len(lattice.depolarization), "field": len(lattice.field), "start": len(start)}
        lengths |= {} if lattice.bonds is None else {"bonds": len(lattice.bonds)}
        batch = max(lengths.values())
        if not set(lengths.values()) <= {1, batch}:
            got = ", ".join(f"{count} {name}" for name, count in lengths.items() if count > 1)
            raise InputError("one of each, or as many as there are histories", got, f"{batch} of each, or 1")
        wide = {name: _spread(getattr(lattice, name), batch) for name in ("alpha", "bond", "depolarization")}
        return _spread(histories, batch), replace(lattice, **wide), start

    def run(self, E: ArrayLike, keep: int | ArrayLike | None = None, threads: int = 1) -> FerroSIMRun:
        """Follow every history.

        Parameters
        ----------
        E
            Applied field: one history (steps,) or several (batch, steps) along y, or (batch, steps, 2) with x and y.
        keep
            Of which steps to keep the states: every `keep`-th from the start, or those of a rising list; default none.
            The last state is always in `final`.

        Raises
        ------
        InputError
            For histories that are not finite or of less than 3 steps, a mismatched batch, an unstable time step.
        """
        histories, lattice, start = self.batch(E)
        batch, steps, _ = histories.shape
        dt = self.time_step(steps)
        check_step(dt * self.mobility, histories, lattice, start, self.integrator, self.substeps)
        kept = _kept(keep, steps)
        shots = np.append(kept, steps - 1) if not len(kept) or kept[-1] < steps - 1 else kept
        dtype = np.dtype(np.float32 if self.precision == "single" else np.float64)
        rows, columns = self.shape
        frames = np.empty((batch, len(shots), 2, (rows + 2) * (columns + 2)), dtype)
        mean, diverged = np.empty((batch, steps, 2), dtype), np.empty(batch, np.int64)
        arguments = (
            histories.astype(dtype),
            kernel.framed(start).astype(dtype),
            kernel.framed(lattice.field)[:, :, columns + 2 : -(columns + 2)].astype(dtype),
            None if lattice.bonds is None else kernel.framed_bonds(lattice).astype(dtype),
            kernel.framed(np.ones((1, 1, rows, columns)))[0, 0, columns + 2 : -(columns + 2)].astype(dtype),
            (lattice.alpha * [2.0, 4.0, 2.0]).astype(dtype),
            lattice.bond.astype(dtype),
            lattice.depolarization.astype(dtype),
            lattice.active.astype(dtype),
            dtype.type(dt * self.mobility / self.substeps),
            kernel.HALOS[lattice.halo],
            self.substeps,
            self.integrator == "rk4",
            shots.astype(np.int64),
            frames,
            mean,
            diverged,
        )
        _share(lambda first, last: kernel.evolve(*arguments, first, last, rows, columns), batch, threads)
        states = frames.reshape(batch, len(shots), 2, rows + 2, columns + 2)[..., 1:-1, 1:-1]
        time = dt * np.arange(steps)
        return FerroSIMRun(time, histories, mean, states[:, -1].copy(), kept, states[:, : len(kept)], diverged)

    def energy(self, p: ArrayLike, E: ArrayLike) -> FloatArray:
        """Free energy (batch,) of states (batch, 2, rows, columns) in uniform fields (batch, 2)."""
        return energy(np.asarray(p, dtype=float), np.asarray(E, dtype=float), self.lattice())

    def force(self, p: ArrayLike, E: ArrayLike) -> FloatArray:
        """-dF/dp of the same, (batch, 2, rows, columns)."""
        return force(np.asarray(p, dtype=float), np.asarray(E, dtype=float), self.lattice())

    def _states(self, name: str, given: ArrayLike) -> FloatArray:
        states = np.asarray(given, dtype=float)
        states = states[None] if states.ndim == 3 else states
        if states.ndim != 4 or states.shape[1:] != (2, *self.shape) or not np.isfinite(states).all():
            expected = f"a finite {name} of shape (2, {self.shape[0]}, {self.shape[1]}), or one for each history"
            raise InputError(expected, f"shape {np.shape(given)}", f"np.zeros((2, {self.shape[0]}, {self.shape[1]}))")
        return states


def _share(work, batch: int, threads: int) -> None:
    """Call `work(first, last)` on equal parts of the batch; the kernel holds no lock of the interpreter."""
    threads = max(1, min(threads, batch))
    if threads == 1:
        work(0, batch)
        return
    edges = [batch * k // threads for k in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, edges[:-1], edges[1:]))


def _kept(keep: int | ArrayLike | None, steps: int) -> NDArray[np.int64]:
    if keep is None:
        return np.empty(0, dtype=np.int64)
    kept = np.arange(0, steps, max(int(keep), 1)) if np.ndim(keep) == 0 else np.asarray(keep, dtype=np.int64)  # type: ignore[arg-type]
    if (np.diff(kept) <= 0).any() or (len(kept) and not (kept[0] >= 0 and kept[-1] < steps)):
        raise InputError(f"rising steps from 0 to {steps - 1} to keep", np.array2string(kept, threshold=6), "keep=10")
    return kept


def _numbers(name: str, value: float | ArrayLike) -> FloatArray:
    numbers = np.atleast_1d(np.asarray(value, dtype=float))
    if numbers.ndim != 1 or not np.isfinite(numbers).all():
        raise InputError(f"a finite {name}, or one for each history", value, f"{name}=1.0")
    return numbers


def _spread(array: FloatArray, batch: int) -> FloatArray:
    return array if len(array) == batch else np.repeat(array, batch, axis=0)
