"""Files of small networks that were fitted to one generator's weights, in half precision.

A file names the fingerprint of its generator; with any other generator it is not used.
`scripts/fitted_files.py` writes them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from torch import nn

from photodrag.errors import CheckpointError, ContentError
from photodrag.json_values import JsonValue

from .tensor_files import TensorFormat

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True)
class FittedFiles:
    """One kind of such files: their names' ending, their metadata's key, their name in errors."""

    ending: str
    key: str
    what: str

    def find(
        self, folder: Path, fingerprint: str, build: Callable[[JsonValue], Network]
    ) -> Network | None:
        """The network in a folder that was fitted to this fingerprint, or None.

        `build` makes one of the shape that a file's note tells. Raises CheckpointError for a file
        that cannot be read.
        """
        for path in sorted(folder.glob(f"*{self.ending}")):
            network = self._read(path, fingerprint, build)
            if network is not None:
                return network
        return None

    @property
    def format(self) -> TensorFormat:
        """The format of such a file."""
        return TensorFormat(self.key, version=1)

    def _read(
        self, path: Path, fingerprint: str, build: Callable[[JsonValue], Network]
    ) -> Network | None:
        try:
            if self.format.read_note(path)["fingerprint"].text() != fingerprint:
                return None
            note, tensors = self.format.read(path)
            network = build(note)
            network.load_state_dict(tensors)
        except (ContentError, ValueError, RuntimeError) as error:
            reason = " ".join(str(error).split())
            raise CheckpointError(
                f"{self.what} in {path} cannot be read: {reason}; install photodrag again"
            ) from error
        return network
