"""What 200 labels of cards turned by up to 12 degrees are worth at 120 degrees.

    python benchmarks/semisupervised.py [--json] [--smoke] [--seeds 5]

A semi-supervised model sees 200 labelled cards at up to 12 degrees and 2,000 without labels at up to 120 degrees; its
rivals see the labels alone, or the labels with copies turned by up to 120 degrees. Accuracy on 1,000 held-out cards of
either range, over seeds that change cards, labels and first weights: mean and standard deviation.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.neural_network import MLPClassifier

import latscape as ls
from _small import as_json
from latscape.data.card_images import SUITS, Cards, cards
from latscape.data.posed import posed
from latscape.random import derive_seed, numpy_generator

NARROW, WIDE = 12.0, 120.0


@dataclass(frozen=True)
class Size:
    """How large the comparison is."""

    labelled: int = 200
    unlabelled: int = 2000
    held: int = 1000
    pixels: int = 32
    epochs: int = 60
    copies: int = 10


SMOKE = Size(labelled=20, unlabelled=40, held=40, pixels=12, epochs=2, copies=2)


@dataclass(frozen=True)
class Sample:
    """The cards of one seed."""

    labelled: Cards
    unlabelled: Cards
    held: dict[str, Cards]


def draw(size: Size, seed: int) -> Sample:
    def some(name: str, n: int, rotation: float) -> Cards:
        return cards(n, rotation=rotation, size=size.pixels, seed=derive_seed(seed, name))

    held = {f"{limit:.0f}": some(f"held {limit}", size.held, limit) for limit in (NARROW, WIDE)}
    return Sample(some("labelled", size.labelled, NARROW), some("unlabelled", size.unlabelled, WIDE), held)


def labels_alone(size: Size, sample: Sample, seed: int):
    model = MLPClassifier((128, 128), max_iter=300, random_state=derive_seed(seed, "rival") % 2**32)
    flat = model.fit(sample.labelled.images.reshape(size.labelled, -1), sample.labelled.labels)
    return lambda images: flat.predict(images.reshape(len(images), -1))


def labels_and_turned_copies(size: Size, sample: Sample, seed: int):
    generator = numpy_generator(seed, "copies")
    images = np.repeat(sample.labelled.images, size.copies, axis=0)
    angle = np.radians(generator.uniform(-WIDE, WIDE, (len(images), 1))).astype(np.float32)
    turned = posed(torch.from_numpy(images)[:, None], (ls.Rotation(),), {"rotation": torch.from_numpy(angle)})
    model = MLPClassifier((128, 128), max_iter=300, random_state=derive_seed(seed, "rival") % 2**32)
    model.fit(turned.numpy().reshape(len(images), -1), np.repeat(sample.labelled.labels, size.copies))
    return lambda images: model.predict(images.reshape(len(images), -1))


def semi_supervised(size: Size, sample: Sample, seed: int, **options):
    images = np.concatenate([sample.labelled.images, sample.unlabelled.images])
    y = np.concatenate([sample.labelled.labels, np.full(size.unlabelled, -1)])
    # Costly content at first: what a class looks like has to be told by class and angle. Chosen on seeds 100 and 101.
    model = ls.ssvae(
        len(SUITS),
        encoder=ls.DenseEncoder((256, 256), "gelu"),
        beta_c=ls.cooldown(20, 1, end=0.5),
        epochs=size.epochs,
        seed=derive_seed(seed, "model"),
        **options,
    )
    return model.fit(images, y).predict


def upright(size: Size, sample: Sample, seed: int):
    return semi_supervised(size, sample, seed)


def rotational(size: Size, sample: Sample, seed: int):
    return semi_supervised(size, sample, seed, pose=(ls.Rotation(1.2),))


METHODS = {
    "labels alone": labels_alone,
    "labels, turned copies": labels_and_turned_copies,
    "ssvae": upright,
    "ssrvae": rotational,
}


def accuracies(size: Size, seed: int) -> dict[str, dict[str, float]]:
    sample, table = draw(size, seed), {}
    for name, method in METHODS.items():
        predict = method(size, sample, seed)
        table[name] = {at: float((predict(held.images) == held.labels).mean()) for at, held in sample.held.items()}
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the table as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="a tiny run that only shows the script works")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    options = parser.parse_args()
    torch.set_num_threads(1)
    seeds = range(options.first, options.first + (1 if options.smoke else options.seeds))
    rows = [accuracies(SMOKE if options.smoke else Size(), seed) for seed in seeds]
    print(f"accuracy on held-out cards, mean and deviation over {len(rows)} seeds")
    print(f"{'method':24s}{'12 degrees':>16s}{'120 degrees':>16s}")
    for name in METHODS:
        cells = [np.array([row[name][at] for row in rows]) for at in ("12", "120")]
        spread = [cell.std(ddof=1) if len(cell) > 1 else np.nan for cell in cells]
        print(f"{name:24s}" + "".join(f"{c.mean():9.3f} +-{s:.3f}" for c, s in zip(cells, spread, strict=True)))
    if options.json:
        print(as_json({"seeds": list(seeds), "accuracy": rows}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
