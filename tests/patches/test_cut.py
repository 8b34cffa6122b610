import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import latscape as ls
from latscape.errors import InputError
from latscape.patches import cut, cut_movie
from latscape.patches.windows import grid
from latscape.signals import Axis, Signal

IMAGE = np.random.default_rng(0).normal(size=(40, 30)).astype(np.float32)


@settings(max_examples=60)
@given(st.integers(1, 12), st.lists(st.tuples(st.floats(0, 39), st.floats(0, 29)), min_size=1, max_size=8))
def test_every_patch_is_the_image_around_its_centre(size, centres):
    patches = cut(IMAGE, centres, size=size, edge="reflect")
    assert len(patches) == len(centres)
    mirrored = np.pad(IMAGE, size, mode="symmetric")
    for (row, column), patch in zip(centres, patches.patches, strict=True):
        top, left = int(np.floor(row + 0.5)) - size // 2, int(np.floor(column + 0.5)) - size // 2
        np.testing.assert_array_equal(patch, mirrored[top + size : top + 2 * size, left + size : left + 2 * size])
    inside = cut(IMAGE, centres, size=size)
    kept = np.isin(patches.position.view(complex).ravel(), inside.position.view(complex).ravel())
    np.testing.assert_array_equal(patches.patches[kept], inside.patches)
    assert (patches.corner[~kept] < 0).any(axis=1).sum() + ((patches.corner[~kept] + size) > np.array(IMAGE.shape)).any(
        axis=1
    ).sum() >= (~kept).sum()


def test_a_grid_without_gaps_painted_back_is_the_image():
    patches = cut(IMAGE, size=1, stride=1)
    np.testing.assert_array_equal(patches.paint(patches.patches[:, 0, 0]), IMAGE)


def test_overlapping_windows_are_painted_as_their_mean():
    patches = cut(IMAGE, size=6, stride=4)
    values = np.random.default_rng(1).normal(size=len(patches))
    total, count = np.zeros(IMAGE.shape), np.zeros(IMAGE.shape)
    for (row, column), value in zip(patches.corner, values, strict=True):
        total[row : row + 6, column : column + 6] += value
        count[row : row + 6, column : column + 6] += 1
    expected = np.divide(total, count, out=np.full(IMAGE.shape, np.nan), where=count > 0)
    np.testing.assert_allclose(patches.paint(values), expected)


def test_sites_that_form_no_array_are_painted_by_the_nearest_within_reach():
    at = np.array([[5.2, 6.1], [30.0, 20.4], [12.0, 25.0]])
    values = np.array([1.0, 2.0, 3.0])
    painted = cut(IMAGE, at, size=3).paint(values, reach=8.0)
    grid_points = np.stack(np.mgrid[:40, :30], axis=-1)
    distance = np.linalg.norm(grid_points[:, :, None] - at, axis=-1)
    expected = np.where(distance.min(axis=2) <= 8.0, values[distance.argmin(axis=2)], np.nan)
    np.testing.assert_array_equal(painted, expected)


def test_a_patch_remembers_file_frame_place_and_pixel():
    axes = (Axis("t", 5), Axis("y", 40, 0.2, units="nm"), Axis("x", 30, 0.2, units="nm"))
    movie = Signal(np.stack([IMAGE + t for t in range(5)]).astype(np.float32), axes, source="film.h5")
    patches = cut_movie(movie, [[10.0, 10.0], [20.0, 20.0]], size=5, delays=(-1, 0, 1))
    assert (patches.source, patches.pixel, patches.unit) == ("film.h5", 0.2, "nm")
    np.testing.assert_array_equal(patches.frame, [1, 1, 2, 2, 3, 3])
    np.testing.assert_array_equal(patches.position[:2], [[10, 10], [20, 20]])
    for k, frame in enumerate(patches.frame):
        row, column = patches.corner[k]
        for channel, delay in enumerate((-1, 0, 1)):
            window = IMAGE[row : row + 5, column : column + 5] + frame + delay
            np.testing.assert_allclose(patches[k][..., channel], window, rtol=1e-6)


def test_centres_of_each_frame_and_channels_of_a_movie():
    movie = np.random.default_rng(2).normal(size=(3, 20, 20, 2)).astype(np.float32)
    patches = cut_movie(movie, [[[5.0, 5.0]], [[6.0, 6.0], [7.0, 7.0]], [[9.0, 9.0]]], size=4, delays=(0, 1))
    np.testing.assert_array_equal(patches.frame, [0, 1, 1])
    assert patches.shape == (3, 4, 4, 4)
    np.testing.assert_array_equal(patches[2][..., 2:], movie[2, 5:9, 5:9])


