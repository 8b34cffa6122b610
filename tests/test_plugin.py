"""One part of every kind out of another package: each changes a result, from the command line and from Python."""

import json

import numpy as np
import pytest

from cli.helpers import TINY
from latscape.campaign import CampaignRecord
from plugin import HERE, commands, python, site

pytestmark = pytest.mark.xdist_group("plugin")  # in one process, which makes what they share once

PLAIN = ("--classes", "2", "--epochs", "3", "--batch-size", "20", "--latent", "2")
#: Words that bring a part into a fit.
FITS = {
    "plain": (),
    "encoder": ("--encoder", "moments:8"),
    "decoder": ("--decoder", "blocks:2"),
    "likelihood": ("--likelihood", "laplace:0.5"),
    "pose": ("--pose", "stretch:0.3"),
    "term": ("--term", "small-content=3"),
    "schedule": ("--beta-c", "stairs:5,1,3"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """An empty folder to work in, beside the site of the plugin."""
    folder = tmp_path_factory.mktemp("plugin")
    images = np.random.default_rng(0).uniform(size=(40, 8, 8)).astype(np.float32)
    np.save(folder / "images.npy", images)
    text = "\n\n".join("\n".join(" ".join(f"{value:.9g}" for value in row) for row in image) for image in images)
    (folder / "images.grid").write_text(text)
    site(folder / "site")
    return folder


@pytest.fixture(scope="module")
def fits(place):
    """Fits from the command line, each with one part of the plugin: what `--json` printed, by part."""
    each = [("fit", "images.npy", *PLAIN, *words, "--out", name, "--json") for name, words in FITS.items()]
    each.append(("fit", "images.grid", *PLAIN, "--out", "format", "--json"))
    each.append(("fit", "images.npy", *PLAIN[2:], "--model", "stretch_vae", "--out", "model", "--json"))
    objects, codes = commands(*each, cwd=place, path=place / "site")
    assert codes == [0] * len(each)
    return dict(zip([*FITS, "format", "model"], objects, strict=True))


def test_every_kind_of_part_has_an_example():
    project = (HERE / "pyproject.toml").read_text(encoding="utf-8")
    from latscape import parts

    internal = {"curve", "supervision", "distribution"}  # what schedules, y and priors are kept as
    assert [kind for kind in parts.PART_KINDS if f'"latscape.{kind}"' not in project and kind not in internal] == []


@pytest.mark.parametrize("part", [name for name in FITS if name != "plain"])
def test_a_part_in_words_changes_a_fit(fits, part):
    assert fits[part]["scores"]["elbo"] != fits["plain"]["scores"]["elbo"]


def test_a_format_is_read_like_any_other(fits):
    assert fits["format"]["scores"]["elbo"] == pytest.approx(fits["plain"]["scores"]["elbo"], rel=1e-3)


def test_a_preset_and_the_factor_of_its_pose(fits):
    assert fits["model"]["pose"] == {"stretch": 0.2}
    assert fits["pose"]["pose"]["stretch"] == 0.3
    assert "stretch along x" in fits["pose"]["arrays"]["stretch"]


def test_a_score_is_a_number_of_every_fit_with_classes(fits):
    assert all(0 <= one["scores"]["evenness"] <= 1 for name, one in fits.items() if name != "model")


LOAD = """
import json, sys
import numpy as np
import latscape as ls

found = {}
for name in sys.argv[1:]:
    model = ls.load(f"{name}/model.safetensors")
    again = ls.load(model.save(f"{name}-copy.safetensors"))
    images = np.load("images.npy")
    same = bool(np.array_equal(model.reconstruct(images), again.reconstruct(images)))
    refitted = model.fit(images)
    found[name] = [str(model.encoder), str(model.decoder), str(model.likelihood), str(model.pose),
                   str(model.beta_c), sorted(model.terms or {}), same]
print(json.dumps(found))
"""


def test_models_with_foreign_parts_are_read_in_a_new_process(fits, place):
    names = [name for name in fits if name not in ("plain", "format")]
    found = json.loads(python(LOAD, *names, cwd=place, path=place / "site"))
    assert found["encoder"][0] == "MomentEncoder(hidden=8)"
    assert found["decoder"][1] == "BlockDecoder(blocks=2)"
    assert found["likelihood"][2] == "Laplace(spread=0.5)"
    assert "Stretch(prior=0.3)" in found["pose"][3]
    assert found["model"][3] == "(Stretch(prior=0.2),)"
    assert found["schedule"][4] == "Stairs(first=5.0, last=1.0, steps=3)"
    assert found["term"][5] == ["small-content"]
    assert all(one[-1] for one in found.values())


def test_pages_show_them_and_panels_of_others_are_added(fits, place):
    each = [("report", "decoder", "--json"), ("show", "pose", "--json")]
    objects, codes = commands(*each, cwd=place, path=place / "site", pictures=True)
    assert codes == [0, 0]
    assert (place / "decoder" / "figures" / "class-shares.png").stat().st_size > 1000
    assert "blocks:2" in (place / "decoder" / "report.html").read_text(encoding="utf-8")
    assert objects[1]["scores"] == fits["pose"]["scores"]


CUT = """
import sys
from pathlib import Path
from latscape.runs import run_kind
from latscape.runs import Run

class Cut(Exception):
    pass

def cut(stage, done, total, note):
    if done == 2:
        raise Cut

kind = run_kind("fit")
spec = kind.spec(data="images.npy", classes=2, epochs=3, batch_size=20, latent=2, decoder="blocks:2")
run = Run.create(kind, spec, Path("cut"))
try:
    run.run(cut)
except Cut:
    print(run.state)
"""


def test_a_fit_with_a_foreign_part_is_resumed(fits, place):
    assert "failed: Cut" in python(CUT, cwd=place, path=place / "site")
    objects, codes = commands(("resume", "cut", "--json"), cwd=place, path=place / "site")
    assert codes == [0]
    assert objects[0]["scores"] == fits["decoder"]["scores"]


def test_a_kind_of_run_is_a_command_and_resumes(place):
    each = [
        ("study", "tally", "--throws", "60", "--seed", "3", "--out", "tally", "--json"),
        ("resume", "tally", "--json"),
        ("runs", "--json"),
        ("study", "tally", "--throws", "0"),
    ]
    objects, codes = commands(*each, cwd=place, path=place / "site")
    assert codes == [0, 0, 0, 2]
    assert sum(objects[0]["counts"]) == 60
    assert objects[1]["counts"] == objects[0]["counts"]
    assert (place / "tally" / "report.html").exists()


EXPLORE = ("explore", "--image", "image.npy", "--scalarizer", "integral:450,650", "--budget", "6", "--n-initial", "4")
#: Words that bring a part into an experiment; the lamp of the plugin measures in all of them.
EXPERIMENTS = {
    "plain": (),
    "scalarizer": ("--scalarizer", "top:0.9"),
    "descriptor": ("--descriptor", "brightness:2"),
    "policy": ("--policy", "corners"),
    "surrogate": ("--surrogate", "linear:2"),
    "acquisition": ("--acquire", "greedy"),
}


@pytest.fixture(scope="module")
def experiments(place):
    """Experiments with the plugin's instrument, each with one more part of it: the places that were measured."""
    rows = np.linspace(-1, 1, 20)
    np.save(place / "image.npy", np.exp(-4 * (rows[:, None] - 0.3) ** 2 - 4 * rows[None] ** 2) + 0.1 * rows[None])
    each = [
        (*EXPLORE, "--instrument", "lamp:30", *words, "--out", f"explore-{name}", "--json")
        for name, words in EXPERIMENTS.items()
    ]
    objects, codes = commands(*each, cwd=place, path=place / "site")
    assert codes == [0] * len(each)
    return dict(zip(EXPERIMENTS, objects, strict=True))


def measured(folder):
    with CampaignRecord.open(folder, readonly=True) as record:
        return [(one.point.tolist(), one.value) for one in record.evaluations(curves=False)]


@pytest.mark.parametrize("part", [name for name in EXPERIMENTS if name != "plain"])
def test_a_part_in_words_changes_an_experiment(experiments, place, part):
    assert experiments[part]["evaluations"] == 6
    assert measured(place / f"explore-{part}") != measured(place / "explore-plain")


def test_a_policy_begins_where_it_says(experiments, place):
    first = [point for point, _ in measured(place / "explore-policy")[:4]]
    corners = sorted(first)
    assert [corners[0][0], corners[-1][0]] == [min(p[0] for p in first), max(p[0] for p in first)]
    assert len({tuple(point) for point in first}) == 4


def test_an_experiment_with_foreign_parts_shows_resumes_and_is_rescored_in_a_new_process(experiments, place):
    each = [
        ("show", "explore-surrogate", "--json"),
        ("resume", "explore-surrogate", "--json"),
        ("rescalarize", "explore-plain", "--scalarizer", "top", "--out", "rescored", "--json"),
    ]
    objects, codes = commands(*each, cwd=place, path=place / "site")
    assert codes == [0, 0, 0]
    assert objects[1]["best_place"] == objects[0]["best_place"] == experiments["surrogate"]["best_place"]
    assert objects[2]["best_value"] != experiments["plain"]["best_value"]


@pytest.fixture(scope="module")
def search(place):
    """A tiny zBO with an objective, a family and a score of the plugin."""
    words = ("--objective", "classes-used", "--families", "sawtooth", "--out", "search", "--json")
    objects, codes = commands(("zbo", "mnist", *TINY, *words), cwd=place, path=place / "site")
    assert codes == [0]
    return objects[0]


def test_an_objective_of_others_is_what_is_searched(search, place):
    with CampaignRecord.open(place / "search", readonly=True) as record:
        rows = [one for one in record.evaluations(curves=False) if one.value is not None]
    for one in rows:
        assert one.value == pytest.approx(one.metrics["information"] - 0.1 * one.metrics["l2"])


def test_a_family_of_others_is_what_is_drawn(search, place):
    objects, _ = commands(
        ("report", "search", "--json"), ("resume", "search", "--json"), cwd=place, path=place / "site"
    )
    assert objects[0]["models"] == objects[1]["models"] == search["models"]
    assert "sawtooth" in (place / "search" / "report.html").read_text(encoding="utf-8")


def test_a_score_of_others_is_a_column_of_the_comparison(search, place):
    assert all(0 <= scores["evenness"] <= 1 for scores in search["models"].values())
    assert "evenness" in (place / "search" / "report.html").read_text(encoding="utf-8")


BEGIN = """
import torch
from torch.distributions import LogNormal, Normal
from latscape.campaign import Box, Campaign
from latscape.gp import StructuredGP
from latscape_example.acquisition import posterior_mean
from latscape_example.mean import decay

surrogate = StructuredGP(decay, {"a": Normal(0.0, 5.0), "rate": LogNormal(0.0, 1.0)}, n_restarts=2)
campaign = Campaign(Box([(0, 2)], grid=16), surrogate, posterior_mean, record="own")
campaign.tell(campaign.ask(4, n_initial=4), [3.0, 2.0, 1.5, 1.2])
print(campaign.ask(1).tolist())
"""
GO_ON = """
from latscape.campaign import Box, Campaign

campaign = Campaign.resume("own", Box([(0, 2)], grid=16))
campaign.tell([one.point for one in campaign.record.waiting()], [1.0])
print(campaign.surrogate.mean.__name__, campaign.surrogate.priors["rate"], campaign.acquire.__name__)
print(campaign.ask(1).shape)
"""


def test_a_campaign_resumes_with_a_mean_and_an_acquisition_of_others(place):
    python(BEGIN, cwd=place, path=place / "site")
    out = python(GO_ON, cwd=place, path=place / "site").splitlines()
    assert out[0].split()[0] == "decay"
    assert out[0].split()[-1] == "posterior_mean"
    assert out[1] == "(1, 1)"


def test_parts_lists_them_with_their_package(place):
    objects, _ = commands(("parts", "--json"), cwd=place, path=place / "site")
    found = {(one["kind"], one["word"]): one for one in objects[0]["parts"]}
    assert found["decoder", "blocks"]["source"] == "latscape-example"
    assert found["decoder", "blocks"]["form"] == "blocks[:BLOCKS]"
    assert found["scalarizer", "top"]["about"] == "A quantile of the values, by default the largest."


def test_without_the_package_the_word_is_refused_in_one_line(fits, place, tmp_path):
    _, codes = commands(("show", "decoder"), ("runs", "--json"), cwd=place, path=tmp_path)
    assert codes == [2, 0]
