"""What other packages made is accepted where an array is, and what is found goes back to them."""

from types import SimpleNamespace

import dask.array
import h5py
import numpy as np
import pytest
import xarray

import latscape as ls
from latscape.data import load, paint, save_nsid
from latscape.signals import Axis, Signal, as_signal
from latscape.signals.foreign import samples_of

VALUES = np.random.default_rng(0).uniform(size=(4, 3, 8)).astype(np.float32)
AXES = (
    Axis("y", 4, 0.5, 1.0, "nm", navigate=True),
    Axis("x", 3, 0.25, -2.0, "nm", navigate=True),
    Axis.at("bias", [0, 1, 2, 1, 0, -1, -2, -1], "V"),
)
MAP = Signal(VALUES, AXES, "loops", "Current", "nA", {"General": {"title": "loops"}})


def same(one, other):
    """Values, axes and units are the same."""
    np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
    for axis, expected in zip(one.axes, other.axes, strict=True):
        assert (axis.name, axis.units, axis.navigate) == (expected.name, expected.units, expected.navigate)
        np.testing.assert_allclose(axis.positions, expected.positions, rtol=1e-6, atol=1e-12)
    assert (one.quantity, one.units) == (other.quantity, other.units)
    return True


class LikeHyperSpy:
    """What a signal of HyperSpy has, as its documentation tells."""

    def __init__(self, data, axes):
        made = [
            SimpleNamespace(size=axis.size, name=axis.name, units=axis.units, navigate=axis.navigate, **where(axis))
            for axis in axes
        ]
        self.data, self.axes_manager = data, SimpleNamespace(_axes=made)
        said = {"General": {"title": "loops"}, "Signal": {"quantity": "Current (nA)"}}
        self.metadata = SimpleNamespace(as_dictionary=lambda: said)


def where(axis):
    return {"scale": axis.scale, "offset": axis.offset} if axis.uneven is None else {"axis": axis.uneven}


class LikeSidpy(dask.array.Array):
    """What a data set of sidpy has: a dask array with dimensions."""

    def __new__(cls, data, axes, kinds, data_type):
        made = dask.array.from_array(data, chunks=(2, 3, 8))
        found = super().__new__(cls, made.dask, made.name, made.chunks, made.dtype)
        found._axes = {
            index: Dimension(axis.positions, axis.name, axis.units, kind)
            for index, (axis, kind) in enumerate(zip(axes, kinds, strict=True))
        }
        found.data_type, found.title, found.quantity, found.units = data_type, "loops", "Current", "nA"
        return found


class Dimension(np.ndarray):
    def __new__(cls, positions, name, units, kind):
        found = np.asarray(positions).view(cls)
        found.name, found.units, found.dimension_type = name, units, SimpleNamespace(name=kind)
        return found


def test_signals_of_hyperspy():
    assert same(as_signal(LikeHyperSpy(VALUES, AXES)), MAP)
    lazy = as_signal(LikeHyperSpy(dask.array.from_array(VALUES, chunks=2), AXES))
    assert lazy.lazy
    assert same(lazy, MAP)


def test_data_sets_of_sidpy():
    kinds = ("SPATIAL", "SPATIAL", "SPECTRAL")
    found = as_signal(LikeSidpy(VALUES, AXES, kinds, SimpleNamespace(name="SPECTRAL_IMAGE")))
    assert found.lazy
    assert same(found, MAP)
    plain = as_signal(LikeSidpy(VALUES, AXES, ("UNKNOWN",) * 3, SimpleNamespace(name="UNKNOWN")))
    assert [axis.navigate for axis in plain.axes] == [True, False, False]


def test_arrays_of_xarray_and_back():
    assert same(as_signal(MAP.to_xarray()), MAP)
    own = xarray.DataArray(VALUES, dims=("t", "y", "x"), coords={"x": ("x", np.arange(8.0), {"units": "um"})}, name="I")
    found = as_signal(own)
    assert [(axis.name, axis.units, axis.navigate) for axis in found.axes] == [
        ("t", "", True),
        ("y", "", False),
        ("x", "um", False),
    ]
    assert as_signal(own.chunk({"t": 1})).lazy


def test_a_dataset_of_xarray_is_told_to_give_an_array(refused):
    with refused():
        as_signal(xarray.Dataset({"a": ("x", [1.0, 2.0])}))


def makers():
    return {
        "signal": lambda values: Signal(values, AXES),
        "hyperspy": lambda values: LikeHyperSpy(values, AXES),
        "xarray": lambda values: Signal(values, AXES).to_xarray(),
        "sidpy": lambda values: LikeSidpy(
            values, AXES, ("SPATIAL", "SPATIAL", "SPECTRAL"), SimpleNamespace(name="SPECTRAL_IMAGE")
        ),
    }


@pytest.mark.parametrize("kind", makers())
def test_models_take_them_where_they_take_arrays(kind):
    rows = VALUES.reshape(12, 8)
    given = makers()[kind](VALUES)
    np.testing.assert_array_equal(np.asarray(samples_of(given)), rows)
    expected, model = ls.vae(epochs=2, batch=5).fit(rows), ls.vae(epochs=2, batch=5).fit(given)
    np.testing.assert_array_equal(model.transform(given), expected.transform(rows))
    np.testing.assert_array_equal(model.reconstruct(given), expected.reconstruct(rows))
    np.testing.assert_array_equal(model.score_samples(given), expected.score_samples(rows))
    pairs = ls.ved(epochs=1).fit(given, given)
    np.testing.assert_array_equal(pairs.predict(given), ls.ved(epochs=1).fit(rows, rows).predict(rows))
    both = ls.dual_vae(epochs=1).fit(given, given)
    assert both.transform(given).shape == (12, 2)


