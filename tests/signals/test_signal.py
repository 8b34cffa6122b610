from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latscape.checks import check_array
from latscape.data import load
from latscape.patches.image import check_image
from latscape.signals import Axis, Signal
from latscape.signals.axis import COLOUR, plain, written

MAP = Signal(
    np.arange(2 * 3 * 5.0).reshape(2, 3, 5),
    (
        Axis("y", 2, 0.5, 1.0, "nm", navigate=True),
        Axis("x", 3, 0.25, 0.0, "nm", navigate=True),
        Axis.at("bias", [0.0, 1.0, 0.0, -1.0, 0.0], "V"),
    ),
    quantity="Current",
    units="nA",
)


@given(st.integers(2, 50), st.floats(-1e3, 1e3), st.floats(1e-9, 1e3))
def test_even_positions_become_scale_and_offset_and_come_back(size, offset, scale):
    positions = offset + scale * np.arange(size)
    axis = Axis.at("x", positions, "nm", rounded=True)
    np.testing.assert_allclose(axis.positions, positions, atol=1e-3 * scale + 1e-12 * abs(offset))
    assert axis.uneven is None or not np.allclose(np.diff(positions), scale, rtol=1e-3)
    exact = Axis.at("x", positions, "nm")
    np.testing.assert_array_equal(exact.positions, positions)
    assert (exact.even, exact.scale, exact.offset) == (axis.even, axis.scale, axis.offset)


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=20))
def test_no_positions_are_lost(values):
    np.testing.assert_allclose(Axis.at("x", values, rounded=True).positions, values, atol=2e-2)
    np.testing.assert_array_equal(Axis.at("x", values).positions, values)
    rough = [*values, 55.0, 3.0]
    np.testing.assert_array_equal(Axis.at("x", rough).positions, rough)


def test_plain_axes_name_samples_pixels_and_channels():
    assert [axis.name for axis in plain((2, 3, 4, 5))] == ["n", "y", "x", "c"]
    assert [axis.navigate for axis in plain((2, 3, 4, 5))] == [True, False, False, False]
    assert not plain((7,))[0].navigate


def test_words_for_axes_keep_the_calibration_that_they_do_not_give():
    named = MAP.named("row, column | energy [eV]")
    assert [axis.name for axis in named.axes] == ["row", "column", "energy"]
    assert [axis.units for axis in named.axes] == ["nm", "nm", "eV"]
    assert named.axes[0].scale == 0.5
    assert [axis.navigate for axis in MAP.named("y | x, bias").axes] == [True, False, False]
    assert not any(axis.navigate for axis in MAP.named("y, x, bias").axes)


@pytest.mark.parametrize("text", ["", "y, x", "a, b, c, d", "y, y | z", "y | x | z", "y, [nm] | z", "y x bias"])
def test_words_that_fit_no_axes_are_refused(refused, text):
    with refused():
        written(text, MAP.axes)


def test_samples_count_over_the_axes_of_places():
    samples = MAP.samples
    assert samples.shape == (6, 5)
    np.testing.assert_array_equal(samples[4], MAP.values[1, 1])
    turned = MAP.named("y | x, bias")
    assert turned.samples.shape == (2, 3, 5)
    last = MAP.named("a, b | c")
    moved = Signal(np.moveaxis(MAP.values, 2, 0), (last.axes[2], *last.axes[:2]))
    np.testing.assert_array_equal(moved.samples, samples)


def test_what_has_no_samples_says_so(refused):
    for signal in (Signal(np.zeros(5)), MAP.named("y, x, bias"), MAP.take(0, "bias")):
        with refused():
            _ = signal.samples


def test_what_is_known_of_samples_goes_back_to_their_places():
    map_ = MAP.paint(np.arange(6), "class")
    assert map_.shape == (2, 3)
    assert map_.values[1, 0] == 3
    assert (map_.axes[0].offset, map_.axes[0].units) == (1.0, "nm")
    assert not map_.navigation
    several = MAP.paint(np.zeros((6, 4)), "latent")
    assert [axis.name for axis in several.axes] == ["y", "x", "latent"]
    np.testing.assert_array_equal(MAP.paint(MAP.samples).values, MAP.values)


def test_values_of_other_sizes_are_not_painted(refused):
    for values in (np.zeros(5), np.zeros((2, 3)), np.float64(3)):
        with refused():
            MAP.paint(values)


