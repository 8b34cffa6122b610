import numpy as np
import pytest
import torch

from latscape.data import crystal
from latscape.errors import InputError
from latscape.patches import find_atoms
from latscape.patches.adapt import NetEnsemble, adapt
from latscape.patches.training import DRAW, draw_atoms, main, train_net
from latscape.patches.unet import load_net, new_net, shipped_net
from patches.test_atoms import judged


@pytest.mark.parametrize("kind", ["atoms", "walls"])
def test_shipped_networks_are_small_and_know_their_kind(kind):
    net = shipped_net(kind)
    assert net.kind == kind
    assert 4 * sum(p.numel() for p in net.module.parameters()) < 1_000_000


def test_strips_are_as_good_as_the_whole():
    image = crystal("graphene", size=384, spacing=10.0, dose=20.0).image
    net = shipped_net("atoms")
    from latscape.patches.unet import standardized

    with torch.inference_mode():
        x = torch.from_numpy(standardized(image, "atoms"))[None, None]
        whole = net.module(x).sigmoid()[0, 0].numpy()
    np.testing.assert_allclose(net.respond(image, 10.0), whole, atol=1e-5)


def test_a_network_learns_and_comes_back_from_its_file(tmp_path):
    losses: list[float] = []
    net = new_net("atoms", seed=1, channels=(4, 8))
    train_net(net, draw_atoms, steps=40, batch=2, on_step=lambda step, loss: losses.append(loss))
    assert np.mean(losses[-5:]) < 0.8 * losses[0]
    again = load_net(net.save(tmp_path / "net.safetensors"))
    image = crystal(size=64, spacing=10.0).image
    np.testing.assert_array_equal(net.respond(image, 10.0), again.respond(image, 10.0))


def test_training_follows_from_its_seed(tmp_path):
    for name in ("a", "b"):
        assert main(["atoms", "--steps", "2", "--batch", "1", "--out", str(tmp_path / name)]) == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("kind", ["atoms", "walls"])
def test_samples_are_standard_images_with_marks(kind):
    image, marks = DRAW[kind](np.random.default_rng(0))
    assert image.shape == marks.shape == (96, 96)
    assert image.dtype == marks.dtype == np.float32
    assert abs(image.mean()) < 0.2
    assert 0.0 <= marks.min() < 0.1 < 0.8 < marks.max() <= 1.0


def test_foreign_files_are_no_networks(tmp_path):
    (tmp_path / "net.safetensors").write_bytes(b"no weights")
    with pytest.raises(InputError, match="weights of a network"):
        load_net(tmp_path / "net.safetensors")


def test_members_learn_the_image_and_still_find_its_atoms():
    made = crystal("hexagonal", size=128, spacing=10.0, dose=4.0, seed=8)
    labels: list[int] = []
    nets = adapt(
        made.image, spacing=10.0, members=2, rounds=2, steps=4, batch=2, on_round=lambda k, n: labels.append(n)
    )
    assert isinstance(nets, NetEnsemble)
    assert len(labels) == 2
    precision, recall, _ = judged(find_atoms(made.image, spacing=10.0, method="unet", net=nets), made)
    assert min(precision, recall) > 0.97
    untouched = shipped_net("atoms").respond(made.image, 10.0)
    assert not np.array_equal(nets.members[0].respond(made.image, 10.0), untouched)
    assert nets.disagree(made.image, 10.0).max() > 0.0


@pytest.mark.parametrize("bad", [{"members": 0}, {"rounds": 0}, {"spacing": 30.0}, {"sure": 1.0}])
def test_bad_adaptation(bad):
    with pytest.raises(InputError, match="Expected"):
        adapt(crystal(size=128).image, **{"spacing": 10.0, **bad})
