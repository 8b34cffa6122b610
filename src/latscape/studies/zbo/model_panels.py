"""Panels of the comparison: images, what each model learned of them, scores, and what the objective is worth."""

from functools import partial

import numpy as np
from matplotlib.figure import Figure

from latscape import plot
from latscape.plot.images import visible
from latscape.runs import Panel, axes_panel
from latscape.studies.zbo.contenders import TITLES
from latscape.studies.zbo.objective import Images
from latscape.studies.zbo.results import ZboRun, comparison, evaluations, label_free_numbers, means, paired, trained

#: Scores that are drawn side by side: axis, and how to read it.
SCORES = {
    "accuracy": (
        "class accuracy, held-out images",
        "Share of held-out images in the right class, when each class found is given the label that suits it best.",
    ),
    "nmi": (
        "NMI, held-out images",
        "Normalized mutual information between classes found and labels: 0 says nothing, 1 says all.",
    ),
}


def sample_panel(images: Images) -> Panel:
    """Figure 7a: some of the training images."""
    shown, caption = visible(images), "Some of the images the models learn from."
    look = {"images": shown, "columns": 20, "low": float(shown.min()), "high": float(shown.max())}
    return axes_panel("samples", caption, plot.image_grid, title="a  Images", size=(11.0, 1.6), wide=True, **look)


def manifold_panel(run: ZboRun, key: str, letter: str) -> Panel:
    """Figure 7b-d: what a model decodes to over its latent plane, class by class."""
    model, columns, accuracy = trained(run, key), 5, means(run, "accuracy").get(key)
    images = np.stack([visible(one) for one in model.manifold(size=max(run.spec.grid, 5))])
    what = "Each square is one class the model found" if model.classes else "This model knows no classes"
    score = "" if accuracy is None else f" Class accuracy {accuracy:.0%}."
    clean = " One kind of image per square is what one hopes for." if model.classes else ""
    caption = f"{TITLES[key]}.{score} {what}; inside it the two latent numbers run down and to the right.{clean}"

    def draw(figure: Figure) -> None:
        plot.manifolds(figure, images, columns=columns)
        figure.suptitle(f"{letter}  {TITLES[key]}", x=0.01, ha="left", fontsize=10.5, fontweight="bold")

    rows = -(-run.spec.classes // columns)  # a model without classes has one square, as high as all of them
    return Panel(f"manifold-{key.replace('_', '-')}", caption, draw, (5.4, 5.4 * rows / columns + 0.45))


def score_panels(run: ZboRun) -> list[Panel]:
    """Accuracy and NMI side by side; without labels nothing."""
    table, size = comparison(run), (5.4, 2.6)
    known = {score for rows in table.values() for row in rows for score in row if row[score] is not None}
    look = {"table": table, "titles": TITLES}
    return [
        axes_panel(f"comparison-{score}", caption, plot.model_comparison, size=size, score=score, label=label, **look)
        for score, (label, caption) in SCORES.items()
        if score in known
    ]


def trust_panels(run: ZboRun, rhos: dict[str, dict[str, float]]) -> list[Panel]:
    """One scatter per label-free number against the accuracy of the same evaluation."""
    panels, numbers = [], label_free_numbers()
    for name, rho in rhos.items():
        number = numbers[name]
        x, y = paired(evaluations(run), number, "accuracy")
        draw = partial(plot.objective_correlation, objective=x, truth=y, rho=rho["accuracy"], name=number.heading)
        wish = "It earns trust if the dots rise to the right."
        if name == "l2":
            wish = "l2 enters with a minus sign: it would earn trust if the dots fell to the right."
        panels.append(axes_panel(f"trust-{name}", f"A dot per evaluation. {wish}", draw, size=(5.4, 3.2)))
    return panels
