"""What the models are for: recovering angles, and classes nobody labelled."""

import numpy as np
import pytest

import latscape as ls
from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.likelihoods import Gaussian
from latscape.geometry.pose import Shift
from latscape.nets.coordinate import CoordinateDecoder
from latscape.nets.encoders import ConvEncoder, DenseEncoder
from latscape.nets.factorised import FactorisedDecoder
from latscape.nets.warp import WarpDecoder


def flags(angles: np.ndarray, size: int = 16) -> np.ndarray:
    """A bar with a bright end and a spot on one side, turned counter-clockwise by each angle; it has no symmetry."""
    at = (np.arange(size) + 0.5) * 2 / size - 1
    x, y = at[None, None, :], -at[None, :, None]
    c, s = np.cos(angles)[:, None, None], np.sin(angles)[:, None, None]
    u, v = c * x + s * y, c * y - s * x
    bar = 0.6 * np.exp(-(u**2 / 0.2 + v**2 / 0.02))
    return np.clip(
        bar + np.exp(-((u - 0.45) ** 2 + v**2) / 0.04) + 0.5 * np.exp(-((u + 0.2) ** 2 + (v - 0.4) ** 2) / 0.03), 0, 1
    )


def circular_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Jammalamadaka and SenGupta 2001, eq. 8.2.2."""
    a, b = (np.sin(x - np.angle(np.exp(1j * x).mean())) for x in (a, b))
    return float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()))


@pytest.fixture(
    scope="module",
    params=[
        (WarpDecoder(hidden=(16,)), 30),
        (FactorisedDecoder(features=(32, 32), hidden=(16,)), 30),
        (CoordinateDecoder(hidden=(32, 32), chunk=None), 40),
        (CoordinateDecoder(hidden=(32, 32), chunk=None, skip=True), 40),
    ],
    ids=["warp", "factorised", "coordinate", "skip"],
)
def trained(request):
    """A rotational model of flags turned by up to 60 degrees, with the true angles."""
    decoder, epochs = request.param
    angles = np.random.default_rng(0).uniform(-np.pi / 3, np.pi / 3, 200)
    model = ls.rvae(
        latent=1, encoder=DenseEncoder(hidden=(64,)), decoder=decoder, epochs=epochs, batch=25, learning_rate=1e-2
    )
    return model.fit(flags(angles)), angles


def recovered(model, angles: np.ndarray) -> np.ndarray:
    return model.encode(flags(angles))["rotation"].mean[:, 0]


def test_the_recovered_angles_follow_the_true_ones(trained):
    model, angles = trained
    assert circular_correlation(angles, recovered(model, angles)) > 0.99


def test_angles_of_images_never_seen_are_recovered_up_to_one_common_offset(trained):
    model, _ = trained
    angles = np.random.default_rng(1).uniform(-np.pi / 3, np.pi / 3, 100)
    difference = recovered(model, angles) - angles
    assert np.std(difference) < 0.1


@pytest.mark.parametrize("delta", [0.3, -0.3])
def test_turning_the_input_counter_clockwise_turns_the_recovered_angle_by_as_much(trained, delta):
    model, _ = trained
    angles = np.random.default_rng(2).uniform(-0.7, 0.7, 100)
    turned = recovered(model, angles + delta) - recovered(model, angles)
    assert np.mean(turned) == pytest.approx(delta, abs=0.05)
    assert np.std(turned) < 0.1


def test_the_content_says_little_about_the_angle(trained):
    model, _ = trained
    angles = np.linspace(-0.9, 0.9, 50)
    content = model.transform(flags(angles))[:, 0]
    assert np.std(content) < 0.5


def test_the_reconstruction_shows_the_input_in_its_orientation(trained):
    model, _ = trained
    stack = flags(np.linspace(-0.9, 0.9, 20))
    assert np.mean((model.reconstruct(stack) - stack) ** 2) < 0.1 * np.var(stack)


def peaks(shifts: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Spectra of 48 points: a peak of some width and a narrow one to its right, moved by the shift [half lengths]."""
    at = (np.arange(48) + 0.5) * 2 / 48 - 1 - shifts[:, None]
    return np.exp(-0.5 * (at / widths[:, None]) ** 2) + 0.6 * np.exp(-0.5 * ((at - 0.3) / 0.05) ** 2)


@pytest.mark.parametrize(
    "decoder",
    [
        WarpDecoder(hidden=(16,)),
        FactorisedDecoder(features=(32, 32), hidden=(16,)),
        CoordinateDecoder(hidden=(32, 32), chunk=None),
    ],
    ids=lambda part: type(part).__name__,
)
def test_the_shift_of_a_spectrum_is_recovered_in_half_lengths(decoder):
    rng = np.random.default_rng(0)
    shifts, widths = rng.uniform(-0.4, 0.4, 200), rng.uniform(0.05, 0.12, 200)
    spectra = peaks(shifts, widths) + 0.02 * rng.normal(size=(200, 48))
    parts = {"encoder": ConvEncoder(channels=(8, 16), kernel=5, hidden=(32,)), "decoder": decoder}
    options = {"likelihood": Gaussian(0.1), "epochs": 25, "batch": 20, "learning_rate": 5e-3}
    model = VAE(latent=1, pose=(Shift(0.3),), **parts, **options).fit(spectra)
    got = model.encode(spectra)["shift"].mean[:, 0]
    assert np.corrcoef(shifts, got)[0, 1] > 0.98
    assert np.polyfit(shifts, got, 1)[0] == pytest.approx(1.0, abs=0.1)


def test_a_joint_model_separates_two_different_shapes_without_labels():
    at = np.linspace(-1, 1, 12)
    radius = np.hypot(at[None, :], at[:, None])
    shapes = np.stack([np.exp(-(radius**2) / 0.1), np.exp(-((radius - 0.8) ** 2) / 0.02)])
    labels = np.repeat([0, 1], 50)
    noise = np.random.default_rng(0).uniform(0, 0.1, size=(100, 12, 12))
    images = 0.9 * shapes[labels] + noise
    model = ls.jrvae(
        2,
        latent=1,
        epochs=20,
        batch=20,
        learning_rate=5e-3,
        encoder=DenseEncoder(hidden=(32,)),
        decoder=WarpDecoder(hidden=(16,)),
    ).fit(images)
    predicted = model.predict(images)
    assert max(np.mean(predicted == labels), np.mean(predicted != labels)) == 1.0
    manifold = model.manifold(1)[:, 0]
    for label in (0, 1):
        nearest = ((manifold - 0.9 * shapes[label]) ** 2).mean(axis=(1, 2)).argmin()
        assert nearest == predicted[labels == label][0]
