"""The command line. A command parses, calls the library and prints; torch is loaded only then."""

from __future__ import annotations

import os

import click

from .adjustments import adjustments
from .align import align
from .apply import apply_recipe
from .batch import batch
from .cache import cache
from .checkpoints import checkpoints
from .drag import drag
from .edit import edit
from .failing import FailingGroup
from .generate import generate
from .invert import invert
from .landmarks import landmarks
from .session import session
from .studio import studio

__all__ = ["main"]


@click.group(
    "photodrag", cls=FailingGroup, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="photodrag", prog_name="photodrag")
def main() -> None:
    """Edit real portraits by dragging points.

    Nothing of your photo leaves this machine. The first use fetches a face generator.

    \b
    Examples:
      photodrag landmarks me.jpg -o numbered.png
      photodrag edit me.jpg -o smile.jpg --drag 'mouth_left->-4%,-4%' --drag 'mouth_right->+4%,-4%'

    Bad input ends with one line that says what to change, and exit code 1.
    """
    # Read when torch loads (GNU's OpenMP). By default its threads spin for a millisecond while they
    # wait for each other, and with anything else on the machine a step takes up to 30 times as
    # long; threads that sleep at once take half as long again on a quiet one.
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "10000")


_COMMANDS = (
    *(edit, studio, session, apply_recipe, batch),
    *(adjustments, align, landmarks, invert, drag, generate, checkpoints, cache),
)
for _command in _COMMANDS:
    main.add_command(_command)
