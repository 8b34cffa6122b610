"""The pictures of the model pages, drawn from what the pages' own examples leave behind.

    python docs/models/figures.py [--only NAME ...]

Each function runs the blocks of its page and draws with `latscape.plot` where that has a function. `ensemble` and
`restoration` use the benchmarks of these names.
"""

import argparse
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

import latscape as ls
from latscape.data.card_images import SUITS
from latscape.plot import image_grid, manifold, report_style
from latscape.plot.styling import FAINT, MUTED, PALETTE, colorbar

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "benchmarks"))
SUITS = SUITS
Array = np.ndarray


def example(page: str) -> dict[str, Any]:
    """The names that the blocks of a page leave behind."""
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", (HERE / f"{page}.md").read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(compile(block, page, "exec"), names)
    return names


def panels(width: float, height: float, *columns: float) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, list(np.atleast_1d(figure.subplots(1, len(columns), width_ratios=columns)))


def against(ax: Axes, true: Array, found: Array, what: str, unit: str, labels: Array | None = None) -> None:
    """True against recovered, with the diagonal."""
    groups = [(slice(None), None)] if labels is None else [(labels == k, name) for k, name in enumerate(SUITS)]
    for k, (of, name) in enumerate(groups):
        ax.scatter(true[of], found[of], s=9, color=PALETTE[k], alpha=0.7, linewidths=0, label=name)
    ax.axline((0, 0), slope=1, color=MUTED, linewidth=0.8, zorder=0)
    ax.set_xlabel(f"true {what} [{unit}]")
    ax.set_ylabel(f"recovered {what} [{unit}]")
    ax.grid(color=FAINT, linewidth=0.6)
    if labels is not None:
        ax.legend(loc="upper left", handletextpad=0.2, borderaxespad=0.2, markerscale=1.8)


def ae() -> dict[str, Figure]:
    names = example("ae")
    new, model, pca = names["new"], names["model"], names["pca"]
    chosen = np.argsort(names["made"].shift[1000:])[[5, 100, 195]]
    figure, axes = panels(9.5, 2.7, 1, 1, 1)
    for ax, spectrum, own, linear in zip(
        axes,
        new[chosen],
        model.reconstruct(new[chosen]),
        pca.inverse_transform(pca.transform(new[chosen])),
        strict=True,
    ):
        ax.plot(names["made"].x, spectrum, ".", color=MUTED, markersize=3.5, label="new spectrum")
        ax.plot(names["made"].x, own, color=PALETTE[0], label="ae, 2 numbers")
        ax.plot(names["made"].x, linear, color=PALETTE[1], label="PCA, 2 numbers")
        ax.set_xlabel("position [half lengths]")
        ax.set_ylim(-0.1, 1.0)
    axes[0].set_ylabel("intensity")
    axes[0].legend(loc="upper right")
    return {"reconstructions": figure}


def vae() -> dict[str, Figure]:
    names = example("vae")
    content, deck = names["content"], names["deck"]
    figure, (suit, angle, cells) = panels(11.5, 3.8, 1, 1.15, 1)
    for k, name in enumerate(SUITS):
        of = deck.labels == k
        suit.scatter(*content[of].T[::-1], s=9, color=PALETTE[k], linewidths=0, label=name)
    suit.legend(loc="best", handletextpad=0.2, borderaxespad=0.2, markerscale=1.8)
    dots = angle.scatter(*content.T[::-1], s=9, c=np.degrees(deck.angle), cmap="viridis", linewidths=0)
    colorbar(angle, dots, "angle [°]")
    for ax, title in ((suit, "by suit"), (angle, "by angle")):
        ax.set_title(title)
        ax.set_xlabel("content 2")
        ax.set_ylabel("content 1")
        ax.invert_yaxis()  # as in the manifold
    manifold(cells, names["picture"][0])
    cells.set_title("decoded")
    return {"map": figure}


def rvae() -> dict[str, Figure]:
    names = example("rvae")
    turned, upright = names["turned"][300:], names["upright"][:, 0]
    figure, (before, after, scatter) = panels(11.0, 3.6, 1, 1, 1.15)
    image_grid(before, turned[:36], columns=6)
    before.set_title("as given")
    image_grid(after, upright[:36], columns=6)
    after.set_title("drawn upright")
    degrees = np.degrees(names["angle"][300:]), np.degrees(names["found"].mean[:, 0])
    against(scatter, *degrees, "angle", "°")
    return {"angles": figure}


