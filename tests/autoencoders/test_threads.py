"""Who may use how many threads, and when."""

import numpy as np
import pytest
import torch

import latscape as ls
from latscape.autoencoders import model
from latscape.autoencoders.cpu import warped
from latscape.autoencoders.cpu.threads import in_parallel, one_for_operations, workers

IMAGES = np.random.default_rng(0).uniform(size=(20, 8, 8))


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_operations_keep_to_one_thread_and_loops_have_all():
    with one_for_operations():
        assert (torch.get_num_threads(), workers()) == (1, 2)
        with one_for_operations():
            assert workers() == 2
        in_parallel([lambda: None, lambda: None])
        assert (torch.get_num_threads(), workers()) == (1, 2)
    assert (torch.get_num_threads(), workers()) == (2, 2)
    with pytest.raises(KeyError), one_for_operations():
        raise KeyError
    assert (torch.get_num_threads(), workers()) == (2, 2)


@pytest.mark.parametrize(
    ("part", "threads"),
    [({}, 1), ({"encoder": ls.ConvEncoder()}, 2), ({"decoder": ls.FactorisedDecoder()}, 2), ({"batch": 3000}, 2)],
)
def test_small_steps_around_the_compiled_loop_keep_to_one_thread(monkeypatch, part, threads):
    seen = []
    forward = model.Autoencoder.forward
    monkeypatch.setattr(
        model.Autoencoder, "forward", lambda *given: (seen.append(torch.get_num_threads()), forward(*given))[1]
    )
    ls.jrvae(3, epochs=1, **part).fit(IMAGES)
    assert set(seen) == {threads}
    assert torch.get_num_threads() == 2


def test_shares_of_the_loop_are_those_of_all_threads(monkeypatch):
    shares = []
    monkeypatch.setattr(warped, "in_parallel", lambda work: (shares.append(len(work)), in_parallel(work)))
    ls.jrvae(3, epochs=1, batch=20).fit(IMAGES)
    assert set(shares) == {2}
