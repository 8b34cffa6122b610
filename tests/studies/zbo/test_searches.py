"""What is searched: one schedule or two, of which every part arrives where it is meant to."""

from functools import partial

import numpy as np
import pytest

from latscape.errors import InputError
from latscape.metrics import class_information
from latscape.runs import write_report
from latscape.studies.zbo.comparison import score, train
from latscape.studies.zbo.contenders import contenders, joint
from latscape.studies.zbo.results import optimum, trained
from latscape.studies.zbo.searches import SEARCHES, families, length, schedules
from latscape.studies.zbo.split import split

from .helpers import LEAST, TINY, choose, create


def test_two_schedules_are_drawn_independently_and_lie_end_to_end():
    spec = choose(epochs=30, search="both", families=("cooldown",))
    assert length(spec) == 60
    drawn = families(spec)["cooldown"](200, 60, np.random.default_rng(0))
    first, second = drawn[:, 0], drawn[:, 30]  # what each begins with
    assert (second > drawn[:, 29]).any()  # one cooldown could only go down
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.2
    found = schedules(spec, drawn[0])
    np.testing.assert_array_equal(np.concatenate([found["beta_c"], found["beta_d"]]), drawn[0])


@pytest.mark.parametrize("search", SEARCHES)
def test_the_model_is_trained_along_what_was_found(search):
    spec = choose(data="plasmonics", search=search, epochs=6, capacity=5.0)
    found = np.linspace(40, 1, length(spec))
    models = {key: one.build(spec, found, 3) for key, one in contenders(spec).items()}
    zbo, constant = models["zbo"], models["constant"]
    expected = schedules(spec, found)
    for name in SEARCHES[search]:
        np.testing.assert_array_equal(getattr(zbo, name), expected[name])
    assert constant.beta_c == 1.0
    assert constant.capacity_c == 0.0  # what is searched is the winner's alone
    assert constant.beta_d == float(spec.beta_d)
    if search == "capacity":
        assert zbo.beta_c == float(spec.beta_c)
        assert zbo.capacity_c[0] == 5.0


@pytest.mark.parametrize("search", ["both", "capacity"])
def test_a_tiny_search_ends_with_a_report(tmp_path, search):
    run = create(tmp_path, data="plasmonics", search=search, **LEAST)
    run.run()
    assert optimum(run).decoded.shape == (length(run.spec),)
    assert run.summary()["models"]["zbo"]["accuracy"] is not None
    assert trained(run, "zbo").get_params()["beta_c"] is not None
    assert ("discrete" if search == "both" else "information") in write_report(run).read_text()


def test_other_searches_are_refused():
    with pytest.raises(InputError, match="beta_c or both or capacity"):
        choose(search="beta")
    with pytest.raises(InputError, match="window"):
        choose(window=4)


@pytest.fixture(scope="module")
def particles():
    spec = choose(data="plasmonics", **TINY)
    data = split(spec)

    def compared(build, n_restarts=1, n_split_merge=0, **how):
        chosen = spec.changed(n_restarts=n_restarts, n_split_merge=n_split_merge)
        model = train(build, chosen, data.training, 5, **how)
        return model, score(model, chosen, data, 5)

    return spec, data.training, compared


def test_of_several_trainings_the_one_counts_whose_classes_tell_most(particles):
    spec, images, compared = particles
    built = []

    def build(seed):
        built.append(joint(spec, 1.0, seed))
        return built[-1]

    model, _ = compared(build, n_restarts=3)
    told = [class_information(one.predict_proba(images)) for one in built]
    assert len(set(told)) == 3
    assert model is built[int(np.argmax(told))]


def test_moves_never_make_the_classes_tell_less(particles):
    spec, images, compared = particles
    models = [compared(partial(joint, spec, 1.0), n_split_merge=n)[0] for n in (0, 2)]
    told = [class_information(model.predict_proba(images)) for model in models]
    assert spec.n_split_merge > 0
    assert told[1] >= told[0]
    assert len(models[0].history_["loss"]) == spec.epochs


def test_restarts_and_moves_go_on_from_their_checkpoints(particles, tmp_path):
    spec, images, compared = particles
    build, options = partial(joint, spec, 1.0), {"n_restarts": 2, "n_split_merge": 2}
    model, scores = compared(build, **options)
    epochs = []

    def stop(epoch, means):
        epochs.append(epoch)
        if len(epochs) == stopped:
            raise KeyboardInterrupt

    for stopped in (5, 10):  # in the second training, and in a move
        epochs.clear()
        options |= {"on_epoch": stop, "checkpoint": tmp_path / f"{stopped}"}
        with pytest.raises(KeyboardInterrupt):
            compared(build, **options)
        again, known = compared(build, **options)
        assert epochs == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 0, 1]  # none is trained twice
        np.testing.assert_array_equal(again.transform(images), model.transform(images))
        assert known == scores
