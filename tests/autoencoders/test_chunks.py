"""A training step in chunks: the gradients of the whole batch, and memory that the chunk bounds."""

import numpy as np
import pytest
import torch
from torch.profiler import ProfilerActivity, profile

import latscape as ls
from latscape.autoencoders.batch import Batch
from latscape.autoencoders.model import Autoencoder
from latscape.autoencoders.terms import Divergence, reconstruction
from latscape.autoencoders.train import Optimization, train
from latscape.geometry.pose import Rotation
from latscape.nets.coordinate import CoordinateDecoder
from latscape.nets.encoders import DenseEncoder

PIXELS, CLASSES, WIDTH = 64, 3, 32
KL = Divergence(("rotation", "content"), np.zeros(3))
TERMS = {"reconstruction": (reconstruction, np.ones(3)), "kl_continuous": (KL, np.array([1.0, 2.0, 3.0]))}


def trained(chunk: int | None, images: int, batch: int, epochs: int = 1) -> tuple[Autoencoder, dict]:
    model = Autoencoder(
        shape=(8, 8),
        channels=1,
        content=2,
        classes=CLASSES,
        pose=(Rotation(),),
        encoder=DenseEncoder(hidden=(8,)),
        decoder=CoordinateDecoder(hidden=(WIDTH, WIDTH), chunk=chunk),
        likelihood=ls.Bernoulli(),
        generator=torch.Generator().manual_seed(0),
    ).double()
    generator = torch.Generator().manual_seed(1)
    x = torch.rand(images, PIXELS, generator=generator, dtype=torch.float64)
    options = Optimization(epochs, batch, np.full(epochs, 1e-2))
    torch.set_default_dtype(torch.float64)  # of the noise
    try:
        return model, train(model, Batch(x), TERMS, options, generator)
    finally:
        torch.set_default_dtype(torch.float32)


def peak(chunk: int | None, batch: int) -> int:
    """Most bytes that one training step held at a time beyond what it began with."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as record:
        trained(chunk, batch, batch)
    assert record.profiler is not None
    changes = [event.nbytes() for event in record.profiler.kineto_results.events() if event.name() == "[memory]"]
    return int(np.cumsum(changes).max())


@pytest.mark.parametrize("chunk", [1, 3, 7, 100])
def test_training_in_chunks_is_training_on_whole_batches(chunk):
    # 17 images in batches of 7: neither divides by the chunk. Double precision: Adam magnifies rounding.
    (whole, expected), (chunked, history) = trained(None, 17, 7, epochs=3), trained(chunk, 17, 7, epochs=3)
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-10)
    for one, other in zip(whole.parameters(), chunked.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-6)


def test_the_memory_of_a_step_is_bounded_by_the_chunk_and_not_by_the_batch():
    layer = CLASSES * PIXELS * WIDTH * 8  # bytes of one layer's activations of an image
    assert peak(2, 32) < 1.1 * peak(2, 16)
    assert peak(2, 32) < 12 * 2 * layer
    assert peak(4, 32) > 1.5 * peak(2, 32)
    assert peak(None, 32) > 32 * 3 * layer
