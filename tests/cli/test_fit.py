"""`latscape fit` and `latscape classes`: from a file to a folder, and one line for every mistake."""

import json

import numpy as np
import pytest

import latscape as ls
from cli.helpers import last_object, start
from cli.test_bad_input import one_error

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.uniform(size=(40, 8, 8)).astype(np.float32)
TINY = ("--cycles", "2")


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.setattr("latscape.report.panels.DPI", 40)
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
        "model.safetensors", "result.json", "latents.npz", "shown.npz", "report.html", "figures"
    }  # fmt: skip
    assert [line.split(":")[0] for line in err.splitlines() if line.startswith("training")] == [
        "training 1 of 2",
        "training 2 of 2",
    ]
    model = ls.load(folder / "model.safetensors")
    with np.load(folder / "latents.npz") as latents:
        np.testing.assert_allclose(latents["class"], model.predict_proba(IMAGES[latents["index"]]), rtol=1e-5)
        assert found["scores"]["elbo"] == pytest.approx(latents["elbo"][latents["held_out"]].mean())

    code, out, _ = command("show", folder.name, "--json")
    assert (code, last_object(out)) == (0, found)
    code, out, _ = command("show", folder.name)
    assert f"{found['scores']['elbo']:.5g}" in out
    assert "mean ELBO [nat]" in out
    code, out, _ = command("runs", "--json")
    (line,) = last_object(out)["runs"]
    assert (line["state"], line["elbo"]) == ("fit of jrvae, 3 classes", found["scores"]["elbo"])
    assert command("runs")[0] == 0
    (folder / "report.html").unlink()
    code, out, _ = command("report", folder)
    assert (code, out) == (0, f"report {folder / 'report.html'}\n")
    assert (folder / "report.html").exists()
    one_error(command("resume", folder), "a fit", "latscape")


def test_every_option_reaches_the_model(command, files):
    words = "--model rvae --latent 3 --angle inf --shift 0.2 --scale 0.3 --shear 0.4 --sigma 0.5 --encoder conv"
    words += " --decoder factorised --beta-c linear:0,2 --batch 7 --learning-rate 0.002 --cycles 1 --seed 5 --out run"
    code, *_ = command("fit", "own.npy", *words.split(), "--images", "20", "--held-out", "0.25")
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
        cycles=1,
        seed=5,
    )
    assert (code, model.get_params(deep=False)) == (0, wanted.get_params(deep=False))
    result = json.loads((files / "run" / "result.json").read_text())
    assert (result["data"]["fitted"], result["data"]["held_out"], result["options"]["angle"]) == (15, 5, "inf")


def test_a_fit_goes_on_from_its_checkpoint(command, files):
    words = ("own.npy", "--classes", "3", "--starts", "2", "--beta-pose", "1", *TINY)
    for name in ("first", "second"):  # the second finds all cycles done
        assert command("fit", *words, "--checkpoint", "training", "--out", name)[0] == 0
    first, second = (ls.load(files / name / "model.safetensors") for name in ("first", "second"))
    np.testing.assert_array_equal(first.transform(IMAGES), second.transform(IMAGES))
    assert first.pose[0].starts == 2
    assert json.loads((files / "first" / "result.json").read_text())["pose"] == {"rotation": None}
    assert "kl_pose" in first.history_
    code, out, err = command("fit", *words, "--cycles", "3", "--checkpoint", "training", "--out", "third")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith(
        "Error: Expected a checkpoint of this training. Got training, of other options"
    )
    assert not (files / "third").exists()


def test_classes_from_the_command_line_to_the_folder_and_back(command, files):
    code, out, err = command("classes", "own.npy", "--up-to", "3", "--members", "2", *TINY, "--json", "--out", "run")
    found = last_object(out)
    assert code == 0, err
    assert list(found["k"]) == ["2", "3"]
    assert all(len(row["elbo"]) == 2 for row in found["k"].values())
    assert "members 4 of 4: 3 classes" in err
    code, out, _ = command("show", "run")
    assert code == 0
    assert f"{found['k']['3']['dispersion']:.3f}" in out
    assert "do not decide" in " ".join(out.split())
    code, out, _ = command("resume", "run", "--json")  # nothing is left to do
    assert (code, last_object(out)["k"]) == (0, found["k"])
    code, out, _ = command("report", "run", "--json")
    assert (code, last_object(out)) == (0, found)


def test_classes_stopped_by_a_signal_go_on(command, files):
    many = ("--up-to", "3", "--members", "2", "--cycles", "20", "--out", "cut")
    process = start("classes", "own.npy", *many, cwd=files)
    for line in process.stderr:
        if line.startswith("members 2"):
            process.terminate()
            break
    stderr = process.communicate()[1]
    assert process.returncode == 130
    assert f"latscape resume {files / 'cut'}" in stderr
    assert list(json.loads((files / "cut" / "result.json").read_text())["k"]) in ([], ["2"])
    code, out, _ = command("resume", "cut", "--json")
    assert (code, last_object(out)["finished"], list(last_object(out)["k"])) == (0, True, ["2", "3"])


def test_mnist_has_its_labels(command):
    code, out, _ = command("fit", "mnist", "--classes", "2", "--images", "40", "--cycles", "1", "--json")
    found = last_object(out)
    assert (code, found["data"]["labelled"]) == (0, 40)
    assert 0 < found["scores"]["accuracy"] <= 1


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["none.npy", "--classes", "2"], ["existing file", "none.npy"]),
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
        (["own.npy", "--model", "vae", "--batch", "0"], ["batch", "Got 0"]),
        (["own.npy", "--model", "vae", "--learning-rate", "-1"], ["learning"]),
        (["own.npy", "--model", "vae", "--beta-c", "hot"], ["'hot'", "cooldown:40,3,0.1,0.4"]),
        (["own.npy", "--model", "vae", "--held-out", "1"], ["--held-out"]),
        (["own.npy", "--model", "vae", "--cycles", "many"], ["integer", "latscape fit --help"]),
        (["own.npy", "--model", "vae", "--out", "own.npy"], ["can be written"]),
        (["own.npy", "--model", "vae", "--out", "."], ["empty folder"]),
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
        (["own.npy", "--model", "ssvae", "--labels", "labels.npy"], ["jvae, jrvae"]),
        (["none.npy"], ["none.npy"]),
        (["curves.npy", "--normalize"], ["curves", "shift_vae"]),
    ],
)
def test_mistakes_in_a_choice_of_classes(command, files, words, parts):
    one_error(command("classes", *words), *parts)
    assert not (files / "runs").exists()


def test_a_result_that_is_none(command, files):
    for name, text in (("a", "no json"), ("b", "[]"), ("c", '{"kind": "cake"}')):
        (files / "runs" / name).mkdir(parents=True)
        (files / "runs" / name / "result.json").write_text(text)
        one_error(command("show", name), "result.json")
    code, out, _ = command("runs")
    assert (code, out.count("unreadable")) == (0, 3)
