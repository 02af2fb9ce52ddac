"""Options from the environment."""

import click
import pytest
from click.testing import CliRunner

from photodrag.checkpoints.cache import CACHE_VARIABLE
from photodrag.pipeline.cache.inversion_cache import SIZE_VARIABLE
from photodrag.pipeline.cli import main


def options(command=main):
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield parameter
    for inner in getattr(command, "commands", {}).values():
        yield from options(inner)


VARIABLES = [option.envvar for option in options() if option.envvar]


def run(*args, **env):
    return CliRunner().invoke(main, [str(arg) for arg in args], env=env)


def test_each_visible_option_has_a_variable_of_its_own():
    assert len(VARIABLES) == len(set(VARIABLES)) > 80
    for name in ("EDIT_DEVICE", "EDIT_NO_CACHE", "SESSION_NEW_INVERSION", "CHECKPOINTS_FETCH_FROM"):
        assert f"PHOTODRAG_{name}" in VARIABLES
    assert not any(option.envvar for option in options() if option.hidden)


@pytest.mark.parametrize(
    "name", [CACHE_VARIABLE, SIZE_VARIABLE, "PHOTODRAG_NO_BROWSER", "PHOTODRAG_VERSION"]
)
def test_other_variables_mean_no_option(name):
    assert name not in VARIABLES
    done = run("cache", "list", "--json", **{"PHOTODRAG_VERSION": "7", SIZE_VARIABLE: "5MB"})
    assert '"limit": 5000000' in done.stdout


def test_an_option_comes_from_its_variable(small_portrait, tmp_path):
    out = tmp_path / "out.png"
    edit = ["edit", small_portrait, "-o", out, "--adjust", "smile=0.4"]
    assert "abacus" in run(*edit, PHOTODRAG_EDIT_DEVICE="abacus").stderr
    given = run(*edit, "--device", "harp", PHOTODRAG_EDIT_DEVICE="abacus")
    assert "harp" in given.stderr
    assert "tune.stepz" in run(*edit, PHOTODRAG_EDIT_SET="seed=3 tune.stepz=1").stderr
    wrong = run(*edit, PHOTODRAG_EDIT_INVERSION="slow")
    assert wrong.exit_code == 2
    assert "PHOTODRAG_EDIT_INVERSION" in wrong.stderr or "--inversion" in wrong.stderr


def test_a_flag_comes_from_its_variable(tmp_path):
    assert run("cache", "list", PHOTODRAG_CACHE_LIST_JSON="1").stdout.startswith("{")
    assert not run("cache", "list", PHOTODRAG_CACHE_LIST_JSON="0").stdout.startswith("{")
