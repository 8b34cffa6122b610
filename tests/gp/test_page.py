"""What the page of the surrogates shows is run, and its pictures exist."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "gp.md"


def test_the_blocks_of_the_page_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), names)


def test_the_pictures_of_the_page_exist():
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", PAGE.read_text(encoding="utf-8"))
    assert [target for target in targets if "://" not in target and not (PAGE.parent / target).exists()] == []
