import numpy as np
import pytest

from latscape.runs import Run, run_kind, write_report
from latscape.runs.run import PARTIAL
from latscape.studies.classes.page import CAUTION, IDLE, headline
from latscape.studies.classes.spec import SPEC
from latscape.studies.classes.stages import rows
from pages import Page


def page_of(run):
    return Page(write_report(run).read_text(encoding="utf-8"))


def test_a_search_has_a_page_with_its_numbers(choice, monkeypatch):
    page = page_of(choice)
    for row in rows(choice).values():
        assert f"{np.mean(row['elbo']):.5g} ± {np.std(row['elbo'], ddof=1):.2g}" in page.text
        assert f"{row['dispersion']:.3f}" in page.text
    assert len(page.images) == 2
    assert CAUTION in page.text
    assert f"latscape resume {choice.folder}" in page.text
    assert "latscape classes mine" in page.text
    ((_, table),) = choice.kind.story.tables(choice)
    assert [row[0] for row in table.rows] == ["2", "3", "4"]
    assert table.head == ["classes", "ELBO [nat]", "dispersion", "agreement", "used", "accuracy", "seconds"]


def test_a_page_of_curves(tmp_path, monkeypatch):
    np.save(tmp_path / "curves.npy", np.random.default_rng(0).normal(size=(30, 12)).cumsum(axis=1))
    spec = SPEC(data=str(tmp_path / "curves.npy"), normalize=True, model="jvae", epochs=1, up_to=3, members=2)
    run = Run.create(run_kind("classes"), spec, tmp_path / "run")
    run.run()
    page = page_of(run)
    assert len(page.images) == 2
    assert "became 0" in page.text


@pytest.fixture
def told(tmp_path):
    """What is said of some rows."""
    np.save(tmp_path / "images.npy", np.random.default_rng(0).uniform(size=(30, 8, 8)))
    spec = SPEC(data=str(tmp_path / "images.npy"), model="jvae", up_to=4, members=2)
    run = Run.create(run_kind("classes"), spec, tmp_path / "run")
    data = {"fitted": 27, "validation": 3, "samples": 30, "shape": [8, 8], "source": "x", "licence": "y", "scaling": {}}
    run.record.put("data", data)

    def say(found):
        for count in (2, 3, 4):
            run.record.put(f"{PARTIAL}{count}", found.get(count))
        return headline(run)

    say.run = run
    return say


def row(elbo, dispersion, *used):
    return {"elbo": list(elbo), "dispersion": dispersion, "used_classes": list(used)}


def test_advice_is_given_only_where_the_numbers_agree(told):
    three = {2: row((-9, -9.1), 0.3, 2, 2), 3: row((-5, -5.1), 0.1, 3, 3), 4: row((-5.02, -5.1), 0.4, 4, 3)}
    first, *rest = told(three)
    assert "agree on 3 classes" in first
    assert any("with 2 and 3 classes" in sentence for sentence in rest)
    assert rest[-1] == CAUTION
    assert "do not agree" in told(three | {2: row((-9, -9.1), 0.01, 2, 2)})[0]
    assert "leaves one of them empty" in told(three | {3: row((-5, -5.1), 0.1, 3, 2)})[0]
    assert told({2: row((-9, -9), 0.0, 1, 1), 3: row((-9, -9), 0.0, 1, 1)})[0] == IDLE
    assert told({}) == ["No number of classes was tried yet."]


def test_a_search_that_has_only_begun_has_a_page(told):
    page = page_of(told.run)
    assert "No number of classes was tried yet" in page.text
    assert page.images == []
    assert told.run.summary()["k"] == {}
