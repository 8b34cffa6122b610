"""What the pages show is run: the blocks of a page one after the other, as a reader would."""

import pkgutil
import re
import tomllib
from pathlib import Path

import pytest

import latscape
from latscape.parts import registry

DOCS = Path(__file__).parents[1] / "docs"
MODELS = sorted((DOCS / "models").glob("*.md"))
PAGES = sorted([*MODELS, *DOCS.glob("*.md"), *(DOCS / "studies").glob("*.md")])
EXCERPTS = {"cards"}  # parts of benchmarks/cards.py at its full size, which that benchmark runs


@pytest.fixture
def own_parts(monkeypatch):
    """What a page registers is forgotten with it."""
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem not in EXCERPTS], ids=lambda page: page.stem)
def test_the_blocks_of_a_page_run(page, tmp_path, monkeypatch, own_parts):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(compile(block, str(page), "exec"), names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_pictures_and_links_of_a_page_exist(page):
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert missing == []


def test_the_index_names_every_model():
    index = next(page for page in MODELS if page.stem == "README").read_text(encoding="utf-8")
    assert [page.name for page in MODELS if page.stem != "README" and f"({page.name})" not in index] == []


def test_the_index_names_every_page():
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in DOCS.glob("*.md") if page.stem != "README" and f"({page.name})" not in index] == []


def test_the_page_on_architecture_names_what_there_is():
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.stem for path in Path(latscape.__file__).parent.iterdir() if path.suffix in ("", ".py")}
    names = [
        name
        for name in re.findall(r"`([a-z_]+(?:\.[A-Za-z_]+)+)(?:\(.*?\))?`", page)
        if name.partition(".")[0] in rooms
    ]
    assert len(names) > 30
    missing = []
    for name in names:
        try:
            pkgutil.resolve_name(f"latscape.{name}")
        except (ImportError, AttributeError):
            missing.append(name)
    assert missing == []


def test_the_page_on_architecture_draws_every_room():
    page = (DOCS / "architecture.md").read_text(encoding="utf-8").split("```")[1]
    layers = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    rooms = re.findall(r"[a-z_]+", " ".join(layers["contracts"][0]["layers"]))
    assert [room for room in rooms if room != "__main__" and room not in page] == []
