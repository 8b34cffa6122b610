"""Sentences on samples that several pages share."""

from typing import Any


def sample_words(shape: list[int]) -> tuple[str, str]:
    """What samples of a shape are, and how large.

    Examples
    --------
    >>> sample_words([28, 28]), sample_words([120])
    (('images', '28 × 28 pixels'), ('curves', '120 values'))
    """
    if len(shape) == 1:
        return "curves", f"{shape[0]} values"
    channels = f" and {shape[2]} channels" if len(shape) == 3 else ""
    return "images", f"{shape[0]} × {shape[1]} pixels{channels}"


def data_words(data: dict[str, Any]) -> str:
    """Where the samples are from and what was done to them."""
    scaled = [f"{low:g} became 0 and {high:g} became 1" for low, high in data["scaling"].values()]
    done = f" Values were scaled linearly: {'; for the target '.join(scaled)}." if scaled else ""
    return f"Samples: {data['source']} ({data['licence']}).{done}"
