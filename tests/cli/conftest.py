import pytest

from cli.helpers import TINY, start
from latscape.cli import main


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A whole run from the command line: its process, its output and its folder."""
    folder = tmp_path_factory.mktemp("runs")
    process = start("zbo", "mnist", *TINY, "--out", "whole", "--json", cwd=folder)
    stdout, stderr = process.communicate()
    assert process.returncode == 0, stderr
    return folder / "whole", stdout, stderr


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