def cvae() -> dict[str, Figure]:
    deck = ls.data.cards(600, rotation=40, shear=1, size=20)
    options = {"latent": 1, "epochs": 40, "batch": 50, "learning_rate": 2e-3}
    suits = ls.cvae(classes=4, **options).fit(deck.images, deck.labels)
    angles = ls.cvae(factors=1, **options).fit(deck.images, deck.angle)
    figure, (joint, first, second) = panels(13.5, 3.4, 1, 1.1, 1.1)
    content = suits.transform(deck.images, deck.labels)[:, 0]
    for suit, name in enumerate(SUITS):
        of = deck.labels == suit
        joint.plot(np.degrees(deck.angle[of]), content[of], ".", ms=4, color=PALETTE[suit], label=name)
    joint.set(xlabel="true angle [°]", ylabel="content", title="all suits in one latent space")
    joint.legend()
    along = np.linspace(-1.8, 1.8, 9)[:, None]
    rows = [suits.decode(along, y=np.full(9, suit))[:, 0] for suit in range(4)]
    image_grid(first, np.concatenate(rows), columns=9)
    first.set_title("a row for each told suit;\nalong it, content: the angle")
    rows = [angles.decode(along, y=np.full(9, angle))[:, 0] for angle in np.radians([-35, -12, 12, 35])]
    image_grid(second, np.concatenate(rows), columns=9)
    second.set_title("a row for each told angle, -35° to 35°;\nalong it, content: the suit")
    return {"told": figure}


def ssvae() -> dict[str, Figure]:
    names = example("ssvae")
    true, mean, std = np.degrees(names["deck"].angle[60:]), np.degrees(names["mean"]), np.degrees(names["std"])
    figure, (ax, histogram) = panels(8.6, 3.8, 1.1, 1)
    ax.errorbar(true, mean, std, fmt="none", ecolor=FAINT, elinewidth=0.8, zorder=0)
    against(ax, true, mean, "angle", "°", names["deck"].labels[60:])
    z = (mean - true) / std
    bins = np.linspace(-6, 6, 49)
    histogram.hist(z.clip(-6, 6), bins, density=True, color=PALETTE[0], alpha=0.8)
    histogram.plot(bins, np.exp(-(bins**2) / 2) / np.sqrt(2 * np.pi), color=PALETTE[1])
    histogram.set_xlabel("error over predicted deviation")
    histogram.set_title(f"root mean square {np.sqrt(np.mean(z**2)):.1f}, should be 1")
    histogram.set_yticks([])
    return {"regression": figure}


def jvae() -> dict[str, Figure]:
    model = example("jvae")["model"]
    figure, axes = panels(10.0, 2.8, 1, 1, 1, 1)
    for k, (ax, cells) in enumerate(zip(axes, model.manifold(7), strict=True)):
        manifold(ax, cells)
        ax.set_title(f"class {k + 1}")
    return {"classes": figure}


def jrvae() -> dict[str, Figure]:
    names = example("jrvae")
    deck, angle = names["deck"], names["angle"]
    figure, (*axes, scatter) = panels(12.0, 3.2, 0.75, 0.75, 0.75, 0.75, 1.2)
    for k, (ax, cells) in enumerate(zip(axes, names["model"].manifold(5), strict=True)):
        manifold(ax, cells)
        ax.set_title(f"class {k + 1}")
    against(scatter, np.degrees(deck.angle), np.degrees(angle), "angle", "°", deck.labels)
    return {"classes": figure}


def shift_vae() -> dict[str, Figure]:
    made = ls.data.shifted_spectra(1200, length=64, shift=0.3)
    options = {"epochs": 40, "batch": 50, "learning_rate": 2e-3}
    model = ls.shift_vae(shift=0.2, latent=1, likelihood=ls.Gaussian(0.1), **options).fit(made.spectra[:600])
    new, shift = made.spectra[600:], made.shift[600:]
    found = model.encode(new)["shift"].mean[:, 0]
    aligned = [np.interp(made.x + by, made.x, one) for one, by in zip(new, found - found.mean(), strict=True)]
    figure, (before, after, scatter) = panels(11.0, 3.4, 1, 1, 1)
    for ax, title, spectra in ((before, "as measured", new), (after, "moved back", np.array(aligned))):
        ax.plot(made.x, spectra[:25].T, color=PALETTE[0], alpha=0.35, linewidth=0.8)
        ax.set_title(title)
        ax.set_xlabel("position [half lengths]")
    before.set_ylabel("intensity")
    against(scatter, shift, found, "shift", "half lengths")
    return {"spectra": figure}


def _particles(name: str) -> dict[str, Any]:
    names = example(name)
    return names | {"fresh": names["deck"].images[1000:], "true": names["spectra"][1000:]}


