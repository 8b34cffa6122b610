"""`latscape fit` and `latscape classes`: from a file to a folder, and one line for every mistake."""

import signal

import numpy as np
import pytest
import torch

import latscape as ls
from cli.helpers import last_object, start
from cli.test_bad_input import one_error
from latscape import parts
from latscape.runs import run_kind

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.uniform(size=(40, 8, 8)).astype(np.float32)
TINY = ("--epochs", "2")


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    np.save(tmp_path / "own.npy", IMAGES)
    np.save(tmp_path / "curves.npy", GENERATOR.normal(size=(40, 12)))
    np.save(tmp_path / "labels.npy", np.arange(40) % 3 - 1)
    return tmp_path


def test_a_fit_from_the_command_line_to_the_folder_and_back(command, files):
    code, out, err = command("fit", "own.npy", "--classes", "3", *TINY, "--json")
    found = last_object(out)
    assert (code, len(out.splitlines())) == (0, 1)
    (folder,) = (files / "runs").iterdir()
    assert found["run"] == str(folder)
    assert {path.name for path in folder.iterdir()} == {
        *("model.safetensors", "record.sqlite", "record.sqlite.lock", "latents.npz", "examples.npz", "report.html"),
        "figures",
    }
    assert [line.split(":")[0] for line in err.splitlines() if line.startswith("training")] == [
        "training 1 of 2",
        "training 2 of 2",
    ]
    model = ls.load(folder / "model.safetensors")
    with np.load(folder / "latents.npz") as latents:
        np.testing.assert_allclose(latents["class"], model.predict_proba(IMAGES[latents["index"]]), rtol=1e-5)
        assert found["scores"]["elbo"] == pytest.approx(latents["elbo"][latents["validation"]].mean())

    code, out, _ = command("show", folder.name, "--json")
    assert (code, last_object(out)) == (0, found)
    code, out, _ = command("show", folder.name)
    assert f"{found['scores']['elbo']:.5g}" in out
    assert "mean ELBO [nat]" in out
    code, out, _ = command("runs", "--json")
    (line,) = last_object(out)["runs"]
    assert (line["kind"], line["state"], line["elbo"]) == ("fit", "finished", found["scores"]["elbo"])
    assert command("runs")[0] == 0
    (folder / "report.html").unlink()
    code, out, _ = command("report", folder)
    assert (code, out) == (0, f"report {folder / 'report.html'}\n")
    assert (folder / "report.html").exists()
    code, out, err = command("resume", folder, "--json")  # nothing is left to do
    assert (code, last_object(out)["scores"]) == (0, found["scores"])
    assert "training" not in err


def test_every_option_reaches_the_model(command, files):
    words = "--model rvae --latent 3 --angle inf --shift 0.2 --scale 0.3 --shear 0.4"
    words += " --likelihood gaussian:0.5 --encoder conv"
    words += (
        " --decoder factorised --beta-c linear:0,2 --batch-size 7 --learning-rate 0.002 --epochs 1 --seed 5 --out run"
    )
    code, out, _ = command("fit", "own.npy", *words.split(), "--images", "20", "--validation", "0.25", "--json")
    model = ls.load(files / "run" / "model.safetensors")
    wanted = ls.rvae(
        angle=np.inf,
        shift=0.2,
        scale=0.3,
        shear=0.4,
        latent=3,
        likelihood=ls.Gaussian(0.5),
        encoder=ls.ConvEncoder(),
        decoder=ls.FactorisedDecoder(),
        beta_c=ls.linear(0, 2),
        batch=7,
        learning_rate=0.002,
        epochs=1,
        seed=5,
    )
    assert (code, model.get_params(deep=False)) == (0, wanted.get_params(deep=False))
    found = last_object(out)
    assert (found["data"]["fitted"], found["data"]["validation"], found["options"]["angle"]) == (15, 5, "inf")


def interrupted(files, *words, at):
    """The process of a command that was stopped when it said so, and all that it said on stderr."""
    process = start(*words, cwd=files)
    seen = []
    for line in process.stderr:
        seen.append(line)
        if line.startswith(at):
            process.send_signal(signal.SIGINT)
            break
    return process, "".join(seen) + process.communicate()[1]


