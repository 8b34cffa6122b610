import contextlib
import io

import pytest

from cli.helpers import TINY
from latscape.cli import main


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A whole run from the command line: its folder and its output."""
    folder, out, err = tmp_path_factory.mktemp("runs"), io.StringIO(), io.StringIO()
    quietly = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
    with contextlib.chdir(folder), quietly[0], quietly[1], pytest.raises(SystemExit) as leaving:
        main(["zbo", "mnist", *TINY, "--out", "whole", "--json"])
    assert leaving.value.code == 0, err.getvalue()
    return folder / "whole", out.getvalue(), err.getvalue()


@pytest.fixture
def command(capsys, monkeypatch, tmp_path):
    """Run a command in this process, in an empty folder; exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LATSCAPE_RUNS", raising=False)
    monkeypatch.delenv("LATSCAPE_DEBUG", raising=False)

    def run(*words):
        with pytest.raises(SystemExit) as leaving:
            main([str(word) for word in words])
        out, err = capsys.readouterr()
        return leaving.value.code, out, err

    return run
