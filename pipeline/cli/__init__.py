"""The command line. A command parses, calls the library and prints; torch is loaded only then."""

from __future__ import annotations

import os

import click

from ..runtime.memory import load_at_once
from .commands.adjustments import adjustments
from .commands.align import align
from .commands.apply import apply_recipe
from .commands.batch import batch
from .commands.cache import cache
from .commands.checkpoints import checkpoints
from .commands.completion import completion
from .commands.drag import drag
from .commands.edit import edit
from .commands.generate import generate
from .commands.info import info
from .commands.invert import invert
from .commands.landmarks import landmarks
from .commands.session import session
from .commands.studio import studio
from .environment import take_from_environment
from .errors_as_lines import FailingGroup

__all__ = ["main"]


@click.group(
    "photodrag",
    cls=FailingGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="photodrag", prog_name="photodrag")
def main() -> None:
    """Edit real portraits by dragging points.

    Nothing of your photo leaves this machine. The first use fetches a face generator.

    \b
    Examples:
      photodrag landmarks me.jpg -o numbered.png
      photodrag edit me.jpg -o smile.jpg --drag 'mouth_left->-4%,-4%' --drag 'mouth_right->+4%,-4%'

    Each option can come from the environment: PHOTODRAG_EDIT_DEVICE=cpu is --device of edit.

    \b
    Exit codes:
      0    done; whether all points arrived is told in the last line and the report
      1    the input cannot be used: one line says what to change
      2    the command was not written as its help says
      3    a batch has ended, and some of its photos failed
      130  interrupted; nothing was written (of a batch: what was done so far)
    """
    load_at_once()
    # Read when torch loads (GNU's OpenMP). By default its threads spin for a millisecond while they
    # wait for each other, and with anything else on the machine a step takes up to 30 times as
    # long; threads that sleep at once take half as long again on a quiet one.
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    # Read when numpy loads. Its own threads spin for 30 ms after each product of matrices, and take
    # a core from PyTorch's meanwhile; ours are too small to gain by them.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


_COMMANDS = (
    *(edit, studio, session, apply_recipe, batch),
    *(adjustments, align, landmarks, invert, drag, generate, checkpoints, cache, info),
    completion,
)
for _command in _COMMANDS:
    main.add_command(_command)
take_from_environment(main, "PHOTODRAG")
