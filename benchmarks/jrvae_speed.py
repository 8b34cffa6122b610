"""How much faster is a jrVAE training step than pyroVED's? Default, same function class, and the same in bfloat16.

    python benchmarks/jrvae_speed.py [--json] [--smoke] [--repeats 7] [--threads N]

A step is what training does with 100 MNIST digits (10 classes, rotation, exact enumeration): forward, backward, Adam.
pyroVED's takes seconds, so its steps are timed one by one; ours are timed as `fit`, weights and optimizer made anew:
five epochs of ten steps of the default, one step of the coordinate decoder. `affine` is the default with shift, scale
and shear absorbed as well, whose quality `jrvae_quality.py` measures. Losses are compared for equal weights and noise.
"""

import argparse
import json
import os
import sys

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch is loaded

import torch

import latscape as ls
from _timed import CLASSES, TIMED
from _timing import machine, median, take_turns
from latscape.autoencoders.batch import Batch
from latscape.autoencoders.model import Autoencoder
from latscape.autoencoders.output import CLASS
from latscape.data.digits import mnist
from latscape.latent.blocks import NormalPosterior
from latscape.nets.coordinate import CoordinateDecoder
from peers import at_hand, missing
from peers.jivae import Peer, copy_weights

BETA = (40.0, 3.0)
SAME = CoordinateDecoder(hidden=(128, 128), activation="tanh", chunk=None)
BF16 = CoordinateDecoder(hidden=(128, 128), activation="tanh", chunk=None, precision="bfloat16")
OURS = {"default": {}, "affine": TIMED, "coordinate": {"decoder": SAME}, "coordinate_bf16": {"decoder": BF16}}
#: Those of which a step is too short to be timed by itself.
QUICK, EPOCHS = ("default", "affine"), 5


def fit(x: torch.Tensor, epochs: int = 1, **options) -> ls.VAE:
    return ls.jrvae(CLASSES, beta_c=BETA[0], beta_d=BETA[1], epochs=epochs, batch=100, **options).fit(x.numpy())


def loss(model: Autoencoder, x: torch.Tensor, noise: torch.Tensor, *, sampled: bool) -> float:
    """Our loss per image; `sampled`: the divergence of the continuous latents as pyro estimates it, at the sample."""
    with torch.no_grad():
        out = model(Batch(x.flatten(1)), noise)
        total = out.expected_nll + BETA[1] * out.kl[CLASS]
        for name, value in out.sample.items():
            q, prior = out.posterior[name], model.latent.continuous[name].prior
            assert isinstance(q, NormalPosterior)
            log_q = torch.distributions.Normal(q.mean, q.std).log_prob(value)
            log_p = torch.distributions.Normal(0.0, prior).log_prob(value)
            total = total + BETA[0] * ((log_q - log_p).sum(dim=1) if sampled else out.kl[name])
    return float(total.mean())


def losses(peer: Peer, x: torch.Tensor) -> dict[str, float]:
    """Losses for the peer's weights and one draw of the noise."""
    theirs, noise = peer.loss(x, seed=0)
    found = {"pyroved": theirs}
    for name in ("coordinate", "coordinate_bf16"):
        model = fit(x[:CLASSES], **OURS[name]).model_
        copy_weights(peer.model, model)
        found[name] = loss(model, x, noise, sampled=True)
        found[f"{name}_closed_form"] = loss(model, x, noise, sampled=False)
    found["difference"] = abs(found["coordinate"] / theirs - 1.0)
    found["difference_bf16"] = abs(found["coordinate_bf16"] / found["coordinate"] - 1.0)
    return found


def measure(peer: Peer | None, images: int, batches: int, repeats: int) -> dict:
    """Seconds a step of each, their ratios, and the losses."""
    x = torch.from_numpy(mnist(n=images * batches).images)
    ways = {"pyroved": lambda: peer.step(x[:images])} if peer is not None else {}
    for name, options in OURS.items():
        some, epochs = (x, EPOCHS) if name in QUICK else (x[:images], 1)
        ways[name] = lambda options=options, some=some, epochs=epochs: fit(some, epochs, **options)
    turns = take_turns(ways, repeats)
    steps = {name: EPOCHS * batches if name in QUICK else 1 for name in ways}
    found: dict = {}
    for key, clock in (("", "wall"), ("cpu_", "cpu")):
        seconds = {name: median(turns[name], clock) / steps[name] for name in ways}
        found[f"{key}seconds"] = seconds
        if peer is not None:
            found |= {f"{name}_{key}ratio": seconds["pyroved"] / seconds[name] for name in OURS}
    found["turns"] = {name: [turn.wall / steps[name] for turn in turns[name]] for name in ways}
    return found | ({"losses": losses(peer, x[:images])} if peer is not None else {})


def show(found: dict) -> None:
    step = f"a step of {found['images']} images"
    print(f"{step:24s}{'wall [s]':>10s}{'ratio':>8s}{'processor [s]':>16s}{'ratio':>8s}")
    for name, seconds in found["seconds"].items():
        ratios = [f"{found[key]:8.1f}" if key in found else "" for key in (f"{name}_ratio", f"{name}_cpu_ratio")]
        print(f"{name:24s}{seconds:10.4f}{ratios[0]:8s}{found['cpu_seconds'][name]:16.4f}{ratios[1]:8s}")
    if "losses" in found:
        same = found["losses"]
        print(
            f"\nloss for equal weights and noise: pyroVED {same['pyroved']:.4f}, ours {same['coordinate']:.4f} "
            f"(relative difference {same['difference']:.1e}), in bfloat16 {same['coordinate_bf16']:.4f} "
            f"({same['difference_bf16']:.1e}); with the divergence in closed form, as we train, "
            f"{same['coordinate_closed_form']:.4f}"
        )
    print(f"\n{found['machine']}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print all numbers as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="a tiny run that only shows the script works, peer or not")
    parser.add_argument("--repeats", type=int, default=7, help="turns after the first, which warms up")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    peer = at_hand("pyroved")
    if not peer:
        print(missing("pyroved"), file=sys.stderr)
        if not options.smoke:
            return 2
    torch.set_num_threads(options.threads)
    images, batches, repeats = (10, 2, 1) if options.smoke else (100, 10, options.repeats)
    found = measure(Peer((28, 28), CLASSES, BETA) if peer else None, images, batches, repeats)
    found |= {"images": images, "repeats": repeats, "machine": machine()}
    show(found)
    if options.json:
        print(json.dumps(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
