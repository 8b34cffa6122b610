"""What docs/plasmonics.md shows is run, as a reader would; its pictures and links are there."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "plasmonics.md"


def test_the_blocks_of_the_page_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) >= 3
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)


def test_its_pictures_and_links_exist():
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", PAGE.read_text(encoding="utf-8"))
    assert [target for target in targets if "://" not in target and not (PAGE.parent / target).exists()] == []
