import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latscape.data.card_images import CARD_SETS, SUITS, cards
from latscape.errors import InputError
from latscape.geometry.grid import pixel_grid


def moments(image):
    """Area, centre (x, y) and second central moments [half sides] of an image."""
    at, weight = pixel_grid(*image.shape).numpy(), image.ravel()
    centre = (weight[:, None] * at).sum(0) / weight.sum()
    away = at - centre
    return (
        weight.sum() * 4 / image.size,
        centre,
        (weight[:, None, None] * away[:, :, None] * away[:, None]).sum(0) / weight.sum(),
    )


def linear(angle, shear):
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]]) @ np.array([[1, np.tan(shear)], [0, 1]])


@pytest.fixture(scope="module")
def upright():
    """Each suit's area, centre and second moments without any pose."""
    deck = cards(40, rotation=0, shear=0, size=64)
    first = [int(np.argmax(deck.labels == suit)) for suit in range(len(SUITS))]
    return [moments(deck.images[index]) for index in first]


def test_the_moments_turn_shear_and_shift_as_the_truth_says(upright):
    deck = cards(60, **CARD_SETS[4], translation=0.15, size=64, seed=1)
    for image, suit, angle, shear, shift in zip(
        deck.images, deck.labels, deck.angle, deck.shear, deck.translation, strict=True
    ):
        area, centre, second = moments(image)
        matrix = linear(angle, shear)
        assert area == pytest.approx(upright[suit][0], rel=0.01)  # a rotation and a shear keep the area
        np.testing.assert_allclose(centre, matrix @ upright[suit][1] + shift, atol=0.004)
        np.testing.assert_allclose(second, matrix @ upright[suit][2] @ matrix.T, atol=0.003)


def test_the_suits_are_what_they_are_called(upright):
    deck = cards(40, rotation=0, shear=0, size=48)
    club, spade, heart, diamond = (deck.images[int(np.argmax(deck.labels == suit))] for suit in range(4))
    for image in (club, spade, heart, diamond):
        assert np.abs(image - image[:, ::-1]).mean() < 0.01  # mirrored left and right
    assert np.abs(diamond - diamond[::-1]).mean() < 0.01
    assert np.abs(heart - heart[::-1]).mean() > 0.05
    width = {name: (image > 0.5).sum(1) for name, image in zip(SUITS, (club, spade, heart, diamond), strict=True)}
    rows = {name: np.flatnonzero(found) for name, found in width.items()}
    # A heart and a diamond end in a point below, a spade in one above and a stem below; a club has three bulges.
    assert width["hearts"][rows["hearts"][-1]] <= 4 < width["hearts"][rows["hearts"][0]]
    assert width["spades"][rows["spades"][0]] <= 3 < width["spades"][rows["spades"][-1]]
    assert upright[0][1][1] != pytest.approx(upright[1][1][1], abs=0.005)


def test_the_frame_holds_every_card():
    deck = cards(400, rotation=180, shear=20, translation=0.1)
    border = np.concatenate([deck.images[:, [0, -1]].ravel(), deck.images[:, :, [0, -1]].ravel()])
    assert border.max() == 0.0


@pytest.mark.parametrize("number", CARD_SETS)
def test_amounts_fill_their_ranges_independently(number):
    deck, limits = cards(2000, **CARD_SETS[number], size=8), CARD_SETS[number]
    for values, limit in ((deck.angle, limits["rotation"]), (deck.shear, limits["shear"])):
        assert 0.99 < np.abs(values).max() / np.radians(limit) <= 1.0 + 1e-6
        assert np.std(values) == pytest.approx(np.radians(limit) / np.sqrt(3), rel=0.05)
    assert abs(np.corrcoef(deck.angle, deck.shear)[0, 1]) < 0.06
    assert (np.bincount(deck.labels, minlength=4) > 430).all()
    assert not deck.translation.any()


@settings(max_examples=10)
@given(n=st.integers(1, 6), size=st.integers(1, 12), seed=st.integers(-5, 5))
def test_any_count_size_and_seed(n, size, seed):
    one, again = (cards(n, size=size, seed=seed) for _ in range(2))
    assert one.images.shape == (n, size, size)
    assert one.images.dtype == np.float32
    np.testing.assert_array_equal(one.images, again.images)
    assert 0.0 <= one.images.min() <= one.images.max() <= 1.0


def test_another_seed_is_another_deck():
    assert (cards(50, size=8, seed=0).angle != cards(50, size=8, seed=1).angle).all()


@pytest.mark.parametrize(
    "bad", [{"n": 0}, {"size": 0}, {"rotation": -1.0}, {"shear": 90.0}, {"translation": float("nan")}]
)
def test_bad_options(bad):
    with pytest.raises(InputError, match="Expected"):
        cards(**bad)
