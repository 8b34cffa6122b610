import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage import data
from skimage.metrics import structural_similarity

from latscape.errors import InputError
from latscape.metrics.similarity import ssim, ssim_loss

UNIT = st.floats(0, 1, width=32)
IMAGES = hnp.arrays(np.float64, (2, 9, 8), elements=UNIT)


def reference(a, b, data_range=1.0, window=7):
    return np.array(
        [structural_similarity(x, y, data_range=data_range, win_size=window) for x, y in zip(a, b, strict=True)]
    )


def pairs(kind, height, width, dtype):
    """Five pairs of images: unrelated noise, or a structured image and a noisy, shifted, inverted, dimmed, flat one."""
    rng = np.random.default_rng(height * width)
    if kind == "random":
        return rng.uniform(size=(2, 5, height, width)).astype(dtype)
    image = data.camera()[100 : 100 + height, 200 : 200 + width] / 255.0
    noisy = np.clip(image + 0.1 * rng.normal(size=image.shape), 0, 1)
    others = [noisy, np.roll(image, 1, axis=1), 1 - image, 0.3 * image, np.full_like(image, 0.5)]
    return np.stack([np.stack([image] * 5), np.stack(others)]).astype(dtype)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-4)])
@pytest.mark.parametrize(("height", "width"), [(7, 7), (28, 28), (8, 31), (65, 64)])
@pytest.mark.parametrize("kind", ["random", "structured"])
def test_agrees_with_scikit_image(kind, height, width, dtype, tolerance):
    a, b = pairs(kind, height, width, dtype)
    ours = ssim(torch.from_numpy(a), torch.from_numpy(b))
    assert ours.dtype == getattr(torch, dtype)
    np.testing.assert_allclose(ours, reference(a.astype(float), b.astype(float)), atol=tolerance)


@pytest.mark.parametrize("window", [3, 5, 11])
@pytest.mark.parametrize("data_range", [1.0, 2.0, 255.0])
def test_agrees_with_scikit_image_for_other_windows_and_ranges(window, data_range):
    a, b = data_range * pairs("structured", 28, 30, "float64")
    ours = ssim(torch.from_numpy(a), torch.from_numpy(b), data_range, window)
    np.testing.assert_allclose(ours, reference(a, b, data_range, window), atol=1e-10)


def test_integers_and_half_precision():
    a, b = (255 * pairs("structured", 28, 28, "float64")).astype(np.uint8)
    ours = ssim(torch.from_numpy(a), torch.from_numpy(b), data_range=255)
    np.testing.assert_allclose(ours, reference(a, b, 255), atol=1e-10)
    half = ssim(torch.from_numpy(a / 255.0).half(), torch.from_numpy(b / 255.0).half())
    assert half.dtype == torch.float32
    np.testing.assert_allclose(half, ours, atol=1e-2)


@given(images=IMAGES)
def test_symmetric_bounded_and_one_for_equals(images):
    a, b = torch.from_numpy(images)
    value = ssim(a, b)
    torch.testing.assert_close(value, ssim(b, a), atol=1e-12, rtol=0)
    assert -1.0 - 1e-9 <= float(value) <= 1.0 + 1e-9
    torch.testing.assert_close(ssim(a, a), torch.tensor(1.0, dtype=torch.float64), atol=1e-12, rtol=0)
    torch.testing.assert_close(ssim_loss(a, b), 1 - value)


@given(images=IMAGES, flip=st.sampled_from([(-1,), (-2,), (-2, -1)]))
def test_mirroring_both_images_changes_nothing(images, flip):
    a, b = torch.from_numpy(images)
    torch.testing.assert_close(ssim(a.flip(flip), b.flip(flip)), ssim(a, b), atol=1e-12, rtol=0)


def test_leading_axes_broadcast():
    generator = torch.Generator().manual_seed(0)
    a = torch.rand(4, 1, 9, 9, generator=generator, dtype=torch.float64)
    b = torch.rand(3, 9, 9, generator=generator, dtype=torch.float64)
    table = ssim(a, b)
    assert table.shape == (4, 3)
    torch.testing.assert_close(table[2, 1], ssim(a[2, 0], b[1]))


def test_gradient_matches_finite_differences_and_raises_similarity():
    generator = torch.Generator().manual_seed(0)
    a = torch.rand(2, 8, 8, generator=generator, dtype=torch.float64)
    b = torch.rand(2, 8, 8, generator=generator, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: ssim_loss(a, x), b)
    (gradient,) = torch.autograd.grad(ssim_loss(a, b).sum(), b)
    assert (ssim_loss(a, b - 1e-3 * gradient) < ssim_loss(a, b)).all()


IMAGE = torch.rand(2, 8, 8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((IMAGE[:, :6], IMAGE[:, :6]), "at least 7 x 7"),
        ((IMAGE, IMAGE[:, :, :7]), "one size"),
        ((IMAGE[0, 0], IMAGE[0, 0]), "one size"),
        ((IMAGE, IMAGE.expand(3, 2, 8, 8)[:, :1].expand(3, 3, 8, 8)), "broadcast"),
        ((IMAGE, IMAGE, 0.0), "data range"),
        ((IMAGE, IMAGE, float("nan")), "data range"),
        ((IMAGE, IMAGE, 1.0, 4), "odd window"),
        ((IMAGE, IMAGE, 1.0, 1), "odd window"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(InputError, match=message):
        ssim(*arguments)


@settings(max_examples=20)
@given(images=hnp.arrays(np.float32, (2, 12, 12), elements=UNIT))
def test_single_precision_stays_near_double(images):
    a, b = torch.from_numpy(images)
    torch.testing.assert_close(ssim(a, b).double(), ssim(a.double(), b.double()), atol=1e-4, rtol=0)
