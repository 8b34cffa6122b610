"""Does `ved` denoise and colour images, and does it say so where it cannot?

    python benchmarks/restoration.py [--json] [--smoke] [--seeds 5] [--first-seed 20] [--tasks NAME ...] [--out ROWS]

Noisy to clean: MNIST digits 0 to 7, normal noise of deviation 0.5 (white is 1), or Poisson noise of 4 counts in a white
pixel over a background of 0.4. Judged on other digits 0 to 7, and off the training distribution: on digits 8 and 9, on
playing cards, at half and twice the noise. The rivals, a Gaussian filter and non-local means, need no training;
their parameters are those of the least error on 200 training pairs. Everybody's images are clipped to [0, 1].

Grey to colour: cards of the lecture's first set. The grey image is white ink on black, alike for all suits; the colour
image is the same shape on white, red (0.85, 0, 0) for hearts and diamonds and black for clubs and spades. So colour can
only be told from shape, and green and blue, 1 - grey, are known for anything, digits as well.

`kept`: share of restored digits that a 3-nearest-neighbour classifier of clean digits 0 to 9 still gives their label.
`told`: how well the predicted deviation tells an image off the distribution from one on it (area under the ROC curve;
0.5 is chance); `residual`: the same for the root mean square of what was taken away from the noisy image.
"""

import itertools
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Unpack

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from skimage.restoration import denoise_nl_means
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier

import latscape as ls
from _rows import seeded, seeds
from _small import as_json
from latscape.autoencoders.presets import Options
from latscape.data.card_images import Cards
from latscape.metrics import ssim
from latscape.random import derive_seed, numpy_generator

Images = NDArray[np.floating]
BACKGROUND = 0.1  # of a white pixel, in the Poisson images
RED = np.array([0.85, 0.0, 0.0])
SCORES = ("rmse", "ssim", "kept", "std", "z", "told", "residual", "colour", "red")


@dataclass(frozen=True)
class Size:
    """How large the benchmark is."""

    digits: int = 4000
    cards: int = 2000
    held: int = 500
    tuning: int = 200
    copies: int = 8  # noisy images of each digit: fewer are learned by heart
    epochs: int = 5


SMOKE = Size(digits=60, cards=60, held=40, tuning=4, copies=1, epochs=1)


def restorer(seed: int, **options: Unpack[Options]) -> ls.VAE:
    return ls.ved(
        encoder=ls.DenseEncoder((512, 256), "gelu"),
        decoder=ls.DenseDecoder((256, 512), "gelu"),
        seed=derive_seed(seed, "model"),
        **options,
    )


# --- noisy to clean ---


def normal(clean: Images, generator: np.random.Generator, times: float = 1.0) -> Images:
    return clean + 0.5 * times * generator.standard_normal(clean.shape)


def poisson(clean: Images, generator: np.random.Generator, times: float = 1.0) -> Images:
    """Counts over those of a white pixel, less the background; `times` the noise is 1 / times^2 the counts."""
    counts = 4.0 / times**2
    return generator.poisson(counts * (clean + BACKGROUND)) / counts - BACKGROUND


NOISE = {"normal": normal, "poisson": poisson}


@dataclass(frozen=True)
class Test:
    """Noisy images, what they should become, and their digits, if they are any."""

    noisy: Images
    clean: Images
    labels: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Digits:
    """The digits of one seed: pairs to learn from, tests by name, and clean digits of all ten classes."""

    train: Test
    tests: dict[str, Test]
    clean: Images
    labels: NDArray[np.int64]


def digits(size: Size, noise: str, seed: int) -> Digits:
    every = ls.data.mnist()
    assert every.labels is not None
    generator = numpy_generator(seed, "restoration", noise)
    order = generator.permutation(len(every))
    seen, unseen = order[every.labels[order] < 8], order[every.labels[order] >= 8]
    add = partial(NOISE[noise], generator=generator)

    def some(index: NDArray[np.int64], times: float = 1.0) -> Test:
        clean = every.images[index]
        return Test(add(clean, times=times).astype(np.float32), clean, every.labels[index])

    deck = ls.data.cards(size.held, size=28, seed=derive_seed(seed, "cards")).images
    held, fresh = seen[-size.held :], unseen[: size.held]
    tests = {
        "digits 0-7": some(held),
        "digits 8, 9": some(fresh),
        "cards": Test(add(deck).astype(np.float32), deck),
        "half the noise": some(held, times=0.5),
        "twice the noise": some(held, times=2.0),
    }
    known = np.concatenate([seen[: size.digits], unseen[size.held :]])
    train = some(np.tile(seen[: size.digits], size.copies))
    return Digits(train, tests, every.images[known], every.labels[known])


