"""A training on disk: all that its next epoch depends on, so that one which was stopped ends as it would have."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from latscape.autoencoders import store
from latscape.autoencoders.source import BatchSource
from latscape.errors import InputError
from latscape.parts.codec import dump

FORMAT = "latscape-training-1"


@dataclass(frozen=True)
class Snapshot:
    """A training between two epochs."""

    tensors: Mapping[str, Tensor]  # weights, moments of Adam, state of the generator, best weights
    facts: Mapping[str, Any]  # numbers and histories, as JSON holds them

    def part(self, prefix: str) -> dict[str, Tensor]:
        """Tensors whose name begins with `prefix` and a dot, without it."""
        return {name[len(prefix) + 1 :]: value for name, value in self.tensors.items() if name.startswith(f"{prefix}.")}


@dataclass(frozen=True)
class Checkpoint:
    """A file that is written every so many epochs, whole or not at all, and read if it is there."""

    path: Path
    every: int  # epochs from one writing to the next; the last epoch is always written
    identity: str  # digest of what must be the same for training to go on; see `identity`

    def save(self, snapshot: Snapshot) -> None:
        """Replace what is there."""
        header = {"format": FORMAT, "identity": self.identity, "facts": json.dumps(snapshot.facts)}
        store.write(snapshot.tensors, header, self.path)

    def load(self) -> Snapshot | None:
        """What was saved, if anything.

        Raises
        ------
        InputError
            If the file is of something else, or of another training, or nothing can be written there.
        """
        if not self.path.exists():
            self._check_folder()
            return None
        with store.reading(self.path, "a checkpoint written by latscape", "another path, or removing the file"):
            header, tensors = store.contents(self.path)
            if header.get("format") != FORMAT:
                raise ValueError("another format")
            snapshot = Snapshot(tensors, json.loads(header["facts"]))
        if header["identity"] != self.identity:
            got = f"{self.path}, of other options or other samples"
            raise InputError("a checkpoint of this training", got, "another path, or removing the file")
        return snapshot

    def _check_folder(self) -> None:
        """Better now than after some epochs."""
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError("a place that can be written", f"{self.path} ({error})", "another folder") from error
        if not os.access(folder, os.W_OK):
            raise InputError("a place that can be written", str(self.path), "another folder")


def identity(kind: str, options: Mapping[str, Any], terms: list[str], data: BatchSource) -> str:
    """Digest of an estimator's options, the names of its terms, and its data: how many, the first and the last."""
    batch = data.take(torch.tensor([0, len(data) - 1], device=data.device))
    ends = hashlib.sha256(batch.x.cpu().numpy().tobytes() + batch.target.cpu().numpy().tobytes()).hexdigest()
    said = dump({"kind": kind, "options": store.portable(options), "terms": terms, "n": len(data)})
    return hashlib.sha256(f"{said}{ends}".encode()).hexdigest()
