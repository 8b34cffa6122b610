"""What the README shows is run."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[-1][:40])
def test_a_block_of_the_readme_runs(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(block, str(README), "exec"), {})


def test_a_process_of_ones_own_takes_at_most_twenty_lines():
    own = next(block for block in BLOCKS if "Campaign" in block)
    assert len([line for line in own.splitlines() if line.strip() and not line.startswith("import")]) <= 20
