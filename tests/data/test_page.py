"""The tables of the page on data are those of the code."""

from pathlib import Path

import pytest

from latscape.data import file_formats, published

PAGE = Path(__file__).parents[2] / "docs" / "data.md"


def table(head, rows):
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))


def formats():
    rows = [[how.name, " ".join(how.suffixes).replace("-ubyte", "*-ubyte"), how.needs or "-"] for how in file_formats()]
    return table(["files", "names end in", "needs, of the extra `io`"], rows)


def sets():
    rows = [
        [f"`{one.name}`", one.title, one.purpose, f"{one.size / 1e6:.2g} MB", one.licence, one.citation, one.source]
        for one in published().values()
    ]
    return table(["set", "what it is", "for", "size", "licence", "cite", "source"], rows)


@pytest.mark.parametrize("made", [formats, sets])
def test_the_tables_of_the_page_are_those_of_the_code(made):
    assert made() in PAGE.read_text(encoding="utf-8"), f"docs/data.md lacks this table:\n{made()}"
