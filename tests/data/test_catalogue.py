"""Scenes are one list: of files that data sets have, under the words that commands take."""

import pytest

from latscape.data.catalogue import find_scene, scenes_of_kind
from latscape.data.registry import published, tables
from latscape.lab.scenes import _MAKERS, SCENES
from latscape.studies.shared.options import NAMED
from latscape.studies.zbo.split import SOURCES

KINDS = ("explore", "atoms", "domains", "spectrum-image", "samples")


def test_every_scene_is_of_a_kind_and_its_files_are_published():
    every = [one for kind in KINDS for one in scenes_of_kind(kind).values()]
    assert [one.name for one in every] == list(tables()["scenes"])
    files = {file for one in published().values() for file in one.files}
    for one in every:
        assert one.about
        assert set(one.files) <= files
    assert "scenes" not in published()


def test_words_of_commands_are_those_of_the_catalogue():
    assert list(_MAKERS) == list(SCENES) == list(scenes_of_kind("explore"))
    assert list(NAMED) == list(SOURCES) == list(scenes_of_kind("samples"))
    assert all(one.scalarizers for one in SCENES.values())


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_scene_is_answered_with_those_there_are(kind, refused):
    with refused():
        find_scene(kind, "nothing")
