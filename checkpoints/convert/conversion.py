"""Other people's files into photodrag's own checkpoint format, once and on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from photodrag.errors import CheckpointError

from ..store import save_checkpoint
from .pickles import read_pickle


def convert_checkpoint(
    path_in: str | Path, path_out: str | Path, notes: Mapping[str, str] | None = None
) -> Path:
    """Convert a network pickle (.pkl), or the default checkpoint's wheel (.whl), to safetensors.

    Returns the path written. `notes` are kept in the file beside what the conversion notes itself.
    """
    path_in, path_out = Path(path_in), Path(path_out)
    if path_out.suffix != ".safetensors":
        raise CheckpointError(f"{path_out} is to be a checkpoint; name it with .safetensors")
    if not path_in.is_file():
        raise CheckpointError(f"{path_in} is not a file; give a .pkl or .whl file")
    if path_in.suffix == ".safetensors":
        raise CheckpointError(f"{path_in} is safetensors already; nothing to convert")
    if path_in.suffix == ".whl":
        from .openvino import read_mobile_wheel  # noqa: PLC0415  rarely needed

        mobile_config, mobile_tensors, found = read_mobile_wheel(path_in)
        save_checkpoint(path_out, mobile_config, mobile_tensors, {**found, **(notes or {})})
    else:
        network = read_pickle(path_in)
        found = {"source": path_in.name, "network": network.network}
        save_checkpoint(path_out, network.config, network.tensors, {**found, **(notes or {})})
    return path_out
