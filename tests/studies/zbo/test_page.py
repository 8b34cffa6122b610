import base64
import re
import shutil

import pytest

from latscape.campaign.evaluate import EvaluationResult
from latscape.campaign.record import CampaignRecord
from latscape.errors import InputError
from latscape.runs import Run, write_report
from latscape.studies.zbo.results import SPACE, comparison, evaluations
from pages import Page

from .helpers import LEAST, create

pytestmark = pytest.mark.xdist_group("zbo runs")  # by one worker, which makes the runs once

PNG = b"\x89PNG\r\n\x1a\n"


def page_of(run):
    path = write_report(run)
    return Page(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def labelled_page(mnist):
    return page_of(mnist)


def test_the_page_is_one_file_that_fetches_nothing(mnist, labelled_page):
    assert labelled_page.fetched == []
    text = (mnist.folder / "report.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert not re.search(r"url\(|@import", text)
    prefix = "data:image/png;base64,"
    pictures = [base64.b64decode(src.removeprefix(prefix)) for src in labelled_page.images]
    assert len(pictures) >= 15
    assert all(src.startswith(prefix) for src in labelled_page.images)
    assert all(picture.startswith(PNG) for picture in pictures)
    files = {path.read_bytes() for path in (mnist.folder / "figures").glob("*.png")}
    assert set(pictures) == files
    assert not list(mnist.folder.rglob("*.partial"))


def test_the_page_shows_the_numbers_of_the_record(mnist, labelled_page):
    for rows in comparison(mnist).values():
        for score, form in (("accuracy", ".3f"), ("nmi", ".3f"), ("elbo", ".1f")):
            assert f"{rows[0][score]:{form}}" in labelled_page.text
    assert f"{max(e.value for e in evaluations(mnist)):.4g}" in labelled_page.text
    for name, r2 in mnist.numbers("plane")["r2"].items():
        assert f"{name} {max(r2, 0):.0%}" in labelled_page.text
    for version in mnist.record.meta("versions").values():
        assert version in labelled_page.text
    assert f"latscape resume {mnist.folder}" in labelled_page.text


def test_a_plane_that_keeps_little_is_warned_about(mnist, labelled_page):
    poor = [name for name, r2 in mnist.numbers("plane")["r2"].items() if r2 < 0.7]
    assert poor  # three epochs teach the trajectory VAE nothing
    assert all(f"of the variance of '{name}'" in labelled_page.text for name in poor)


def test_without_labels_there_are_dashes_and_no_question_of_trust(unlabelled):
    page = page_of(unlabelled)
    assert "The comparison" in page.headings
    assert "Does the objective earn trust?" not in page.headings
    assert "There are no labels" in page.text
    assert "– – –" in page.text
    assert "±" in page.text  # two seeds
    assert "latscape zbo 'own.npy'" in page.text


def test_what_users_named_is_escaped(unlabelled):
    text = write_report(unlabelled).read_text(encoding="utf-8")
    assert "<b>own" not in text
    assert "&lt;b&gt;own &amp; images" in text


def test_a_run_that_did_not_begin_has_a_page(tmp_path):
    page = page_of(create(tmp_path / "fresh", **LEAST))
    assert "Nothing was evaluated yet." in page.text
    assert page.headings == ["How it was made"]
    assert page.images == []


def test_a_run_cut_in_its_campaign_shows_what_there_is(mnist, tmp_path):
    run = create(tmp_path / "cut", **LEAST)
    shutil.copytree(mnist.folder / "models", run.folder / "models")
    run.record.put("stage/plane", mnist.numbers("plane"))
    first, second, *_ = evaluations(mnist)
    asked = [type(one)(one.index, one.role, one.point, one.decoded, one.seed) for one in (first, second)]
    run.record.ask(asked)
    run.record.finish(0, EvaluationResult(first.value, first.metrics, first.curves, seconds=first.seconds))
    run.record.finish(1, EvaluationResult(None, error="ValueError: <too> bad (x.py:1)"))
    page = page_of(run)
    assert "unfinished: 1 of 4 stages, next campaign, 2 evaluations" in page.text
    assert page.headings == ["The search space", "How the search went", "Failures", "How it was made"]
    assert "ValueError: <too> bad (x.py:1)" in page.text


def test_a_model_that_cannot_be_read_does_not_hide_the_numbers(mnist, tmp_path):
    folder = tmp_path / "damaged"
    shutil.copytree(mnist.folder, folder)
    for name in (SPACE, "models/zbo-0.safetensors"):
        (folder / name).write_bytes(b"no model")
    page = page_of(Run.open(folder))
    assert "could not be read again" in page.text
    assert f"{comparison(mnist)['zbo'][0]['accuracy']:.3f}" in page.text


def test_a_folder_that_cannot_be_written_is_refused(mnist, tmp_path):
    folder = tmp_path / "full"
    folder.mkdir()
    (folder / "figures").write_text("a file where the folder should be")
    run = Run(mnist.kind, mnist.spec, folder, CampaignRecord.create(":memory:", mnist.record.config))
    (folder / "report.html").mkdir()
    with pytest.raises(InputError, match="can be written"):
        write_report(run)


def test_the_page_needs_nothing_but_the_folder(unlabelled, tmp_path, monkeypatch):
    shutil.copytree(unlabelled.folder, tmp_path / "moved")
    monkeypatch.setattr("latscape.studies.zbo.split.load_images", None)  # the user's file may be gone
    page = page_of(Run.open(tmp_path / "moved"))
    assert "could not be read again" not in page.text
    assert "What the models learned" in page.headings


def test_the_evaluations_are_read_once_for_a_page(mnist, monkeypatch):
    run, read = Run.open(mnist.folder), []
    evaluations_of = run.record.evaluations
    monkeypatch.setattr(run.record, "evaluations", lambda *words: read.append(words) or evaluations_of(*words))
    write_report(run)
    assert len(read) == 1
