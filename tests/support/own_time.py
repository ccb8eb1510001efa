"""What something costs by itself, in a process that has done much else."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from time import thread_time


class OwnTime:
    """Seconds of the processor."""

    def __init__(self) -> None:
        self._began, self._spent = thread_time(), 0.0

    @property
    def seconds(self) -> float:
        """Those since the beginning; after the end, those until then."""
        return self._spent or thread_time() - self._began

    def end(self) -> None:
        self._spent = thread_time() - self._began


@contextmanager
def own_time() -> Iterator[OwnTime]:
    """Counts this thread's time on a processor; not the collector's, which grows with all that other tests left behind."""
    was_on = gc.isenabled()
    gc.disable()
    spent = OwnTime()
    try:
        yield spent
    finally:
        spent.end()
        if was_on:
            gc.enable()
