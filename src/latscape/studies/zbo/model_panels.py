"""Panels of the comparison: images, what each model learned of them, scores, and what the objective is worth."""

from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from latscape import plot
from latscape.plot.images import visible
from latscape.runs import Panel, on_axes
from latscape.studies.zbo.contenders import TITLES
from latscape.studies.zbo.objective import Images, Objective
from latscape.studies.zbo.results import ZboRun, comparison, evaluations, label_free_numbers, mean, paired, trained


def sample_panel(images: Images) -> Panel:
    """Figure 7a: some of the training images."""
    shown = visible(images)
    low, high = float(shown.min()), float(shown.max())
    draw = partial(plot.samples, images=shown, columns=20, low=low, high=high)
    return Panel(
        "samples", "Some of the images the models learn from.", on_axes("a  Images", draw), (11.0, 1.6), wide=True
    )


def manifold_panel(run: ZboRun, key: str, letter: str) -> Panel:
    """Figure 7b-d: what a model decodes to over its latent plane, class by class."""
    model = trained(run, key)
    columns = 5
    cells = model.manifold(size=max(run.spec.grid, 5))
    images = np.stack([visible(one) for one in cells])
    rows = -(-run.spec.classes // columns)
    what = "Each square is one class the model found" if model.classes else "This model knows no classes"
    accuracy = mean(comparison(run).get(key, []), "accuracy")
    score = "" if accuracy is None else f" Class accuracy {accuracy:.0%}."
    clean = " One kind of image per square is what one hopes for." if model.classes else ""
    caption = f"{TITLES[key]}.{score} {what}; inside it the two latent numbers run down and to the right.{clean}"

    def draw(figure: Figure) -> None:
        plot.manifolds(
            figure, images, columns=columns
        )  # a model without classes has one square, as high as all of them
        figure.suptitle(f"{letter}  {TITLES[key]}", x=0.01, ha="left", fontsize=10.5, fontweight="bold")

    return Panel(f"manifold-{key.replace('_', '-')}", caption, draw, (5.4, 5.4 * rows / columns + 0.45))


def score_panels(run: ZboRun) -> list[Panel]:
    """Accuracy and NMI side by side; without labels nothing."""
    table = comparison(run)
    panels = []
    for score, label, caption in (
        (
            "accuracy",
            "class accuracy, held-out images",
            "Share of held-out images in the right class, when each class found is given the label that suits it best.",
        ),
        (
            "nmi",
            "NMI, held-out images",
            "Normalized mutual information between classes found and labels: 0 says nothing, 1 says all.",
        ),
    ):
        if any(row.get(score) is not None for rows in table.values() for row in rows):
            draw = partial(plot.comparison, table=table, score=score, label=label, titles=TITLES)
            panels.append(Panel(f"comparison-{score}", caption, on_axes("", draw), (5.4, 2.6)))
    return panels


def trust_panels(run: ZboRun, rhos: dict[str, dict[str, float]]) -> list[Panel]:
    """One scatter per label-free number against the accuracy of the same evaluation."""
    numbers = label_free_numbers()
    return [
        Panel(
            f"trust-{name}",
            f"A dot per evaluation. {_wish(name)}",
            on_axes("", partial(_trust, run=run, number=numbers[name], rho=rhos[name]["accuracy"])),
            (5.4, 3.2),
        )
        for name in rhos
    ]


def _trust(ax: Axes, run: ZboRun, number: Objective, rho: float) -> None:
    x, y = paired(evaluations(run), number, "accuracy")
    plot.objective_trust(ax, x, y, rho=rho, name=number.heading)


def _wish(name: str) -> str:
    if name == "l2":
        return "l2 enters with a minus sign: it would earn trust if the dots fell to the right."
    return "It earns trust if the dots rise to the right."