def test_images_are_grey_or_refused(refused):
    np.testing.assert_array_equal(MAP.take(2, "bias").image(), MAP.values[..., 2])
    colour = Signal(np.full((4, 5, 3), 255, np.uint8), (Axis("y", 4), Axis("x", 5), Axis(COLOUR, 3)))
    with pytest.raises(ValueError, match=r"a grey image.*signal\.grey\(\)"):
        colour.image()
    np.testing.assert_allclose(colour.grey().image(), 255.0, rtol=1e-6)
    with refused():
        MAP.image()
    with refused():
        MAP.take(5, "bias")
    with refused():
        MAP.axis("energy")


def test_a_field_of_view_calibrates():
    image = Signal(np.zeros((10, 20)), (Axis("y", 10), Axis("x", 20))).calibrated((5.0, 8.0), "nm")
    assert [(axis.scale, axis.units) for axis in image.axes] == [(0.5, "nm"), (0.4, "nm")]


def test_parts_keep_their_positions(refused):
    part = MAP.part("bias", 1, 4)
    np.testing.assert_array_equal(part.axis("bias").positions, [1.0, 0.0, -1.0])
    np.testing.assert_array_equal(part.values, MAP.values[..., 1:4])
    assert MAP.part("x", 1, 3).axis("x").offset == 0.25
    for start, stop in ((2, 2), (-1, 3), (0, 6)):
        with refused():
            MAP.part("bias", start, stop)


def test_samples_with_nan_are_left_out(refused):
    values = MAP.values.copy()
    values[0, 1, 2] = np.nan
    kept = Signal(values, MAP.axes)
    assert kept.complete().tolist() == [True, False, True, True, True, True]
    only = kept.only(kept.complete())
    assert only.shape == (5, 5)
    assert only.metadata["index"] == [0, 2, 3, 4, 5]
    with refused():
        kept.only(np.zeros(6, bool))


def test_axes_of_other_sizes_are_refused(refused):
    with refused():
        Signal(np.zeros((2, 3)), (Axis("y", 2), Axis("x", 4)))
    with refused():
        Axis.at("x", [[1.0, 2.0]])
    with pytest.raises(ValueError, match=r"Axis\.at\(name, positions, units\)"):
        Axis("bias", "V", [0.0, 1.0])  # as the axes of measurements were made in 0.1.0


MASKED = replace(MAP, mask=np.array([[True, True, False], [False, True, True]]))


def test_where_nothing_was_measured_is_nan_and_not_counted(refused):
    assert MASKED.missing == 2
    assert MASKED.measured.tolist() == MASKED.complete().tolist() == [True, True, False, False, True, True]
    assert np.isnan(np.asarray(MASKED)).all(axis=2).tolist() == [[False, False, True], [True, False, False]]
    assert np.asarray(MASKED).dtype == np.asarray(replace(MASKED, values=MASKED.values.astype("f4")), float).dtype
    assert MAP.missing == 0
    for mask in (np.ones((2, 3)), np.ones((3, 2), bool), np.ones((2, 3, 5, 1), bool)):
        with refused():
            replace(MAP, mask=mask)


def test_a_mask_travels_with_the_values():
    assert MASKED.part("x", 1, 3).missing == 1
    assert MASKED.part("bias", 1, 3).missing == 2
    assert np.isnan(np.asarray(MASKED.take(2, "bias"))).sum() == 2
    assert np.isnan(np.asarray(MASKED.take(0, "y"))).all(axis=1).tolist() == [False, False, True]
    assert MASKED.only([1, 2]).measured.tolist() == [True, False]
    assert MASKED.named("y | x, bias").missing == 0  # of either line, something was measured
    colours = Signal(np.ones((2, 3, 3), np.uint8), (Axis("y", 2), Axis("x", 3), Axis(COLOUR, 3)), mask=MASKED.mask)
    assert np.isnan(np.asarray(colours.grey())).sum() == 2


def test_what_was_not_measured_is_nan_for_models_patches_and_files(tmp_path, refused):
    counts = replace(MASKED, values=MASKED.values.astype(np.int16))
    assert np.isnan(counts.samples).all(axis=1).tolist() == [False, False, True, True, False, False]
    with refused():
        check_array(counts, expected="curves", axes=(2,), least=1)
    assert np.isnan(check_image(counts.take(2, "bias"))).sum() == 2
    np.testing.assert_array_equal(load(counts.save(tmp_path / "map.h5")), np.asarray(counts))
