"""The page of a study of a spectrum image: how well it is told by each method, and the spectra of each number."""

from functools import partial
from typing import Any

from matplotlib.figure import Figure
from numpy.typing import NDArray

from latscape import plot
from latscape.plot.styling import PALETTE
from latscape.runs import Panel, Run, Section, Story, Table
from latscape.studies.spectrum_image.spec import SpectrumSpec

_ALONG = {"eV": "energy", "keV": "energy", "nm": "wavelength", "V": "bias", "1/cm": "wavenumber", "Hz": "frequency"}


def headline(run: Run[SpectrumSpec]) -> list[str]:
    """What spectra, and which method tells better what it has not seen."""
    found, nmf, vae = (run.numbers(stage) for stage in ("data", "nmf", "vae"))
    if not found:
        return ["Nothing was found yet."]
    said = [
        f"{' × '.join(map(str, found['shape'][:2]))} spectra of {found['shape'][2]} channels, "
        f"{found['mean_counts']:.4g} counts each."
    ]
    if vae:
        better = "less" if vae["vae_score"] < nmf["nmf_score"] else "more"
        said.append(
            f"{_score_words(run).capitalize()}: VAE {vae['vae_score']:.4g}, {better} than NMF with as many numbers, "
            f"{nmf['nmf_score']:.4g}."
        )
    return said


def _score_words(run: Run[SpectrumSpec]) -> str:
    counts = run.numbers("data")["counts"]
    return "Poisson deviance per spectrum of counts that were not learned" if counts else "root mean square error"


def sections(run: Run[SpectrumSpec]) -> list[Section]:
    """Scores, and what each method found."""
    scores = {**run.numbers("nmf"), **run.numbers("vae")}
    if not scores:
        return []
    names = {"mean_score": "mean spectrum", "nmf_score": "NMF", "vae_score": "VAE"}
    rows = [[name, f"{scores[key]:.4g}"] for key, name in names.items() if key in scores]
    table, source = Table(["method", _score_words(run)], rows), run.numbers("data")["source"]
    found = [Section("How well they tell what was not seen", [f"File: {source}."], [], table)]
    nmf, vae = run.arrays("nmf"), run.arrays("vae")
    if nmf:
        caption, curves = "its spectrum, and where it is", [[one] for one in nmf["components"]]
        found.append(Section("NMF", [], _pairs(run, "nmf", "factor", caption, nmf["loading"], curves)))
    if vae:
        caption = "spectra at its 5th and 95th percentile, and where it is"
        found.append(Section("VAE", [], _pairs(run, "vae", "content", caption, vae["content"], list(vae["decoded"]))))
    return found


def _pairs(
    run: Run[SpectrumSpec], name: str, what: str, caption: str, values: NDArray[Any], curves: list[Any]
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
        plot.painted(below, values[:, k].reshape(shape[:2]), label=f"{what} {k + 1}")

    return [
        Panel(f"{name}-{k + 1}", f"{what.capitalize()} {k + 1}: {caption}.", partial(draw, k=k), (9.0, 3.2), wide=True)
        for k in range(values.shape[1])
    ]


STORY = Story(headline, sections)
