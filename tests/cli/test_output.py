"""Tables as users see them: numbers whole on any terminal, everything in a file."""

import io
import subprocess
import sys

import pytest

from latscape.cli import output

HEAD = ["model", "accuracy", "NMI", "extracted", "held-out ELBO"]
ROWS = [["jrVAE, schedule found by zBO", "0.944", "0.897", "7", "-92.31"], ["VAE", "0.4", "0.362", "1", "-1234.5"]]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("columns", [20, 50, 80, 200])
def test_numbers_are_never_cut_on_a_terminal(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", Terminal())
    output.write_rows(HEAD, ROWS)
    shown = sys.stdout.getvalue()
    assert "…" not in shown
    for cell in [cell for row in [HEAD, *ROWS] for cell in row[1:]]:
        assert cell in shown
    assert all(word in shown for word in ROWS[0][0].split())


def test_rows_in_a_file_are_lines_however_long(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "40")
    output.write_rows(["run", "about"], [["a", "many words " * 20]])
    _, line = capsys.readouterr().out.splitlines()
    assert line.split() == ["a", *["many", "words"] * 20]


def test_the_package_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "latscape", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("latscape ")
