"""What all runs have in common."""

from photodrag.runs import EndsEarly, Run


class Drag(EndsEarly):
    """Three steps, of which the second one leaves something to keep."""

    def __init__(self):
        super().__init__()
        self.done = 0

    @property
    def has_best(self):
        return self.done >= 2

    @property
    def stages(self):
        return (("drag", 3),)

    @property
    def fraction(self):
        return self.done / 3

    def __len__(self):
        return 3

    def __iter__(self):
        self._forget_end()
        self.done = 0
        while self.done < 3 and not self.ends_early:
            self.done += 1
            yield self.done


def test_a_run_is_known_by_what_it_has():
    assert isinstance(Drag(), Run)
    assert not isinstance([1, 2], Run)


def test_an_end_is_refused_while_there_is_nothing_to_keep():
    run = Drag()
    assert not run.finish_early()
    steps = iter(run)
    next(steps)
    assert not run.finish_early()
    assert not run.ends_early
    next(steps)
    assert run.finish_early()
    assert run.ends_early
    assert list(steps) == []


def test_a_run_that_was_ended_is_done_whole_the_next_time():
    run = Drag()
    for _ in run:
        run.finish_early()
    assert run.done == 2
    assert list(run) == [1, 2, 3]