def test_labels_may_come_from_them_too():
    labels = Signal(np.arange(12).reshape(4, 3) % 3, (AXES[0], AXES[1]))
    rows = VALUES.reshape(12, 8)
    model = ls.ssvae(3, epochs=1).fit(MAP, labels)
    expected = ls.ssvae(3, epochs=1).fit(rows, np.arange(12) % 3)
    np.testing.assert_array_equal(model.predict_proba(rows), expected.predict_proba(rows))


def test_what_was_found_goes_back_to_where_it_was_measured():
    latents = np.arange(24.0).reshape(12, 2)
    as_signals = paint(latents, MAP, "latent")
    assert as_signals.shape == (4, 3, 2)
    back = paint(latents, MAP.to_xarray(), "latent")
    assert isinstance(back, xarray.DataArray)
    assert back.dims == ("y", "x", "latent")
    np.testing.assert_array_equal(back.sel(latent=1).values, latents[:, 1].reshape(4, 3))
    np.testing.assert_allclose(back.y.values, AXES[0].positions)


SIGNALS = {
    "a map of curves": MAP,
    "a movie": Signal(VALUES, (Axis("t", 4, units="s", navigate=True), Axis("y", 3), Axis("x", 8, 0.1, units="um"))),
    "an image": Signal(VALUES[0], (Axis("y", 3), Axis("x", 8))),
    "curves": Signal(VALUES[0]),
    "a vector": Signal(VALUES[0, 0]),
    "diffraction": Signal(
        np.zeros((2, 3, 4, 5), np.uint16),
        (Axis("y", 2, navigate=True), Axis("x", 3, navigate=True), Axis("ky", 4), Axis("kx", 5)),
    ),
}


@pytest.mark.parametrize("kind", SIGNALS)
def test_nsid_files_give_back_what_was_written(tmp_path, kind):
    signal = SIGNALS[kind]
    path = signal.save(tmp_path / "a.h5")
    found = load(path)
    assert same(found, signal)
    assert found.dtype == signal.dtype
    assert list(tmp_path.iterdir()) == [path]


def test_nsid_files_have_what_their_readers_ask_for(tmp_path):
    save_nsid(tmp_path / "a.h5", [MAP, SIGNALS["an image"]])
    with h5py.File(tmp_path / "a.h5") as file:
        main = file["Measurement_000/Channel_000/loops/loops"]
        # What pyNSID's check of a main data set asks for.
        for name in ("quantity", "units", "main_data_name", "pyNSID_version", "data_type", "modality", "source"):
            assert isinstance(main.attrs[name], str), name
        assert main.attrs["data_type"] == "SPECTRAL_IMAGE"
        for dim, axis, kind in zip(main.dims, AXES, ("SPATIAL", "SPATIAL", "SPECTRAL"), strict=True):
            assert dim[0].attrs["dimension_type"] == kind
            assert {"name", "quantity", "units"} <= set(dim[0].attrs)
            np.testing.assert_array_equal(dim[0][()], axis.positions)
    with pytest.raises(ls.InputError, match=r"Current \(4, 3, 8\), /Measurement_000/Channel_001"):
        load(tmp_path / "a.h5", "no such")
    assert load(tmp_path / "a.h5", "loops").shape == MAP.shape


def test_lazy_values_are_written_and_a_failure_leaves_nothing(tmp_path, refused):
    lazy = Signal(dask.array.from_array(VALUES, chunks=2), AXES)
    assert same(load(save_nsid(tmp_path / "a.h5", lazy)), Signal(VALUES, AXES))

    def broken(block):
        raise OSError("the disk is gone")

    bad = Signal(dask.array.from_array(VALUES, chunks=2).map_blocks(broken, dtype=np.float32), AXES)
    with pytest.raises(OSError, match="disk is gone"):
        bad.save(tmp_path / "b.h5")
    for path in (tmp_path / "a.h5", tmp_path / "a.npy", tmp_path / "no folder" / "a.h5"):
        with refused():
            MAP.save(path)
    with refused():
        save_nsid(tmp_path / "c.h5", [])
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5"]


def test_packages_that_are_not_installed_are_named(monkeypatch, refused):
    monkeypatch.setitem(__import__("sys").modules, "hyperspy", None)
    monkeypatch.setitem(__import__("sys").modules, "sidpy", None)
    with refused():
        MAP.to_hyperspy()
    with refused():
        MAP.to_sidpy()


def test_the_real_hyperspy():
    pytest.importorskip("hyperspy")
    assert same(as_signal(MAP.to_hyperspy()), MAP)
    for signal in SIGNALS.values():
        np.testing.assert_array_equal(np.asarray(as_signal(signal.to_hyperspy())), np.asarray(signal))
    painted = paint(np.arange(12.0), MAP.to_hyperspy(), "elbo")
    assert type(painted).__name__ == "Signal2D"


def test_the_real_sidpy():
    pytest.importorskip("sidpy")
    assert same(as_signal(MAP.to_sidpy()), MAP)
    assert paint(np.zeros((12, 2)), MAP.to_sidpy(), "latent").shape == (4, 3, 2)
