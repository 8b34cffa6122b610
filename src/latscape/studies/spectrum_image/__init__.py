"""A spectrum image by VAE and by NMF."""

from latscape.runs import RunKind

KIND = RunKind(
    "spectrum-image",
    "a spectrum image by VAE and by NMF",
    __name__,
    examples=("latscape study spectrum-image", "latscape study spectrum-image --input eds.hspy --latent 6"),
)
