"""What Tab offers, as the shells ask for it."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from photodrag.pipeline.cli import main
from photodrag.pipeline.cli.commands.completion import SHELLS


def offered(*words):
    """Types and values for the last of the words, as bash gets them."""
    env = {
        "_PHOTODRAG_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["photodrag", *words]),
        "COMP_CWORD": str(len(words)),
    }
    done = CliRunner().invoke(main, prog_name="photodrag", env=env)
    return [tuple(line.split(",", 1)) for line in done.output.split()]


@pytest.mark.parametrize("shell", SHELLS)
def test_script_asks_this_program(shell):
    done = CliRunner().invoke(main, ["completion", shell], prog_name="photodrag")
    assert done.exit_code == 0
    assert f"_PHOTODRAG_COMPLETE={shell}_complete" in done.output
    assert "photodrag" in done.output


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (["ses"], ["session"]),
        (["edit", "--adjust", "smi"], ["smile=0.5"]),
        (["edit", "--mask", "mouth+ey"], ["mouth+eyes"]),
        (["edit", "--mask", "mouth+mo"], [""]),
        (["edit", "--drag", "chi"], ["chin"]),
        (["edit", "--checkpoint", "ffhq-m"], ["ffhq-mobile"]),
        (["checkpoints", "fetch", "afhq"], ["afhqcat", "afhqdog", "afhqwild", "afhqv2"]),
        (["checkpoints", "info", "net.p"], [""]),
        (["edit", "--face", "a"], ["all"]),
        (["align", "--face", "a"], []),
        (["edit", "--composite", "p"], ["paste", "poisson"]),
        (["edit", "--set", "drag.me"], ["drag.method=template"]),
        (["edit", "--set", "drag.method=f"], ["drag.method=free"]),
        (["edit", "--set", "drag.compiled="], ["drag.compiled=true", "drag.compiled=false"]),
        (["edit", "--set", "tune.ste"], ["tune.steps=60", "tune.step_size=0.003"]),
        (["session", "edit", "--set", "tune"], []),
        (["edit", "--no-g"], []),
        (["session", "undo", "me"], [""]),
    ],
)
def test_tab_offers(words, values):
    found = offered(*words)
    if values == [""]:  # the shell's own files or folders
        kind = "dir" if words[0] == "session" else "file"
        assert found == [(kind, words[-1])]
    else:
        assert found == [("plain", value) for value in values]


def test_offering_loads_nothing_heavy():
    heavy = ("torch", "cv2", "dlib", "PIL", "numpy", "rich")
    code = (
        "import sys\n"
        "from photodrag.pipeline.cli import main\n"
        "try: main(prog_name='photodrag')\n"
        "except SystemExit: pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules])\n"
    )
    for option in ("--adjust", "--mask", "--drag", "--checkpoint", "--set"):
        env = os.environ | {
            "_PHOTODRAG_COMPLETE": "bash_complete",
            "COMP_WORDS": f"photodrag edit {option} m",
            "COMP_CWORD": "3",
        }
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, text=True, env=env
        )
        assert done.stdout.splitlines()[-1] == "[]"
