"""The pictures of the pages on experiments.

    python docs/explore/figures.py [--only NAME ...]

switching and charged: calculated samples. scalarizers: two paths over one sample; rewards:
over a real one, which needs $LATSCAPE_DATA. failures: three ways to go wrong.
roughness: of the target over four descriptions, and what a search there finds. The numbers of each are printed.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import sem, spearmanr, t

from latscape import gp, lab, plot
from latscape.campaign import Campaign
from latscape.lab.synthetic import charged, domains
from latscape.metrics.roughness import roughness
from latscape.plot.styling import PALETTE, STD_MAP, report_style
from latscape.studies.explore.diagnostics import diagnostics, one_step_predictions, skill
from latscape.studies.explore.stages import DECAY
from latscape.studies.explore.truth import ground_truth, score

HERE = Path(__file__).parent
SEEDS = range(5)


def explored(scan, rule, seed=0, budget=180, n_initial=20, batch=20, side=16, surrogate=None, noise=0.0, describe=True):
    """A run over a scan: rows, mean, std, embedding, indices of the measured places."""
    plain = lab.candidates_of(scan.image, scan.coordinates, side)
    seen = lab.Invariants(plain.patches) if describe else None
    space = lab.candidates_of(scan.image, scan.coordinates, side, describe=seen)
    campaign = Campaign(space, surrogate or gp.ExactGP(noise="broad"), "log_ei", seed)
    experiment = lab.Experiment(lab.ReplayInstrument(scan, noise=noise, seed=seed), rule)
    result = campaign.run(
        experiment, n_initial=n_initial, budget=budget, batch=batch, maps=True, evaluate_optimum=False
    )
    index = {tuple(place): k for k, place in enumerate(scan.coordinates)}
    measured = np.array([index[tuple(one.point)] for one in result.evaluations])
    embed = getattr(result.model, "embed", None)
    inputs = space.features(result.candidates, space.decode(result.candidates))
    told = one_step_predictions(campaign.record, result.evaluations, dict(enumerate(measured)))
    said = diagnostics(result.evaluations, plain.patches, measured, told, None if embed is None else embed(inputs))
    return result, measured, None if embed is None else embed(inputs), (said, told)


def switching() -> Figure:
    scan, rule = domains(), lab.LoopArea()
    truth = ground_truth(scan, rule)
    result, measured, _, _ = explored(scan, rule)
    print("switching:", score(truth, result.mean, measured))
    figure = Figure(figsize=(13, 3.1), layout="constrained")
    axes = figure.subplots(1, 4)
    places = scan.coordinates
    plot.measurement_path(axes[0], scan.image, places[measured])
    plot.place_map(axes[1], places, result.mean, label="predicted area")
    plot.place_map(axes[2], places, result.std, label="deviation", cmap=STD_MAP)
    plot.place_map(axes[3], places, truth, label="true area")
    for ax, title in zip(axes, ("image and path", "prediction", "uncertainty", "truth"), strict=True):
        ax.set_title(title)
    return figure


def charge() -> Figure:
    made = charged()
    com = np.array([lab.centre_of_mass(made.scan.measurement(i)) for i in range(len(made.scan))])
    fields = lab.field(1e-3 * com.T.reshape(2, 48, 48), made.kilovolts)
    phi, truth = lab.potential(fields, made.pixel), made.potential - made.potential.mean()
    error = np.sqrt(np.mean((phi - truth) ** 2)) / truth.std()
    print(
        f"charged: field error {np.sqrt(np.mean((fields - made.fields) ** 2)) / made.fields.std():.3f}, "
        f"potential error {error:.3f} of their deviations"
    )
    figure = Figure(figsize=(13, 3.1), layout="constrained")
    axes, places = figure.subplots(1, 4), made.scan.coordinates
    shown = {
        "true potential [nV m]": 1e9 * truth,
        "recovered [nV m]": 1e9 * phi,
        "true field [V]": np.hypot(*made.fields),
        "recovered [V]": np.hypot(*fields),
    }
    for ax, (title, values) in zip(axes, shown.items(), strict=True):
        plot.place_map(ax, places, values.ravel(), label=title)
        ax.set_title(title.partition(" [")[0])
    return figure


def scalarizers() -> Figure:
    return overlaid(domains(), {"loop area": lab.LoopArea(), "smallest coercive bias": Softness()}, budget=100)


def rewards() -> Figure:
    """On a real sample, which needs $LATSCAPE_DATA."""
    rules = {"loop height": lab.LoopHeight(), "smallest coercive bias": Softness()}
    return overlaid(lab.scene("pto-beps"), rules, budget=180, n_initial=36, batch=36)


def overlaid(scan: lab.Scan, rules: dict, **options) -> Figure:
    """The paths of two experiments from the same starts, and how alike what they look for is."""
    truths, paths = {name: ground_truth(scan, rule) for name, rule in rules.items()}, []
    for name, rule in rules.items():
        result, measured, _, _ = explored(scan, rule, **options)
        paths.append(scan.coordinates[measured])
        print(f"{name}:", score(truths[name], result.mean, measured))
    shared = len({tuple(place) for place in paths[0]} & {tuple(place) for place in paths[1]})
    likeness = spearmanr(*truths.values(), nan_policy="omit").statistic
    print(f"{shared} of {len(paths[0])} places in both, starts included; rank correlation of the truths {likeness:.2f}")
    figure = Figure(figsize=(5.2, 5.2), layout="constrained")
    plot.measurement_path(figure.subplots(), scan.image, paths, names=list(rules))
    return figure


class Softness:
    """How easily it switches: minus half the width of the loop at half its height."""

    def __call__(self, measurement: lab.Measurement) -> float:
        return -lab.LoopArea()(measurement) / (2 * float(np.ptp(np.percentile(measurement.values, (10, 90)))))


def failures() -> Figure:
    scan, rule = domains(size=40), lab.LoopArea()
    truth = ground_truth(scan, rule)
    inside = np.argsort(-lab.Window(8)(scan.image, scan.coordinates).min(axis=(1, 2)))[:200]
    one_phase = scan.coordinates[np.random.default_rng(0).choice(inside, 20, replace=False)]
    cases = {
        "starts in one phase": {"n_initial": one_phase, "budget": 20},
        "noisy scalarizer": {"noise": 3.0, "budget": 60, "batch": 10},
        "network that remembers": {"surrogate": gp.DeepKernel(decay=0.0), "describe": False, "side": 8, "budget": 60},
    }
    figure = Figure(figsize=(12, 3.4), layout="constrained")
    axes = figure.subplots(1, 4)
    for ax, (name, options) in zip(axes, cases.items(), strict=False):
        result, measured, embedding, (said, told) = explored(scan, rule, **options)
        foreseen = f"skill {skill(told):.2f}" if len(told) else "nothing acquired"
        print(f"{name}: {score(truth, result.mean, measured)}; {foreseen}; {said}")
        if embedding is None:
            plot.place_map(ax, scan.coordinates, result.mean, measured=scan.coordinates[measured], label="prediction")
        else:
            plot.embedding(ax, embedding, truth, measured, label="truth")
        ax.set_title(name)
    plot.place_map(axes[3], scan.coordinates, truth, label="truth")
    axes[3].set_title("truth")
    return figure


def rough() -> Figure:
    """Roughness of the target over what a surrogate sees, against what a search there finds, over several samples."""
    rows: dict[str, list[tuple[float, float, float]]] = {}
    for seed in SEEDS:
        for name, found in described(seed).items():
            rows.setdefault(name, []).append(found)
    figure = Figure(figsize=(9.5, 3.9), layout="constrained")
    axes = figure.subplots(1, 2)
    for (name, found), color, marker in zip(rows.items(), PALETTE, "osD^", strict=False):
        table = np.array(found)
        mean, half = table.mean(axis=0), t.ppf(0.975, len(table) - 1) * sem(table)
        numbers = (f"{a:.2f} ± {b:.2f}" for a, b in zip(mean, half, strict=True))
        print(f"{name}: roughness, share of the best found, regret:", *numbers)
        for ax, column in zip(axes, (2, 1), strict=True):
            ax.scatter(table[:, 0], table[:, column], s=16, color=color, marker=marker, alpha=0.5, linewidths=0)
            bars = {"xerr": half[0], "yerr": half[column], "color": color, "marker": marker}
            ax.errorbar(mean[0], mean[column], markersize=8, capsize=3, linestyle="none", label=name, **bars)
    for k, word in ((2, "regret"), (1, "share of the best found")):
        samples = np.array(list(rows.values())).swapaxes(0, 1)  # (samples, descriptions, numbers)
        each = [spearmanr(one[:, 0], one[:, k]).statistic if np.ptp(one[:, k]) else 0.0 for one in samples]
        half = t.ppf(0.975, len(each) - 1) * sem(each)
        print(f"rank correlation of roughness and {word} within a sample: {np.mean(each):+.2f} ± {half:.2f}")
    for ax, label in zip(axes, ("regret [standard deviations]", "share of the best 5 % of places found"), strict=True):
        ax.set_xlabel("roughness of the target over the space")
        ax.set_ylabel(label)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def described(seed: int) -> dict[str, tuple[float, float, float]]:
    """Of one sample in each description: roughness, share of the best found, regret."""
    scan, rule = domains(size=40, seed=seed), lab.LoopArea()
    truth = ground_truth(scan, rule)
    plain = lab.candidates_of(scan.image, scan.coordinates, 16).patches
    small = lab.candidates_of(scan.image, scan.coordinates, 8).patches
    spaces = {
        "2 principal components": lab.Components(small, 2)(small),
        "6 principal components": lab.Components(small, 6)(small),
        "invariants": lab.Invariants(plain)(plain),
    }
    spaces["deep kernel, embedding of invariants"] = deep(spaces["invariants"], truth, seed)
    return {name: (roughness(z / z.std(axis=0), truth), *regret(scan, z, truth, seed)) for name, z in spaces.items()}


def deep(inputs: np.ndarray, truth: np.ndarray, seed: int) -> np.ndarray:
    """The embedding a deep kernel learns from 80 random places."""
    chosen = np.random.default_rng(seed).permutation(len(truth))[:80]
    values = (truth[chosen] - truth[chosen].mean()) / truth[chosen].std()
    return gp.DeepKernel(decay=DECAY, seed=seed).refit(inputs[chosen], values, field=inputs).embed(inputs)


def regret(scan: lab.Scan, z: np.ndarray, truth: np.ndarray, seed: int) -> tuple[float, float]:
    """Share of the best found and regret after measuring 5 % by an exact GP over a space."""
    from latscape.campaign import Candidates

    space = Candidates(z, scan.coordinates)
    campaign = Campaign(space, gp.ExactGP(noise="broad"), "log_ei", seed)
    index = {tuple(place): k for k, place in enumerate(scan.coordinates)}
    options = {"n_initial": 16, "budget": 80, "batch": 16, "evaluate_optimum": False}
    result = campaign.run(lab.Experiment(lab.ReplayInstrument(scan), lab.LoopArea()), **options)
    found = score(truth, result.mean, np.array([index[tuple(one.point)] for one in result.evaluations]))
    return found["top_found"], found["regret"]


PICTURES = {
    "switching": switching,
    "charged": charge,
    "scalarizers": scalarizers,
    "rewards": rewards,
    "failures": failures,
    "roughness": rough,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=PICTURES, default=list(PICTURES))
    for name in parser.parse_args().only:
        with report_style():
            PICTURES[name]().savefig(HERE / f"{name}.png", dpi=90)


if __name__ == "__main__":
    main()
