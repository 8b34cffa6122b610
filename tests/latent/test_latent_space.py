"""A product of blocks is the blocks side by side."""

import torch

from latscape.latent.blocks import Categorical, CategoricalPosterior, Normal, NormalPosterior
from latscape.latent.space import LatentSpace, mean_sample

BLOCKS = {"rotation": Normal(1), "content": Normal(2, 0.5), "class": Categorical(3)}
SPACE = LatentSpace(BLOCKS)
RAW = torch.randn(4, SPACE.raw_width, generator=torch.Generator().manual_seed(0))


def test_each_block_reads_its_own_part_of_the_raw_output_in_order():
    got = SPACE.posterior(RAW)
    assert list(got) == list(BLOCKS)
    start = 0
    for name, block in BLOCKS.items():
        alone = block.posterior(RAW[:, start : start + block.raw_width])
        for part, expected in zip(vars(got[name]).values(), vars(alone).values(), strict=True):
            assert torch.equal(torch.as_tensor(part), torch.as_tensor(expected))
        start += block.raw_width
    assert start == SPACE.raw_width


def test_each_continuous_block_takes_its_own_part_of_the_noise():
    posterior = SPACE.posterior(RAW)
    noise = torch.randn(4, SPACE.noise_width, generator=torch.Generator().manual_seed(1))
    drawn = SPACE.sample(posterior, noise)
    assert set(drawn) == {"rotation", "content"}
    for name, part in (("rotation", noise[:, :1]), ("content", noise[:, 1:])):
        q = posterior[name]
        torch.testing.assert_close(drawn[name], q.mean + q.std * part)


def test_the_divergences_are_the_blocks_own_and_their_sum_is_that_of_the_product():
    posterior = SPACE.posterior(RAW)
    kl = SPACE.kl(posterior)
    for name, block in BLOCKS.items():
        assert torch.equal(kl[name], block.kl(posterior[name]))


def test_the_mean_sample_is_the_sample_without_noise():
    posterior = SPACE.posterior(RAW)
    still = SPACE.sample(posterior, torch.zeros(4, SPACE.noise_width))
    means = mean_sample(posterior)
    assert set(means) == set(still)
    for name in means:
        torch.testing.assert_close(means[name], still[name])


def test_a_space_without_classes_has_only_normal_posteriors():
    space = LatentSpace({"content": Normal(2)})
    kinds = {type(q) for q in space.posterior(torch.zeros(2, 4)).values()}
    assert kinds == {NormalPosterior}
    assert CategoricalPosterior in {type(q) for q in SPACE.posterior(RAW).values()}
