"""Decoding few classes instead of all: noise of the gradient, and time of a step.

    python benchmarks/few_classes.py [--json] [--smoke] [--draws 60] [--classes 10 40] [--seed 0]

A jrVAE is trained on MNIST digits for a few epochs; then the gradient of one batch is taken over and over at the same
noise of the continuous latents, with `class_samples` classes decoded. The mean over draws is compared with the exact
gradient (bias, in standard errors), the deviation around it with the exact gradient itself and with the
deviation from batch to batch, which training has to live with in any case.
"""

import argparse
import time

import numpy as np
import torch

import latscape as ls
from _small import as_json
from latscape.autoencoders.batch import Batch
from latscape.autoencoders.output import negative_elbo
from latscape.data.digits import mnist

SAMPLES = (2, 3, 4, 8)


def gradient(model, x: torch.Tensor, noise: torch.Tensor) -> np.ndarray:
    model.zero_grad(set_to_none=True)
    negative_elbo(model(Batch(x), noise)).mean().backward()
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None]).double().numpy()


def deviation(gradients: np.ndarray, centre: np.ndarray) -> float:
    """Root of the summed variance around the centre, as a share of its length."""
    return float(np.sqrt(((gradients - centre) ** 2).sum(axis=1).mean()) / np.linalg.norm(centre))


def seconds_of(model, x: torch.Tensor, noise: torch.Tensor, repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.process_time()
        gradient(model, x, noise)
        times.append(time.process_time() - start)
    return float(np.median(times))


def measure(classes: int, epochs: int, draws: int, seed: int) -> list[dict]:
    images = mnist("embedded", n=2000, seed=seed).images
    fitted = ls.jrvae(classes, epochs=epochs, beta_c=ls.cooldown(10, 1), beta_d=3.0, seed=seed).fit(images)
    model = fitted.model_.train()
    x = torch.from_numpy(images.reshape(len(images), -1))
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(100, model.noise_width, generator=generator)
    exact = gradient(model, x[:100], noise)
    parts = [gradient(model, x[k : k + 100], noise) for k in range(0, min(draws * 100, len(x)), 100)]
    batches = deviation(np.stack(parts), np.mean(parts, axis=0)) * np.linalg.norm(np.mean(parts, axis=0))
    rows = [{"classes": classes, "decoded": classes, "seconds": seconds_of(model, x[:100], noise, 9)}]
    for count in (one for one in SAMPLES if one < classes):
        few = ls.jrvae(classes, class_samples=count, epochs=epochs, seed=seed)._prepare(images, None).model.train()
        few.load_state_dict(model.state_dict())
        wide = torch.cat([noise, torch.zeros(100, few.noise_width - model.noise_width)], dim=1)
        found = []
        for _ in range(draws):
            wide[:, -1] = torch.randn(100, generator=generator)
            found.append(gradient(few, x[:100], wide))
        drawn = np.stack(found)
        mean, spread = drawn.mean(axis=0), drawn.std(axis=0, ddof=1)
        bias = np.linalg.norm(mean - exact) / np.sqrt((spread**2).sum() / draws)
        noisy = deviation(drawn, exact)
        rows.append(
            {
                "classes": classes,
                "decoded": count,
                "bias": float(bias),
                "noise": noisy,
                "noise_of_batches": noisy * float(np.linalg.norm(exact)) / float(batches),
                "seconds": seconds_of(few, x[:100], wide, 9),
            }
        )
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the table as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="a tiny run that only shows the script works")
    parser.add_argument("--draws", type=int, default=60)
    parser.add_argument("--classes", nargs="+", type=int, default=[10, 40])
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    counts, epochs, draws = ([4], 1, 3) if options.smoke else (options.classes, 10, options.draws)
    rows = [row for count in counts for row in measure(count, epochs, draws, options.seed)]
    print(f"{'classes':>8s}{'decoded':>8s}{'bias [se]':>11s}{'noise/gradient':>16s}{'noise/batches':>15s}{'ms':>8s}")
    for row in rows:
        numbers = (
            f"{row['bias']:11.2f}{row['noise']:16.2f}{row['noise_of_batches']:15.2f}" if "bias" in row else " " * 42
        )
        print(f"{row['classes']:8d}{row['decoded']:8d}{numbers}{1e3 * row['seconds']:8.1f}")
    if options.json:
        print(as_json({"draws": draws, "rows": rows}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