def filters(pairs: Test) -> dict[str, Callable[[Images], Images]]:
    """What needs no training, at its best on these pairs."""
    widths = [partial(_smooth, width=width) for width in np.arange(0.5, 2.6, 0.1)]
    strengths = [(h, sigma) for h in (0.1, 0.2, 0.3, 0.5, 0.8) for sigma in (0.0, 0.1, 0.2, 0.3, 0.5)]
    means = [partial(_means, h=h, sigma=sigma) for h, sigma in strengths]
    return {
        name: min(options, key=lambda restore: rmse(np.clip(restore(pairs.noisy), 0, 1), pairs.clean))
        for name, options in (("Gaussian filter", widths), ("non-local means", means))
    }


def _smooth(noisy: Images, width: float) -> Images:
    return gaussian_filter(noisy, (0, width, width))


def _means(noisy: Images, h: float, sigma: float) -> Images:
    return np.stack([denoise_nl_means(one, patch_size=5, patch_distance=9, h=h, sigma=sigma) for one in noisy])


def rmse(found: Images, true: Images) -> float:
    return float(np.sqrt(np.mean((found - true) ** 2)))


def likeness(found: Images, true: Images) -> float:
    return float(ssim(torch.from_numpy(found.astype(np.float32)), torch.from_numpy(true.astype(np.float32))).mean())


def denoising(size: Size, noise: str, seed: int) -> list[dict]:
    """A row for each test and method."""
    data = digits(size, noise, seed)
    judge = KNeighborsClassifier(3).fit(data.clean.reshape(len(data.clean), -1), data.labels)
    # Sigma is learned from 0.2, as Adam moves its logarithm by at most the learning rate in each of 1,600 steps.
    model = restorer(seed, latent=32, likelihood=ls.Gaussian(0.2, learned=True), epochs=size.epochs)
    model.fit(data.train.noisy, data.train.clean)
    rivals = filters(Test(data.train.noisy[: size.tuning], data.train.clean[: size.tuning]))
    rows, on = [], {}
    for name, test in data.tests.items():
        mean, std = model.predict(test.noisy, return_std=True)
        found = {"ved": np.clip(mean, 0, 1), "noisy": np.clip(test.noisy, 0, 1), "clean": test.clean}
        found |= {rival: np.clip(restore(test.noisy), 0, 1) for rival, restore in rivals.items()}
        warning = {"told": std.mean((1, 2)), "residual": np.sqrt(((test.noisy - mean) ** 2).mean((1, 2)))}
        on = on or warning
        for method, images in found.items():
            row = {"task": noise, "test": name, "method": method, "seed": seed}
            row |= {"rmse": rmse(images, test.clean), "ssim": likeness(images, test.clean)}
            if test.labels is not None:
                row["kept"] = float((judge.predict(images.reshape(len(images), -1)) == test.labels).mean())
            if method == "ved":
                row |= {"std": float(std.mean()), "z": rmse(mean / std, test.clean / std)}
                row |= {score: area(on[score], value) for score, value in warning.items()}
            rows.append(row)
    return rows


def area(on: Images, off: Images) -> float:
    """Chance that a value off the distribution is larger than one on it."""
    return float(roc_auc_score(np.repeat([0, 1], [len(on), len(off)]), np.concatenate([on, off])))


# --- grey to colour ---


def coloured(grey: Images, suit: NDArray[np.int64]) -> Images:
    """Shapes in the colour of their suit on white, (n, h, w, 3)."""
    ink = np.where((suit >= 2)[:, None], RED, 0.0)  # hearts and diamonds
    return (1.0 - grey[..., None] * (1.0 - ink[:, None, None])).astype(np.float32)


def redness(images: Images, grey: Images) -> NDArray[np.floating]:
    """Mean of red less green and blue where there is ink, (n,): 0 for black and 0.85 for red."""
    excess = images[..., 0] - images[..., 1:].mean(axis=-1)
    return (excess * grey).sum(axis=(1, 2)) / (grey**2).sum(axis=(1, 2))


