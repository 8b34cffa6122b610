"""What a kind of run is: one folder with `spec.py`, `stages.py` and `page.py`, each imported when it is needed."""

from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from latscape import parts
from latscape.errors import InputError
from latscape.parts.registry import registered_parts

if TYPE_CHECKING:
    from latscape.options import Options
    from latscape.runs.stages import Stages
    from latscape.runs.story import Story


@dataclass(frozen=True)
class RunKind:
    """A kind of run, registered as `("run", word)`; importing it imports nothing of what it does.

    Parameters
    ----------
    word
        Its name on the command line and in the list of runs.
    about
        What it does, in a phrase.
    package
        The folder: `SPEC`, a class of options, in its `spec`; `STAGES` in its `stages`; `STORY` in its `page`.
    variant
        Put in front of the three names, for two kinds that share a folder: "MOS2_" for `MOS2_SPEC`.
    command
        Whether it is a command of its own, and not one below `latscape study`.
    hidden
        Whether it is no command at all: its runs begin in Python.
    examples
        Commands, for the help.
    """

    word: str
    about: str
    package: str
    variant: str = ""
    command: bool = False
    hidden: bool = False
    examples: tuple[str, ...] = ()

    @property
    def spec(self) -> "type[Options]":
        """What may be chosen."""
        return self._part("spec", "SPEC")

    @property
    def stages(self) -> "Stages":
        """What is done, in order."""
        return self._part("stages", "STAGES")

    @property
    def story(self) -> "Story":
        """What is said and shown of it."""
        return self._part("page", "STORY")

    def _part(self, module: str, name: str) -> Any:
        found = import_module(f"{self.package}.{module}")
        return getattr(found, f"{self.variant}{name}", None) or getattr(found, name)


def run_kinds() -> dict[str, RunKind]:
    """All kinds of run by word; the few lines that say what each is are imported.

    Those of a plugin that cannot be imported are left out here, so that it does not hide the others; `latscape parts`
    says what is wrong with it.
    """
    found: dict[str, RunKind] = {}
    for word, entry in registered_parts("run").items():
        with suppress(InputError):
            found[word] = entry.load()
    return found


def run_kind(word: str) -> RunKind:
    """The kind of run that a word names."""
    return parts.find_part("run", word).load()
