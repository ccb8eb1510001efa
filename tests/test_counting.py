"""Who is counted line by line, and who is not."""

import os
import subprocess
import sys
import threading

from coverage import Coverage

from tests.support.counting import FOR_PROCESSES

IS_TRACED = "import sys; print(sys.gettrace() is not None)"


def test_nothing_watches_a_test_that_is_not_counted() -> None:
    assert _traced() == (False, False, "False")


def test_a_test_is_counted_with_its_threads_as_the_processes_that_it_starts_are() -> None:
    is_counted = Coverage.current() is not None

    assert _traced() == (is_counted, is_counted, str(FOR_PROCESSES in os.environ))
    assert (FOR_PROCESSES in os.environ) == is_counted


def _traced() -> tuple[bool, bool, str]:
    """Whether this thread is, a new one, and a new process."""
    in_thread: list[bool] = []
    thread = threading.Thread(target=lambda: in_thread.append(sys.gettrace() is not None))
    thread.start()
    thread.join()
    process = subprocess.run([sys.executable, "-c", IS_TRACED], capture_output=True, text=True, check=True, timeout=30)
    return sys.gettrace() is not None, in_thread[0], process.stdout.strip()
