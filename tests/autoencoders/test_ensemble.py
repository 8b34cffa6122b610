"""Members agree on names, and their disagreement shows what is unstable."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

import latscape as ls
from latscape.autoencoders.ensembles import align, dispersion


def probabilities(n: int, classes: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.full(classes, 0.3), n)


@given(st.permutations(range(4)), st.permutations(range(4)), st.integers(0, 99))
def test_alignment_recovers_any_permutation_under_noise(first, second, seed):
    truth = probabilities(60, 4, seed)
    members = [0.8 * truth + 0.2 * probabilities(60, 4, seed + member) for member in (100, 200, 300)]
    shuffled = [members[0], members[1][:, first], members[2][:, second]]
    orders, _ = align(shuffled)
    aligned = [member[:, order] for member, order in zip(shuffled, orders, strict=True)]
    expected = [member[:, orders[0]] for member in members]
    np.testing.assert_allclose(aligned, expected)


def test_the_reference_is_not_the_odd_one_out():
    truth = probabilities(200, 3, 0)
    odd = probabilities(200, 3, 1)
    orders, typical = align([odd, truth, truth[:, [1, 2, 0]], truth])
    assert typical in (1, 2, 3)
    np.testing.assert_array_equal(orders[1], [0, 1, 2])
    np.testing.assert_array_equal(orders[3], [0, 1, 2])
    np.testing.assert_allclose(truth[:, [1, 2, 0]][:, orders[2]], truth)


def test_dispersion_is_zero_for_agreement_and_its_bound_where_each_is_sure_of_another_class():
    sure = np.eye(3)[:, None, :]
    assert dispersion(sure) == pytest.approx(np.sqrt(1 - 1 / 3))
    np.testing.assert_array_equal(dispersion(np.repeat(sure[:1], 4, axis=0)), 0)


@given(st.integers(0, 99))
def test_dispersion_is_the_standard_deviation_over_members(seed):
    members = np.stack([probabilities(10, 3, seed + k) for k in range(4)])
    by_hand = [np.sqrt(sum(np.std(members[:, row, k]) ** 2 for k in range(3))) for row in range(10)]
    np.testing.assert_allclose(dispersion(members), by_hand)


@pytest.fixture(scope="module")
def shapes():
    """Discs and rings, and things between that belong to neither."""
    generator = np.random.default_rng(0)
    at = np.linspace(-1, 1, 10)
    radius = np.hypot(at[None, :], at[:, None])
    disc, ring = np.exp(-(radius**2) / 0.15), np.exp(-((radius - 0.8) ** 2) / 0.03)
    labels = np.repeat([0, 1, 2], [60, 60, 12])
    both = np.stack([disc, ring, (disc + ring) / 2])[labels]
    return np.clip(both + generator.normal(0, 0.1, (132, 10, 10)), 0, 1), labels


@pytest.fixture(scope="module")
def members(shapes, small):
    model = ls.jvae(2, epochs=15, learning_rate=5e-3, seed=1, **{**small, "batch": 20})
    return ls.ensemble(model, n=4).fit(shapes[0])


def test_the_mean_probability_finds_the_classes_and_what_is_between_is_most_dispersed(members, shapes):
    images, labels = shapes
    found = members.predict(images)
    clear = labels < 2
    assert max(np.mean(found[clear] == labels[clear]), np.mean(found[clear] != labels[clear])) == 1.0
    spread = members.dispersion(images)
    assert spread[labels == 2].mean() > spread[clear].mean() + 0.02
    probs = members.predict_proba(images)
    np.testing.assert_allclose(probs, members.member_proba(images).mean(axis=0))
    np.testing.assert_allclose(probs.sum(axis=1), 1, atol=1e-6)
    by_class = [spread[found == k].mean() for k in (0, 1)]
    np.testing.assert_allclose(members.class_dispersion(images), by_class, rtol=1e-6)


def test_members_differ_and_are_the_models_of_their_seeds(members, shapes, weights):
    seeds = [member.seed for member in members.members_]
    assert len(set(seeds)) == 4
    alone = clone(members.model).set_params(seed=seeds[2]).fit(shapes[0])
    assert torch.equal(weights(alone), weights(members.members_[2]))


def test_members_that_share_a_baseline_start_from_its_weights(images, small, weights):
    model = ls.jvae(2, epochs=1, learning_rate=0.0, **small)
    base = clone(model).set_params(epochs=3, learning_rate=0.0).fit(images)
    found = ls.ensemble(model, n=2, baseline=3).fit(images)
    for member in found.members_:
        assert torch.equal(weights(member), weights(base))
    moving = ls.ensemble(ls.jvae(2, epochs=1, **small), n=2, baseline=3).fit(images)
    assert not torch.equal(*(weights(member) for member in moving.members_))


def test_given_labels_keep_their_names(images, small):
    y = np.where(np.arange(24) < 6, np.arange(24) % 3, -1)
    found = ls.ensemble(ls.ssvae(3, epochs=1, **small), n=2).fit(images, y)
    np.testing.assert_array_equal(found.orders_, [[0, 1, 2]] * 2)


def test_an_ensemble_returns_from_its_file_and_clones(members, shapes, tmp_path, refused):
    images, _ = shapes
    loaded = ls.load(members.save(tmp_path / "members.safetensors"))
    np.testing.assert_array_equal(loaded.member_proba(images), members.member_proba(images))
    assert loaded.score(images) == members.score(images)
    np.testing.assert_array_equal(loaded.information_, members.information_)
    assert loaded.typical_ == members.typical_
    assert [member.history_ for member in loaded.members_] == [member.history_ for member in members.members_]
    assert repr(loaded) == repr(members)
    with refused():
        clone(members).predict(images)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ls.ensemble(ls.vae()),
        lambda: ls.ensemble("jvae"),
        lambda: ls.ensemble(ls.jvae(2), n=1),
        lambda: ls.ensemble(ls.jvae(2), baseline=-1),
        lambda: ls.ensemble(ls.jvae(2), n=2.5),
    ],
)
def test_an_ensemble_that_has_nothing_to_compare_is_refused(make, images, refused):
    with refused():
        make().fit(images)


def test_the_watcher_sees_every_member(images, small):
    seen = []
    found = ls.ensemble(ls.jvae(2, epochs=1, **small), n=2)
    found.fit(images, on_member=lambda index, member: seen.append((index, member)))
    assert seen == list(enumerate(found.members_))


class Stopped(Exception):
    pass


def test_an_ensemble_that_was_stopped_goes_on_to_the_same_members(images, small, weights, tmp_path, refused):
    def stop(index, member):
        raise Stopped

    model = ls.jvae(2, epochs=2, **small)
    whole = ls.ensemble(model, n=2, baseline=1).fit(images)
    with pytest.raises(Stopped):
        ls.ensemble(model, n=2, baseline=1).fit(images, on_member=stop, checkpoints=tmp_path)
    assert {path.stem for path in tmp_path.iterdir()} == {"baseline", "member-0"}
    again = ls.ensemble(model, n=2, baseline=1).fit(images, checkpoints=tmp_path)
    for one, other in zip(whole.members_, again.members_, strict=True):
        assert torch.equal(weights(one), weights(other))
    with refused():  # of other samples
        ls.ensemble(model, n=2, baseline=1).fit(images[::-1], checkpoints=tmp_path)