def test_a_fit_that_was_interrupted_ends_with_the_same_model(command, files):
    # Epochs enough for the signal to come before the last of them.
    words = ("fit", "own.npy", "--classes", "3", "--n-orientations", "2", "--beta-pose", "1", "--epochs", "200")
    process, stderr = interrupted(files, *words, "--out", "cut", at="training 40 of 200")
    assert process.returncode == 130
    assert f"latscape resume {files / 'cut'}" in stderr
    code, out, _ = command("show", "cut", "--json")
    assert (code, last_object(out)["finished"]) == (0, False)
    code, out, err = command("resume", "cut", "--json")
    assert (code, last_object(out)["finished"]) == (0, True), err
    assert not (files / "cut" / "partial" / "training.checkpoint").exists()
    assert command(*words, "--out", "whole")[0] == 0
    cut, whole = (ls.load(files / name / "model.safetensors") for name in ("cut", "whole"))
    one, other = cut.model_.state_dict(), whole.model_.state_dict()
    assert all(torch.equal(one[name], other[name]) for name in other)
    assert cut.history_ == whole.history_
    assert cut.n_orientations == 2
    assert "kl_pose" in cut.history_


def test_a_second_run_in_one_folder_is_refused_and_the_first_left_alone(command, files):
    assert command("fit", "own.npy", "--model", "vae", *TINY, "--out", "run")[0] == 0
    before = {path: path.read_bytes() for path in (files / "run").rglob("*") if path.is_file()}
    one_error(command("fit", "own.npy", "--model", "ae", *TINY, "--out", "run"), "new or empty folder", "--out")
    assert {path: path.read_bytes() for path in (files / "run").rglob("*") if path.is_file()} == before


def test_a_resumed_run_whose_samples_are_gone_is_left_as_it_is(command, files):
    process, _ = interrupted(
        files, "fit", "own.npy", "--model", "vae", "--epochs", "500", "--out", "cut", at="training 100 of 500"
    )
    assert process.returncode == 130
    (files / "own.npy").rename(files / "other.npy")
    code, _, err = command("resume", "cut")
    assert code == 2
    assert "own.npy" in err.splitlines()[-1]
    assert (files / "cut" / "partial" / "training.checkpoint").exists()
    code, out, _ = command("show", "cut", "--json")
    assert (code, last_object(out)["state"].split(":")[0]) == (0, "failed")
    (files / "other.npy").rename(files / "own.npy")
    code, out, _ = command("resume", "cut", "--json")
    assert (code, last_object(out)["state"]) == (0, "finished")


def test_the_schema_of_a_fit_is_that_of_a_form(command):
    code, out, _ = command("fit", "--schema")
    schema = last_object(out)
    assert (code, schema["type"], schema["required"]) == (0, "object", ["data"])
    properties = schema["properties"]
    assert properties["angle"]["unit"] == "rad"
    assert properties["seed"]["minimum"] == 0
    assert properties["model"]["words"] == parts.part_words("model")
    assert properties["likelihood"]["words"][:2] == ["bernoulli", "continuous-bernoulli"]
    assert all(one["description"] for one in properties.values())


@pytest.mark.parametrize("word", ["-h", "--help"])
@pytest.mark.parametrize("kind", ["fit", "classes"])
def test_help_says_every_option_with_its_unit_and_default(command, monkeypatch, kind, word):
    monkeypatch.setenv("COLUMNS", "200")
    code, out, err = command(kind, word)
    assert (code, err) == (0, "")
    for one in run_kind(kind).spec.declared():
        assert one.typed in out
    assert "[rad]" in out
    assert "[default: 0.1]" in out
    assert run_kind(kind).examples[0] in out


def test_classes_from_the_command_line_to_the_folder_and_back(command, files):
    code, out, err = command("classes", "own.npy", "--up-to", "3", "--members", "2", *TINY, "--json", "--out", "run")
    found = last_object(out)
    assert code == 0, err
    assert list(found["k"]) == ["2", "3"]
    assert all(len(row["elbo"]) == 2 for row in found["k"].values())
    assert "members 4 of 4: 3 classes" in err
    assert any("dispersion" in line for line in found["advice"])
    code, out, _ = command("show", "run")
    assert code == 0
    assert f"{found['k']['3']['dispersion']:.3f}" in out
    assert "do not decide" in " ".join(out.split())
    code, out, _ = command("resume", "run", "--json")  # nothing is left to do
    assert (code, last_object(out)["k"]) == (0, found["k"])
    code, out, _ = command("report", "run", "--json")
    assert (code, last_object(out)) == (0, found)


def test_classes_stopped_by_a_signal_go_on(command, files):
    many = ("--up-to", "3", "--members", "2", "--epochs", "20", "--out", "cut")
    process, stderr = interrupted(files, "classes", "own.npy", *many, at="members 2")
    assert process.returncode == 130
    assert f"latscape resume {files / 'cut'}" in stderr
    code, out, _ = command("show", "cut", "--json")
    assert list(last_object(out)["k"]) in ([], ["2"])
    code, out, _ = command("resume", "cut", "--json")
    assert (code, last_object(out)["finished"], list(last_object(out)["k"])) == (0, True, ["2", "3"])


