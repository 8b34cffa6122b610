"""What do the latents of an invariant autoencoder know? Suits, shears and angles of generated playing cards.

    python benchmarks/cards.py [--json] [--smoke] [--seeds 5] [--first-seed 0] [--out ROWS] [--figures FOLDER]

VAE, rVAE and the affine model (rotation and shear) on the lecture's four sets, and on the third with translations, of
which the last two models then know; jrVAE on the third. Each learns 1,000 cards of 24 x 24 pixels and is judged on
1,000 others. Angles and shears are compared within a suit, as every suit has an upright position of its own; angles of
diamonds are doubled, as half a turn does not change a diamond.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from scipy.stats import circstd

import _cards_figures as pictures
import latscape as ls
from _rows import Rows, seeded, seeds
from _small import as_json
from latscape.data.card_images import CARD_SETS, SYMMETRY, Cards, cards
from latscape.metrics import accuracy, circular_correlation, knn_probe, linear_probe, nmi
from latscape.random import derive_seed, numpy_generator

SETS = {str(number): limits for number, limits in CARD_SETS.items()}
SETS["3t"] = {**CARD_SETS[3], "translation": 0.1}
SCORES = ("suit_linear", "suit_knn", "shear_in_content", "angle_in_content", "angle", "angle_error", "shear", "shift")


@dataclass(frozen=True)
class Size:
    """How large the benchmark is."""

    images: int = 1000
    held: int = 1000
    pixels: int = 24
    epochs: int = 60
    starts: int = 12


SMOKE = Size(images=60, held=120, pixels=12, epochs=1, starts=3)


# --- the models ---

ENCODER = ls.DenseEncoder((256, 256), "gelu")


def pose_first(size: Size, seed: int) -> dict:
    """Content that is costly at first leaves to the pose what the pose can explain."""
    return {
        "beta_c": ls.cooldown(10.0, 1.0, start=0.2, end=0.7),
        "beta_pose": 1.0,
        "learning_rate": ls.cooldown(2e-3, 5e-4, start=0.5, end=1.0),
        "epochs": size.epochs,
        "batch": 50,
        "seed": seed,
    }


def invariant(size: Size, seed: int, limits: dict[str, float], *, shear: float | None, suits: int = 1) -> ls.VAE:
    """The rotational model of a set: near angles by one prior, far ones from several starts."""
    if limits["rotation"] < 45.0:
        near: dict = {"angle": 0.2}
    else:
        near = {"n_orientations": size.starts}
    options = {"shear": shear, "shift": limits.get("translation"), "encoder": ENCODER, **near, **pose_first(size, seed)}
    return ls.rvae(**options) if suits == 1 else ls.jrvae(suits, **options)


def plain(size: Size, seed: int, limits: dict[str, float]) -> ls.VAE:
    rates = pose_first(size, seed)["learning_rate"]
    return ls.vae(epochs=size.epochs, batch=50, encoder=ENCODER, learning_rate=rates, seed=seed)


MODELS: dict[str, Callable[[Size, int, dict], ls.VAE]] = {
    "VAE": plain,
    "rVAE": partial(invariant, shear=None),
    "affine": partial(invariant, shear=0.2),
}


# --- what a fitted model knows ---


def read(model: ls.VAE, images: np.ndarray) -> dict[str, np.ndarray]:
    """The content, drawn from its posterior so that what drowns in it cannot be read; the pose, its posterior means."""
    found = model.encode(images)
    values = {name: q.mean for name, q in found.items() if hasattr(q, "mean")}
    noise = numpy_generator(0, "content").standard_normal(values["content"].shape)
    values["content"] = values["content"] + noise * found["content"].std
    return values


def judge(values: dict[str, np.ndarray], deck: Cards) -> dict[str, float]:
    """Every score of a model that gave these latents to the deck; those of a pose are the means over the suits."""
    content = values["content"]
    row = {"suit_linear": linear_probe(content, deck.labels), "suit_knn": knn_probe(content, deck.labels)}
    suits = [_within(values, deck, deck.labels == suit, fold) for suit, fold in enumerate(SYMMETRY)]
    row |= {name: float(np.mean([suit[name] for suit in suits])) for name in suits[0]}
    row |= {f"{name}_suits": [suit[name] for suit in suits] for name in suits[0] if name in ("angle", "shear")}
    return row


def _within(values: dict[str, np.ndarray], deck: Cards, of: np.ndarray, fold: int) -> dict[str, float]:
    """Scores within one suit, which looks the same after 2 pi / fold."""
    content, angle = values["content"][of], fold * deck.angle[of]
    row = {"angle_in_content": knn_probe(content, np.stack([np.cos(angle), np.sin(angle)], axis=1))}
    row["shear_in_content"] = knn_probe(content, deck.shear[of])
    if "rotation" in values:
        found = fold * values["rotation"][of, 0]
        row["angle"] = circular_correlation(angle, found)
        row["angle_error"] = float(np.degrees(circstd(found - angle)) / fold)
    if "shear" in values:
        # Shears of a figure and of one a quarter turn on are opposite but for a rotation, so the sign is a matter of
        # which way up a model took the suit.
        row["shear"] = abs(_correlation(deck.shear[of], values["shear"][of, 0]))
    if "translation" in values:
        row["shift"] = min(_correlation(deck.translation[of, k], values["translation"][of, k]) for k in (0, 1))
    return row


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1])


# --- one seed of one model, and the table over seeds ---


def decks(size: Size, name: str, seed: int) -> tuple[Cards, Cards]:
    make = partial(cards, size=size.pixels, **SETS[name])
    return make(size.images, seed=derive_seed(seed, "train")), make(size.held, seed=derive_seed(seed, "held"))


def trial(size: Size, name: str, model: str, seed: int) -> dict:
    train, held = decks(size, name, seed)
    start = time.process_time()
    if model == "jrVAE":
        fitted = invariant(size, seed, SETS[name], shear=None, suits=4).set_params(latent=1).fit(train.images)
        suit = fitted.predict(held.images)
        row = {"accuracy": accuracy(held.labels, suit), "nmi": nmi(held.labels, suit)}
    else:
        fitted = MODELS[model](size, seed, SETS[name]).fit(train.images)
        row = judge(read(fitted, held.images), held)
    row |= {"elbo": fitted.score(held.images[:200]), "seconds": time.process_time() - start}
    return {"set": name, "model": model, "seed": seed, **row}


def draw(size: Size, seed: int, folder: Path) -> None:
    """The pictures, of models of one seed."""
    with pictures.report_style():
        pictures.write(pictures.sets(SETS), folder / "sets.png")
        cells = {}
        for name, model, file in (("2", "affine", "affine.png"), ("2", "VAE", ""), ("3", "rVAE", "angle.png")):
            train, held = decks(size, name, seed)
            fitted = MODELS[model](size, seed, SETS[name]).fit(train.images)
            cells[f"{model}, cards {name}"] = fitted.manifold(9)[0]
            if file:
                figure = pictures.recovered(read(fitted, held.images), held, f"{model}, cards {name}")
                pictures.write(figure, folder / file)
        pictures.write(pictures.manifolds(cells), folder / "manifolds.png")


def summarize(rows: list[dict]) -> dict:
    """Mean and standard deviation over the seeds of every score, by set and model."""
    table: dict = {}
    for row in rows:
        scores = table.setdefault(f"cards {row['set']}", {}).setdefault(row["model"], {})
        for score, value in row.items():
            if score not in ("set", "model", "seed"):
                scores.setdefault(score, []).append(value)
    return {
        name: {
            model: {s: (np.mean(v, axis=0).tolist(), np.std(v, axis=0, ddof=len(v) > 1).tolist()) for s, v in m.items()}
            for model, m in models.items()
        }
        for name, models in table.items()
    }


def show(summary: dict) -> None:
    print(f"{'':18s}" + "".join(f"{score:>18s}" for score in SCORES))
    for name, models in summary.items():
        for model, scores in models.items():
            cells = [f"{scores[s][0]:.3f} ± {scores[s][1]:.3f}" if s in scores else "" for s in SCORES]
            print(f"{name:9s}{model:9s}" + "".join(f"{cell:>18s}" for cell in cells))
            if "nmi" in scores:
                print(
                    f"{'':18s}" + ", ".join(f"{s} {scores[s][0]:.3f} ± {scores[s][1]:.3f}" for s in ("accuracy", "nmi"))
                )


def main() -> int:
    parser = seeded(__doc__)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--models", nargs="+", choices=[*MODELS, "jrVAE"], default=[*MODELS, "jrVAE"])
    parser.add_argument("--figures", type=Path, help="a folder for pictures of the first seed")
    options = parser.parse_args()
    torch.set_num_threads(1)
    size, known = SMOKE if options.smoke else Size(), Rows(options.out, "set", "model", "seed")
    wanted = [
        (name, model, seed)
        for seed in seeds(options)
        for name in options.sets
        for model in options.models
        if model != "jrVAE" or name in ("1", "3")
    ]
    summary = summarize([known.get(key, partial(trial, size, *key)) for key in wanted])
    show(summary)
    if options.figures:
        draw(size, options.first_seed, options.figures)
    if options.json:
        print(as_json(summary))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
