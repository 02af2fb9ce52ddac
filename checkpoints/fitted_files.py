"""Files of small networks that were fitted to one generator's weights, in half precision.

A file names the fingerprint of its generator; with any other generator it is not used.
`scripts/fitted_files.py` writes them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import safetensors.torch
from torch import nn

from photodrag.errors import CheckpointError

Network = TypeVar("Network", bound=nn.Module)
FORMAT = 1


@dataclass(frozen=True)
class FittedFiles:
    """One kind of such files: their names' ending, their metadata's key, their name in errors."""

    ending: str
    key: str
    what: str

    def find(
        self, folder: Path, fingerprint: str, build: Callable[[dict[str, Any]], Network]
    ) -> Network | None:
        """The network in a folder that was fitted to this fingerprint, or None.

        `build` makes one of the shape that a file tells. Raises CheckpointError for a file that
        cannot be read.
        """
        for path in sorted(folder.glob(f"*{self.ending}")):
            network = self._read(path, fingerprint, build)
            if network is not None:
                return network
        return None

    def _read(
        self, path: Path, fingerprint: str, build: Callable[[dict[str, Any]], Network]
    ) -> Network | None:
        try:
            with safetensors.safe_open(path, "pt") as file:
                about: Any = json.loads((file.metadata() or {})[self.key])
            if about["format"] != FORMAT:
                raise ValueError(f"format {about['format']} instead of {FORMAT}")
            if about["fingerprint"] != fingerprint:
                return None
            network = build(about)
            network.load_state_dict(safetensors.torch.load_file(path))
        except (
            OSError, safetensors.SafetensorError, LookupError, TypeError, ValueError, RuntimeError
        ) as error:  # fmt: skip
            reason = " ".join(str(error).split())
            raise CheckpointError(
                f"{self.what} in {path} cannot be read: {reason}; install photodrag again"
            ) from error
        return network