def test_mnist_has_its_labels(command):
    code, out, _ = command("fit", "mnist", "--classes", "2", "--images", "40", "--epochs", "1", "--json")
    found = last_object(out)
    assert (code, found["data"]["labelled"]) == (0, 40)
    assert 0 < found["scores"]["accuracy"] <= 1


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["none.npy", "--classes", "2"], ["existing file", "none.npy"]),
        (["none.npy"], ["existing file", "none.npy"]),  # and not that classes are missing
        ([], ["FILE"]),
        (["own.npy", "--model", "gan"], ["ae, vae", "'gan'"]),
        (["own.npy"], ["--classes 4", "jrvae"]),
        (["own.npy", "--model", "jvae"], ["--classes 4", "jvae"]),
        (["nan.npy", "--classes", "2"], ["NaN"]),
        (["same.npy", "--classes", "2"], ["the value 0.5 in every place"]),
        (["curves.npy", "--model", "vae"], ["[0, 1]", "--normalize"]),
        (["curves.npy", "--classes", "2", "--normalize"], ["curves", "shift_vae"]),
        (["own.npy", "--model", "ssvae", "--labels", "short.npy"], ["(40,)", "(30,)"]),
        (["own.npy", "--model", "ssvae", "--labels", "none.npy"], ["labels", "none.npy"]),
        (["own.npy", "--model", "ssvae"], ["--labels"]),
        (["own.npy", "--model", "rvae", "--decoder", "dense", *TINY], ["WarpDecoder"]),
        (["own.npy", "--model", "vae", "--batch-size", "0"], ["--batch-size of at least 1", "Got 0"]),
        (["own.npy", "--model", "vae", "--learning-rate", "-1"], ["--learning-rate above 0"]),
        (["own.npy", "--model", "vae", "--beta-c", "hot"], ["'hot'", "cooldown:40,3,0.1,0.4"]),
        (["own.npy", "--model", "vae", "--beta-c", "-1"], ["--beta-c of at least 0", "Got -1"]),
        (["own.npy", "--model", "vae", "--beta-c", "linear:1,-1"], ["--beta-c of at least 0", "falls to -1"]),
        (["own.npy", "--model", "vae", "--epcohs", "3"], ["Got --epcohs", "Try --epochs"]),
        (["own.npy", "--model", "vae", "--learning_rate", "1"], ["Try --learning-rate"]),
        (["own.npy", "--starts", "2"], ["--n-orientations", "Got --starts"]),
        (["own.npy", "--held-out", "0.2"], ["--validation", "Got --held-out"]),
        (["own.npy", "--batch", "20"], ["--batch-size", "Got --batch"]),
        (["own.npy", "--sigma", "0.2"], ["--likelihood gaussian:SIGMA", "Got --sigma"]),
        (["own.npy", "--checkpoint", "x"], ["latscape resume RUN", "Got --checkpoint"]),
        (["own.npy", "--model", "vae", "--validation", "0"], ["--validation above 0"]),
        (["own.npy", "--model", "vae", "--epochs", "many"], ["--epochs to be a whole number", "'many'"]),
        (["own.npy", "--model", "vae", "--out", "own.npy"], ["can be written"]),
        (["own.npy", "--model", "vae", "--out", "."], ["new or empty folder"]),
    ],
)
def test_a_mistake_is_one_line_and_leaves_no_folder(command, files, words, parts):
    np.save("nan.npy", np.full((9, 8, 8), np.nan))
    np.save("same.npy", np.full((9, 8, 8), 0.5))
    np.save("short.npy", np.arange(30) % 3)
    before = sorted(path.name for path in files.iterdir())
    code, out, err = command("fit", *words)
    one_error((code, out, err.split("\n", 1)[1] if err.startswith("run ") else err), *parts)
    assert sorted(path.name for path in files.iterdir()) == before


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["own.npy", "--up-to", "1"], ["--up-to", "Got 1"]),
        (["own.npy", "--members", "1"], ["--members", "Got 1"]),
        (["own.npy", "--model", "rvae"], ["jrvae"]),
        (["own.npy", "--classes", "4"], ["--classes 4", "--up-to 4"]),
        (["own.npy", "--model", "ssvae", "--labels", "labels.npy"], ["jvae, jrvae"]),
        (["none.npy"], ["none.npy"]),
        (["curves.npy", "--normalize"], ["curves", "shift_vae"]),
    ],
)
def test_mistakes_in_a_choice_of_classes(command, files, words, parts):
    one_error(command("classes", *words), *parts)
    assert not (files / "runs").exists()
