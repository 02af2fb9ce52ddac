"""Ctrl-C with --keep-best: a first one ends the drag, a second one the command."""

import json
import signal

import click
import pytest
from click.testing import CliRunner

from photodrag.pipeline.cli import main
from photodrag.pipeline.cli.errors_as_lines import FailingGroup
from photodrag.pipeline.cli.interrupts import EndingSignals, Interrupts
from photodrag.pipeline.cli.progress import ProgressBars

SMILE = ["--drag", "mouth_left->-5%,-4%", "--pivot-steps", "1", "--tune-steps", "0"]


class Run:
    """Something to keep, or not."""

    def __init__(self, keeps):
        self.keeps, self.asked = keeps, 0

    def finish_early(self):
        self.asked += 1
        return self.keeps


@pytest.fixture
def edit(small_portrait, tiny_checkpoint, tmp_path, monkeypatch):
    """The exit code and what it says of an edit, with Ctrl-C after the steps at these places."""

    def run(interrupts, *options):
        positions, show = list(interrupts), ProgressBars.show

        def interrupted(self, step, part=""):
            show(self, step, part)
            if positions and (step.stage, step.index) == positions[0]:
                positions.pop(0)
                signal.raise_signal(signal.SIGINT)

        monkeypatch.setattr(ProgressBars, "show", interrupted)
        args = ["edit", small_portrait, "-o", tmp_path / "out.png", *SMILE, *options]
        args += ["--checkpoint", tiny_checkpoint, "--report", tmp_path / "r.json"]
        done = CliRunner().invoke(main, [str(arg) for arg in args])
        assert not positions
        return done

    return run


def test_first_one_keeps_the_best_so_far(edit, tmp_path):
    done = edit([("drag", 2)], "--keep-best")
    assert done.exit_code == 0, done.output
    assert "dragging: 3/" not in done.output
    assert "; stopped early; " in done.output
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["stopped_early"] is True
    assert (tmp_path / "out.png").is_file()


@pytest.mark.parametrize(
    ("interrupts", "options"),
    [
        ([("drag", 2), ("composite", 1)], ["--keep-best"]),
        ([("pivot", 1)], ["--keep-best"]),
        ([("drag", 2)], []),
    ],
    ids=["second", "nothing to keep", "not asked for"],
)
def test_otherwise_nothing_is_written(edit, tmp_path, interrupts, options):
    done = edit(interrupts, *options)
    assert done.exit_code == 130
    assert done.output.splitlines()[-1] == "photodrag: interrupted; nothing was written"
    assert list(tmp_path.iterdir()) == []


def test_signals_are_as_before_afterwards():
    before = signal.getsignal(signal.SIGINT)
    for keeps in (True, False):
        run = Run(keeps)
        with Interrupts(wanted=True) as interrupts:
            interrupts.watch(run)
            if keeps:
                signal.raise_signal(signal.SIGINT)
                assert interrupts.ending
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert run.asked == 1
        assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_that_ends_is_one_interrupt(name):
    number = getattr(signal, name, None)
    if number is None:
        pytest.skip("not on this system")
    before = signal.getsignal(number)
    with EndingSignals() as signals:
        assert not signals.came
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        signal.raise_signal(number)  # at once: files are removed meanwhile
        assert signals.came
    assert signal.getsignal(number) is before


def test_signals_that_are_ignored_stay_so():
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with EndingSignals() as signals:
            signal.raise_signal(signal.SIGTERM)
            assert not signals.came
    finally:
        signal.signal(signal.SIGTERM, before)


def test_what_a_library_makes_of_an_interrupt_is_one_too():
    @click.group(cls=FailingGroup)
    def main():
        pass

    @main.command()
    def work():
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ValueError("could not determine the shape") from None

    done = CliRunner().invoke(main, ["work"])
    assert (done.exit_code, done.output) == (
        130,
        "photodrag: interrupted; nothing was written\n",
    )


@pytest.mark.parametrize(
    "error",
    [MemoryError(), ImportError("libtorch_cuda.so: failed to map segment from shared object")],
)
def test_too_little_memory_is_one_line(error):
    @click.group(cls=FailingGroup)
    def main():
        pass

    @main.command()
    def work():
        raise error

    done = CliRunner().invoke(main, ["work"])
    assert done.exit_code == 1
    assert done.output.startswith("photodrag: there is too little memory")
