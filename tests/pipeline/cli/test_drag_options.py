"""What the options of the drag stand for."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from photodrag.drag import DEFAULTS, OFFICIAL
from photodrag.pipeline.cli import main
from photodrag.pipeline.option_settings import drag_settings


@pytest.mark.parametrize(("preset", "settings"), [("default", DEFAULTS), ("official", OFFICIAL)])
def test_options_change_the_preset_where_they_are_given(preset, settings):
    assert drag_settings(preset, None, None, None) == settings
    assert drag_settings(preset, 7, None, "dis") == replace(settings, max_steps=7, tracking="dis")
    assert drag_settings(preset, None, "free", None) == replace(settings, method="free")


def test_freedrag_with_a_tracking_is_one_line(portrait_path, tmp_path):
    args = ["edit", str(portrait_path), "-o", str(tmp_path / "out.png"), "--drag", "30->+5,+0"]
    done = CliRunner().invoke(main, [*args, "--method", "free", "--tracking", "dis"])
    assert done.exit_code == 1
    assert "leave the tracking out" in done.stderr
    assert len(done.stderr.splitlines()) == 1
