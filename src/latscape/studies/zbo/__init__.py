"""Find the training schedule of a joint autoencoder by latent Bayesian optimization, and compare what it is worth."""

from latscape.runs import RunKind

KIND = RunKind(
    "zbo",
    "find the training schedule of a joint autoencoder by latent Bayesian optimization, and compare what it is worth",
    __name__,
    command=True,
    examples=("latscape zbo mnist", "latscape zbo plasmonics --classes 7", "latscape zbo patches.npy --classes 4"),
)