def ved() -> dict[str, Figure]:
    names = _particles("ved")
    figure = Figure(figsize=(10.0, 4.2), layout="constrained")
    pictures, spectra = figure.subplots(2, 4, height_ratios=[1.0, 1.5])
    for image, ax, index in zip(pictures, spectra, (3, 11, 20, 31), strict=True):
        image_grid(image, np.stack([names["fresh"][index], names["back"][index].clip(0, 1)]), columns=2)
        image.set_title("particle | from its spectrum", fontsize=9, fontweight="normal", loc="center")
        mean, std = names["mean"][index], names["std"][index]
        ax.fill_between(names["energy"], mean - 2 * std, mean + 2 * std, color=PALETTE[0], alpha=0.18, linewidth=0)
        ax.plot(names["energy"], mean, color=PALETTE[0], label="from its image")
        ax.plot(names["energy"], names["true"][index], color=PALETTE[1], linestyle="--", label="true")
        ax.set_xlabel("energy [eV]")
        ax.set_ylim(-0.3, 1.3)
    spectra[0].legend(loc="upper left", handlelength=1.4)
    return {"pairs": figure}


def dual_vae() -> dict[str, Figure]:
    names = _particles("dual_vae")
    content = names["model"].transform(names["images"], names["spectra"][:1000])
    # The two directions of content in which the pairs vary most; the others stay at their mean.
    centre, (_, size, axes) = content.mean(axis=0), np.linalg.svd(content - content.mean(axis=0), full_matrices=False)
    grid = np.linspace(-1.7, 1.7, 7)
    first, second = np.meshgrid(grid, grid, indexing="ij")
    scale = size[:2] / np.sqrt(len(content))
    points = centre + first.reshape(-1, 1) * scale[0] * axes[0] + second.reshape(-1, 1) * scale[1] * axes[1]
    images, spectra = names["model"].decode(points)
    figure, (left, right) = panels(8.6, 4.3, 1, 1.05)
    manifold(left, images.clip(0, 1))
    left.set_title("structures")
    for index, (row, column) in enumerate(np.ndindex(7, 7)):
        x = column + 0.05 + 0.9 * np.linspace(0, 1, spectra.shape[1])
        right.fill_between(x, -row, -row + 0.85 * spectra[index].clip(0, 1), color=PALETTE[0], alpha=0.85, linewidth=0)
    right.set_title("and their spectra, 1 to 3 eV, at the same points")
    right.set_axis_off()
    right.set_xlim(0, 7)
    right.set_ylim(-6.1, 1)
    right.set_aspect("equal")
    return {"map": figure}


def channels() -> dict[str, Figure]:
    names = example("channels")
    figure, (frames, film, single) = panels(11.0, 3.4, 0.8, 1, 1)
    fast = np.argsort(names["speed"])[[2, 100, 300, 500, 597]]
    image_grid(frames, np.moveaxis(names["film"][fast], -1, 1).reshape(-1, 20, 20), columns=3)
    frames.set_title("before, now, after")
    content = names["motion"], names["one"].transform(names["film"][..., 1])
    for ax, found, title in zip((film, single), content, ("three frames", "the middle frame alone"), strict=True):
        ax.scatter(np.degrees(names["speed"]), found[:, 0], s=9, color=PALETTE[0], alpha=0.7, linewidths=0)
        ax.set_title(title)
        ax.set_xlabel("true speed [° per frame]")
        ax.set_ylabel("content")
        ax.grid(color=FAINT, linewidth=0.6)
    return {"speed": figure}


def restoration() -> dict[str, Figure]:
    from restoration import Size, coloured, decks, digits, filters, restorer

    size, seed = Size(), 20
    data = digits(size, "normal", seed)
    likelihood = ls.Gaussian(0.2, learned=True)
    model = restorer(seed, latent=32, likelihood=likelihood, epochs=size.epochs).fit(data.train.noisy, data.train.clean)
    smooth = filters(type(data.train)(data.train.noisy[:20], data.train.clean[:20]))["Gaussian filter"]
    figure = Figure(figsize=(10.5, 3.9), layout="constrained")
    for ax, name in zip(figure.subplots(1, 3), ("digits 0-7", "digits 8, 9", "cards"), strict=True):
        test = data.tests[name]
        noisy, clean = test.noisy[:8], test.clean[:8]
        rows = [noisy.clip(0, 1), model.predict(noisy).clip(0, 1), smooth(noisy).clip(0, 1), clean]
        image_grid(ax, np.concatenate(rows), columns=8)
        ax.set_title(name + (": as trained" if name == "digits 0-7" else ": never seen"))
    figure.axes[0].set_axis_on()
    _row_names(figure.axes[0], ("noisy", "ved", "Gaussian\nfilter", "clean"), 29)
    train, tests = decks(size, seed)
    options = {"likelihood": ls.Gaussian(0.1, learned=True), "epochs": 8 * size.epochs, "batch": 50}
    model = restorer(seed, latent=8, **options).fit(train.images, coloured(train.images, train.labels))
    shown = {name: (deck.images[:6], coloured(deck.images, deck.labels)[:6]) for name, deck in tests.items()}
    shown["digits"] = ls.data.mnist(n=6, seed=seed).images, None
    colours = Figure(figsize=(10.5, 2.7), layout="constrained")
    for ax, (name, (grey, true)) in zip(colours.subplots(1, 4), shown.items(), strict=True):
        known = np.ones((6, 28, 28, 3)) if true is None else true
        rows = [np.repeat(grey[..., None], 3, axis=3), model.predict(grey).clip(0, 1), known]
        image_grid(ax, np.concatenate(rows), columns=6)
        ax.set_title(name + (": as trained" if name == "cards 1" else ""))
    colours.axes[0].set_axis_on()
    _row_names(colours.axes[0], ("grey", "ved", "true"), 29)
    return {"noise": figure, "colour": colours}


