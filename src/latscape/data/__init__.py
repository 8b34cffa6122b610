"""Images to learn from: MNIST in the package, and the user's own files."""

from latscape.data.check import check_images
from latscape.data.dataset import Dataset
from latscape.data.io import load_images
from latscape.data.mnist import mnist

__all__ = ["Dataset", "check_images", "load_images", "mnist"]
