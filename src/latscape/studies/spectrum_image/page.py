"""The page of a study of a spectrum image: how well it is told by each method, and the spectra of each number."""

from functools import partial
from typing import Any

from matplotlib.figure import Figure
from numpy.typing import NDArray

from latscape import plot
from latscape.plot.styling import PALETTE
from latscape.runs import Panel, Run, Section, Table
from latscape.studies.shared.pages import stage_story
from latscape.studies.spectrum_image.spec import SpectrumSpec

_ALONG = {"eV": "energy", "keV": "energy", "nm": "wavelength", "V": "bias", "1/cm": "wavenumber", "Hz": "frequency"}


SpectrumRun = Run[SpectrumSpec]


def _data_sentence(run: SpectrumRun, found: dict[str, Any]) -> str:
    places = " × ".join(map(str, found["shape"][:2]))
    return f"{places} spectra of {found['shape'][2]} channels, {found['mean_counts']:.4g} counts each."


def _vae_sentence(run: SpectrumRun, found: dict[str, Any]) -> str:
    vae, nmf = found["vae_score"], run.numbers("nmf")["nmf_score"]
    better = "less" if vae < nmf else "more"
    return f"{_score_words(run).capitalize()}: VAE {vae:.4g}, {better} than NMF with as many numbers, {nmf:.4g}."


def _score_words(run: SpectrumRun) -> str:
    counts = run.numbers("data")["counts"]
    return "Poisson deviance per spectrum of counts that were not learned" if counts else "root mean square error"


def _nmf(run: SpectrumRun, found: dict[str, Any]) -> list[Section]:
    """Scores of all methods, and what NMF found."""
    scores, nmf = {**found, **run.numbers("vae")}, run.arrays("nmf")
    names = {"mean_score": "mean spectrum", "nmf_score": "NMF", "vae_score": "VAE"}
    rows = [[name, f"{scores[key]:.4g}"] for key, name in names.items() if key in scores]
    table, source = Table(["method", _score_words(run)], rows), run.numbers("data")["source"]
    caption, curves = "its spectrum, and where it is", [[one] for one in nmf["components"]]
    return [
        Section("How well they tell what was not seen", [f"File: {source}."], [], table),
        Section("NMF", [], _pairs(run, "nmf", "factor", caption, nmf["loading"], curves)),
    ]


def _vae(run: SpectrumRun, found: dict[str, Any]) -> Section:
    vae, caption = run.arrays("vae"), "spectra at its 5th and 95th percentile, and where it is"
    return Section("VAE", [], _pairs(run, "vae", "content", caption, vae["content"], list(vae["decoded"])))


def _pairs(
    run: SpectrumRun, name: str, what: str, caption: str, values: NDArray[Any], curves: list[Any]
) -> list[Panel]:
    """Spectra and map of every number."""
    x, numbers = run.arrays("data")["position"], run.numbers("data")
    unit, shape, counts = numbers["unit"], numbers["shape"], numbers["counts"]
    along = f"{_ALONG.get(unit, 'position')} [{unit}]" if unit else "channel"

    def draw(figure: Figure, k: int) -> None:
        above, below = figure.subplots(1, 2, width_ratios=(1.5, 1))
        for curve, color in zip(curves[k], PALETTE, strict=False):
            above.plot(x, curve, color=color, linewidth=1.0)
        above.set(xlabel=along, ylabel="counts" if counts else "intensity")
        if len(curves[k]) > 1:
            above.legend(["5th percentile", "95th percentile"], loc="upper right")
        plot.value_map(below, values[:, k].reshape(shape[:2]), label=f"{what} {k + 1}")

    return [
        Panel(f"{name}-{k + 1}", f"{what.capitalize()} {k + 1}: {caption}.", partial(draw, k=k), (9.0, 3.2), wide=True)
        for k in range(values.shape[1])
    ]


STORY = stage_story({"data": _data_sentence, "vae": _vae_sentence}, {"nmf": _nmf, "vae": _vae})
