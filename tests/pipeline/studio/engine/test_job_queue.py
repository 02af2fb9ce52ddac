"""Jobs in a line: their order and places, and what is told when one waits, pauses, stops, fails."""

import threading

import pytest

from photodrag.errors import PhotoError
from photodrag.pipeline.studio import Done, Failed, Paused, Stopped, Waiting, Working
from photodrag.pipeline.studio.engine.job_queue import JobQueue

SECONDS = 20  # that a test waits before it fails


@pytest.fixture
def line():
    line = JobQueue("test")
    yield line
    line.close(SECONDS)


class Job:
    """Steps that each wait until they are let go; what was told of them."""

    def __init__(self, line, steps=3, error=None, can_pause=True, notify=None):
        self.told, self.closed = [], False
        self.count, self._error = 0, error
        self._gate, self.at_step = threading.Semaphore(0), threading.Semaphore(0)
        self._steps = steps
        self.ticket = line.submit(
            "edit", self._work, notify or self.told.append, can_pause=can_pause
        )

    def _work(self, ticket):
        try:
            for _ in range(self._steps):
                self.at_step.release()
                self._gate.acquire()
                self.count += 1
                if self._error is not None:
                    raise self._error
                yield
        except GeneratorExit:
            self.closed = True
            raise
        return self.count

    def let(self, steps):
        self._gate.release(steps)

    def reaches_a_step(self):
        assert self.at_step.acquire(timeout=SECONDS)

    def runs(self):
        self.let(self._steps)
        return self.ticket.wait(SECONDS)

    @property
    def kinds(self):
        return [type(event) for event in self.told]


def test_a_job_is_worked_off_and_tells_what_it_gives(line):
    job = Job(line)
    end = job.runs()
    assert end == Done(3, ticket=job.ticket.id, job="edit")
    assert job.kinds == [Working, Done]
    assert job.told[-1] == end
    assert job.ticket.state == "done"


def test_one_computes_and_the_others_know_their_places(line):
    first, second, third = (Job(line) for _ in range(3))
    first.reaches_a_step()
    positions = [job.ticket.place for job in (first, second, third)]
    assert positions == [0, 1, 2]
    assert second.count == third.count == 0
    first.runs()
    second.reaches_a_step()
    assert third.ticket.place == 1
    second.runs()
    third.runs()
    told = [event.place for event in third.told if isinstance(event, Waiting)]
    assert told[-2:] == [2, 1]
    assert third.kinds[-2:] == [Working, Done]


def test_a_paused_job_lets_the_next_one_go_ahead_and_is_next_itself(line):
    first, second, third = (Job(line) for _ in range(3))
    first.reaches_a_step()
    first.ticket.pause()
    first.let(1)
    second.reaches_a_step()
    assert (first.ticket.state, first.count) == ("paused", 1)
    first.ticket.resume()
    assert (first.ticket.place, third.ticket.place) == (1, 2)
    second.runs()
    first.reaches_a_step()
    assert third.count == 0
    assert first.runs().value == 3
    third.runs()
    assert first.kinds.count(Paused) == 1
    assert first.kinds[-3:] == [Waiting, Working, Done]


def test_a_pause_taken_back_before_its_step_changes_nothing(line):
    job = Job(line)
    job.reaches_a_step()
    job.ticket.pause()
    job.ticket.resume()
    assert job.runs().value == 3
    assert job.kinds == [Working, Done]


def test_what_cannot_pause_goes_on(line):
    job = Job(line, can_pause=False)
    job.reaches_a_step()
    job.ticket.pause()
    assert job.runs().value == 3


def test_a_stopped_job_ends_at_its_step(line):
    job, other = Job(line), Job(line)
    job.reaches_a_step()
    job.ticket.stop()
    job.let(1)
    assert isinstance(job.ticket.wait(SECONDS), Stopped)
    assert (job.count, job.closed) == (1, True)
    assert other.runs().value == 3


def test_a_stopped_job_leaves_the_line_at_once(line):
    first, second, third = (Job(line) for _ in range(3))
    first.reaches_a_step()
    second.ticket.stop()
    assert isinstance(second.ticket.wait(0), Stopped)
    assert third.ticket.place == 1
    first.runs()
    third.runs()
    assert second.count == 0


def test_a_paused_job_can_be_stopped(line):
    job = Job(line)
    job.reaches_a_step()
    job.ticket.pause()
    job.let(1)
    other = Job(line)
    other.reaches_a_step()  # so the first one stands still
    job.ticket.stop()
    assert isinstance(job.ticket.wait(0), Stopped)
    assert job.closed
    other.runs()


def test_an_error_for_the_person_is_told(line, caplog):
    job = Job(line, error=PhotoError("no photo at all"))
    assert job.runs() == Failed("no photo at all", ticket=job.ticket.id, job="edit")
    assert caplog.records == []


def test_a_bug_is_logged_and_the_line_survives_it(line, caplog):
    job = Job(line, error=ZeroDivisionError("of nothing"))
    end = job.runs()
    assert end.bug
    assert "ZeroDivisionError: of nothing" in end.message
    assert caplog.records[0].exc_info[0] is ZeroDivisionError
    assert Job(line).runs().value == 3


def test_too_little_memory_is_no_bug(line):
    assert not Job(line, error=MemoryError()).runs().bug


def test_a_page_that_cannot_be_told_does_not_stop_the_work(line, caplog):
    def fail(event):
        raise RuntimeError("the page is gone")

    assert Job(line, notify=fail).runs().value == 3
    assert len(caplog.records) == 2


def test_finishing_asks_the_job_and_ends_a_pause(line):
    job = Job(line)
    job.reaches_a_step()
    assert not job.ticket.finish()
    answers = iter((False, True))
    job.ticket.finisher = lambda: next(answers)
    assert not job.ticket.finish()
    job.ticket.pause()
    assert job.ticket.finish()
    assert job.runs().value == 3


def test_a_closed_line_stops_everything(line):
    first, second = Job(line), Job(line)
    first.reaches_a_step()
    first.let(3)
    line.close(SECONDS)
    assert isinstance(second.ticket.wait(0), Stopped)
    assert first.ticket.state in ("stopped", "done")
    assert isinstance(Job(line).ticket.wait(0), Stopped)


def test_the_end_is_known_before_it_is_told(line):
    states = []
    ticket = line.submit(
        "save",
        lambda ticket: iter(()),
        lambda event: states.append((type(event), list(ended))),
        at_end=lambda ticket: ended.append(ticket.state),
    )
    ended = []
    ticket.wait(SECONDS)
    assert states[-1] == (Done, ["done"])
