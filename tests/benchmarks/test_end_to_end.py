import json
import sys

import click
import pytest
from click.testing import CliRunner

from benchmarks.end_to_end import empty_cache, main, run_process

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@pytest.mark.slow
def test_it_edits_twice_and_writes_json(small_portrait, tiny_checkpoint, tmp_path):
    path = tmp_path / "end_to_end.json"
    args = [str(small_portrait), "--checkpoint", str(tiny_checkpoint), "--json", str(path)]
    short = ["--megapixels", "0.15", "--pivot-steps", "2", "--tune-steps", "1"]
    done = CliRunner().invoke(main, [*args, *short])
    assert done.exit_code == 0, done.output
    result = json.loads(path.read_text())
    assert result["benchmark"] == "end_to_end"
    first, second = result["rows"]
    assert (first["edit"], second["edit"]) == ("first edit", "second edit")
    assert not first["cached"]
    assert second["cached"]
    for row in (first, second):
        assert row["width"] * row["height"] == pytest.approx(150_000, rel=0.01)
        assert row["megapixels"] == pytest.approx(0.15, rel=0.01)
        assert {"drag", "composite"} < row["stages"].keys()
        assert sum(row["stages"].values()) + row["outside"] == pytest.approx(row["seconds"])
        assert 0 < row["outside"] < row["seconds"]
    assert small_portrait.exists()


@linux
def test_memory_of_a_process_is_its_own_most():
    work = "held = b'1' * 300_000_000; del held; import time; time.sleep(0.2)"
    process = run_process([sys.executable, "-c", work], {})
    assert 300_000_000 <= process.memory < 360_000_000
    assert process.seconds >= 0.2


def test_a_failed_process_says_why():
    with pytest.raises(click.ClickException, match="no such thing"):
        run_process([sys.executable, "-c", "raise SystemExit('no such thing')"], {})


def test_the_cache_holds_the_checkpoint_only(tmp_path, monkeypatch):
    fetched = tmp_path / "users" / "checkpoints" / "ffhq-mobile.safetensors"
    fetched.parent.mkdir(parents=True)
    fetched.write_bytes(b"weights")
    monkeypatch.setattr("benchmarks.end_to_end.locate", lambda name: fetched)
    with empty_cache("ffhq-mobile", tmp_path) as cache:
        files = [path for path in cache.rglob("*") if path.is_file()]
        assert [path.read_bytes() for path in files] == [b"weights"]
        assert files[0].relative_to(cache).as_posix() == "checkpoints/ffhq-mobile.safetensors"
    assert not cache.exists()
    assert fetched.exists()