def test_windows_with_masked_or_missing_pixels_are_left_out():
    mask = np.ones(IMAGE.shape, dtype=bool)
    mask[20, 15] = False
    holed = np.where(mask, IMAGE, np.nan)
    for patches in (cut(IMAGE, size=6, stride=1, mask=mask), cut(holed, size=6, stride=1)):
        assert len(patches) == 35 * 25 - 36
        assert np.isfinite(patches.patches).all()


def test_some_patches_by_number_slice_mask_and_in_batches():
    patches = cut(IMAGE, size=8, stride=2)
    whole = patches.patches
    chosen = np.arange(len(patches)) % 3 == 0
    np.testing.assert_array_equal(patches[chosen], whole[chosen])
    np.testing.assert_array_equal(patches[5], whole[5])
    np.testing.assert_array_equal(patches[-3:], whole[-3:])
    np.testing.assert_array_equal(np.concatenate(list(patches.batches(17))), whole)
    np.testing.assert_array_equal(patches.select(chosen).patches, whole[chosen])
    assert patches.patches.dtype == np.float32


def test_scaled_patches_fill_the_unit_interval():
    patches = cut(7.0 * IMAGE + 3.0, size=8).scaled(0.0, 1.0)
    assert patches.images.min() == 0.0
    assert patches.images.max() == 1.0


def test_models_read_a_set_batch_by_batch_to_the_same_weights():
    patches = cut(IMAGE, size=8, stride=2).scaled()
    sets = (patches, patches.patches)
    first, second = (ls.rvae(epochs=2, batch=16, seed=0).fit(x).transform(patches.patches) for x in sets)
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_a_saved_set_holds_what_is_known_of_each(tmp_path):
    patches = cut(IMAGE, [[10.0, 11.5], [20.0, 9.0]], size=5, source="a.dm4", pixel=0.1, unit="nm")
    with np.load(patches.save(tmp_path / "patches.npz"), allow_pickle=False) as kept:
        np.testing.assert_array_equal(kept["images"], patches.patches)
        np.testing.assert_array_equal(kept["position"], patches.position)
        assert (str(kept["source"]), float(kept["pixel"]), str(kept["unit"])) == ("a.dm4", 0.1, "nm")


def test_the_grid_holds_every_window_that_fits():
    assert len(grid((40, 30), 8, 3)) == 11 * 8
    corners = grid((40, 30), 8, 3) - 4
    assert corners.min() == 0
    assert (corners.max(axis=0) + 8 <= (40, 30)).all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: cut(IMAGE, size=31), "fits into the image"),
        (lambda: cut(IMAGE, size=0), "fits into the image"),
        (lambda: cut(IMAGE, size=2.5), "fits into the image"),
        (lambda: cut(IMAGE, [[50.0, 3.0]], size=4), "inside the image"),
        (lambda: cut(IMAGE, [[-1.0, 3.0]], size=4), "inside the image"),
        (lambda: cut(IMAGE, [[np.nan, 3.0]], size=4), "NaN"),
        (lambda: cut(IMAGE, [3.0, 4.0], size=4), "rows and columns"),
        (lambda: cut(IMAGE, [[3.0, 4.0]], size=4, stride=2), "either centres"),
        (lambda: cut(IMAGE, size=4, stride=0), "stride"),
        (lambda: cut(IMAGE, size=4, edge="wrap"), "reflect"),
        (lambda: cut(IMAGE, size=4, mask=IMAGE), "booleans"),
        (lambda: cut(np.full((9, 9), np.nan), size=4), "NaN"),
        (lambda: cut(np.array([["a"]]), size=1), "real numbers"),
        (lambda: cut_movie(IMAGE, size=4), "a movie"),
        (lambda: cut_movie(IMAGE[None], size=4, delays=(-1, 0, 1)), "delays within the 1 frames"),
        (lambda: cut_movie(np.stack([IMAGE, IMAGE]), [[[3.0, 4.0]]], size=4), "each of 2 frames"),
        (lambda: cut(IMAGE, size=8).paint(np.zeros(3)), "one number for each"),
        (lambda: cut(IMAGE, size=8).paint(np.zeros(len(cut(IMAGE, size=8))), frame=2), "frame 2"),
        (lambda: cut(np.ones((9, 9)), size=3).scaled(), "differ somewhere"),
    ],
)
def test_bad_input(call, said):
    with pytest.raises(InputError, match=said):
        call()