def _row_names(ax: Axes, names: tuple[str, ...], height: int) -> None:
    ax.set_yticks([height * (row + 0.5) for row in range(len(names))], names)
    ax.set_xticks([])
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)


def ensemble() -> dict[str, Figure]:
    from ensemble import PROBLEMS

    rows = [json.loads(line) for line in (HERE.parent / "studies" / "ensemble.jsonl").read_text().splitlines()]
    problems = {name: problem for name, problem in PROBLEMS.items() if any(row["data"] == name for row in rows)}
    figure = Figure(figsize=(4.2 * len(problems), 4.6), layout="constrained")
    axes = figure.subplots(2, len(problems), sharex="col", squeeze=False)
    for (top, bottom), (name, problem) in zip(axes.T, problems.items(), strict=True):
        own = sorted((row for row in rows if row["data"] == name), key=lambda row: row["classes"])
        for ax, score in ((top, "dispersion"), (bottom, "elbo")):
            for k, seed in enumerate(sorted({row["seed"] for row in own})):
                line = [(row["classes"], row[score]) for row in own if row["seed"] == seed]
                ax.plot(
                    *zip(*line, strict=True), ".-", color=PALETTE[k % len(PALETTE)], linewidth=1, label=f"seed {seed}"
                )
            ax.axvline(problem.truth, color=MUTED, linewidth=1.0, linestyle=":", zorder=0)
            ax.grid(color=FAINT, linewidth=0.6)
        top.set_title(f"{name}, {problem.truth} true classes")
        top.set_ylim(bottom=-0.01)
        bottom.set_xlabel("classes K")
    axes[0, 0].set_ylabel("dispersion")
    axes[1, 0].set_ylabel("held-out ELBO [nat]")
    axes[0, 0].legend(loc="upper left")

    return {"classes": figure}


def stable_classes() -> dict[str, Figure]:
    from ensemble import PROBLEMS, fitted

    members, held = fitted(PROBLEMS["cards 3"], 5, 20)
    found, spread = members.predict(held.images), members.dispersion(held.images)
    mean = members.class_dispersion(held.images)
    used = [k for k in np.argsort(mean) if np.sum(found == k) >= 16]
    order = [np.flatnonzero(found == k)[np.argsort(spread[found == k])] for k in used]
    ends = [np.concatenate([held.images[o[part]] for o in order]) for part in (slice(8), slice(-1, -9, -1))]
    stable = Figure(figsize=(8.6, 0.2 + 0.6 * len(used)), layout="constrained")
    for ax, images, title in zip(stable.subplots(1, 2), ends, ("most stable", "least stable"), strict=True):
        image_grid(ax, images, columns=8)
        ax.set_title(title)
        ax.set_axis_on()
        names = tuple(f"class {k + 1}: {mean[k]:.2f}" for k in used) if title.startswith("most") else ("",) * len(used)
        _row_names(ax, names, 25)
    return {"samples": stable}


FIGURES = {
    make.__name__: make
    for make in (ae, vae, rvae, cvae, ssvae, jvae, jrvae, shift_vae, ved, dual_vae, channels, restoration, ensemble)
} | {"stable_classes": stable_classes}
FOLDERS = {"stable_classes": "ensemble"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=FIGURES, default=list(FIGURES), metavar="NAME")
    for name in parser.parse_args().only:
        with report_style():
            for file, figure in FIGURES[name]().items():
                path = HERE / FOLDERS.get(name, name) / f"{file}.png"
                path.parent.mkdir(exist_ok=True)
                drawn = io.BytesIO()
                figure.savefig(drawn, dpi=100, bbox_inches="tight")
                picture = Image.open(drawn).convert("RGB")
                if len(drawn.getvalue()) > 150_000:
                    picture = picture.quantize(256)
                picture.save(path, optimize=True)
                print(f"{path.relative_to(HERE)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
