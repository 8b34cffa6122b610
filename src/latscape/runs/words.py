"""Small words that all pages share."""


def duration(seconds: float) -> str:
    """A time people can read.

    Examples
    --------
    >>> duration(5), duration(125), duration(7260)
    ('5 s', '2 min 5 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"