def decks(size: Size, seed: int) -> tuple[Cards, dict[str, Cards]]:
    def deck(name: str, n: int, number: int) -> Cards:
        return ls.data.cards(n, **ls.data.CARD_SETS[number], size=28, seed=derive_seed(seed, name))

    tests = {"cards 1": 1, "cards 2, sheared": 2, "cards 3, turned": 3}
    return deck("train", size.cards, 1), {name: deck(name, size.held, number) for name, number in tests.items()}


def colouring(size: Size, seed: int) -> list[dict]:
    """A row for each test; green and blue are the shape, which the grey image shows as it is."""
    train, tests = decks(size, seed)
    epochs = 8 * size.epochs
    model = restorer(seed, latent=8, likelihood=ls.Gaussian(0.1, learned=True), epochs=epochs, batch=50)
    model.fit(train.images, coloured(train.images, train.labels))
    every = {name: (deck.images, deck.labels) for name, deck in tests.items()}
    every["digits"] = ls.data.mnist(n=size.held, seed=derive_seed(seed, "digits") % 2**32).images, None
    rows, on = [], {}
    for name, (grey, suit) in every.items():
        mean, std = model.predict(grey, return_std=True)
        images, shape = np.clip(mean, 0, 1), np.repeat(1.0 - grey[..., None], 2, axis=3)
        red = redness(images, grey) > RED[0] / 2
        row = {"task": "colour", "test": name, "method": "ved", "seed": seed, "red": float(red.mean())}
        row |= {"rmse": rmse(images[..., 1:], shape), "ssim": likeness(images[..., 1], 1.0 - grey)}
        if suit is not None:
            row["colour"] = float((red == (suit >= 2)).mean())
            row["z"] = rmse(mean / std, coloured(grey, suit) / std)
        # What the shape's error would be seen by: green and blue against the grey image that was given.
        error = np.sqrt(((mean[..., 1:] - shape) ** 2).mean((1, 2, 3)))
        warning = {"told": std.mean((1, 2, 3)), "residual": error}
        on = on or warning
        row |= {"std": float(std.mean())} | {score: area(on[score], value) for score, value in warning.items()}
        rows.append(row)
    return rows


TASKS: dict[str, Callable[[Size, int], list[dict]]] = {
    "normal": lambda size, seed: denoising(size, "normal", seed),
    "poisson": lambda size, seed: denoising(size, "poisson", seed),
    "colour": colouring,
}


def summarize(rows: list[dict]) -> dict:
    """Mean and deviation over the seeds of every score by task, test and method."""
    table: dict = {}
    for row in rows:
        scores = table.setdefault(row["task"], {}).setdefault(row["test"], {}).setdefault(row["method"], {})
        for score in SCORES:
            if score in row:
                scores.setdefault(score, []).append(row[score])
    for methods in (methods for tests in table.values() for methods in tests.values()):
        for method, scores in methods.items():
            methods[method] = {s: (float(np.mean(v)), float(np.std(v, ddof=len(v) > 1))) for s, v in scores.items()}
    return table


def show(summary: dict) -> None:
    print(f"{'':42s}" + "".join(f"{score:>16s}" for score in SCORES))
    for task, tests in summary.items():
        for test, methods in tests.items():
            for method, scores in methods.items():
                cells = [f"{scores[s][0]:.3f} ± {scores[s][1]:.3f}" if s in scores else "" for s in SCORES]
                print(f"{task:8s}{test:18s}{method:16s}" + "".join(f"{cell:>16s}" for cell in cells))


def main() -> int:
    parser = seeded(__doc__, first=20)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    options = parser.parse_args()
    torch.set_num_threads(1)
    size = SMOKE if options.smoke else Size()
    rows = (
        [json.loads(line) for line in options.out.read_text().splitlines()]
        if options.out and options.out.exists()
        else []
    )
    for seed, task in itertools.product(seeds(options), options.tasks):
        if any((row["task"], row["seed"]) == (task, seed) for row in rows):
            continue
        start = time.process_time()
        found = TASKS[task](size, seed)
        rows += found
        print(f"{task}, seed {seed}: {time.process_time() - start:.0f} s", file=sys.stderr, flush=True)
        if options.out:
            with options.out.open("a") as file:
                file.writelines(as_json(row) + "\n" for row in found)
    summary = summarize([row for row in rows if row["task"] in options.tasks and row["seed"] in seeds(options)])
    show(summary)
    if options.json:
        print(as_json(summary))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
