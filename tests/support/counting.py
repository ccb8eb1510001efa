"""When the lines of plugin/ are counted: in a test that is counted, in this process and in those that it starts.

pytest-cov alone cannot keep a test uncounted in a worker of xdist: it starts coverage there twice, and whoever pauses the
second lets the first go on.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from coverage import Coverage

# Read by coverage whenever an interpreter starts.
FOR_PROCESSES = "COVERAGE_PROCESS_CONFIG"


def end_first_start(config: pytest.Config) -> None:
    """Stop what counts before the session starts in a worker of xdist: what is imported until then counts in the controller."""
    while hasattr(config, "workerinput") and (started := Coverage.current()):
        started.stop()


def count_processes(config: pytest.Config) -> None:
    """Have every process counted that is started from now on, if lines are counted at all.

    Some of them run under gevent. The tests do not, and telling greenlets apart is half of what counting costs.
    """
    if _controller(config) is not None:
        os.environ[FOR_PROCESSES] = Coverage(concurrency=["thread", "gevent"]).config.serialize()


@contextmanager
def uncounted(config: pytest.Config) -> Iterator[None]:
    """Let this process, its threads and the processes that it starts run at their own pace meanwhile."""
    counting = _controller(config)
    if counting is None:
        yield
        return
    for_processes = os.environ.pop(FOR_PROCESSES)
    counting.pause()
    try:
        yield
    finally:
        counting.resume()
        os.environ[FOR_PROCESSES] = for_processes


def _controller(config: pytest.Config) -> Any:
    """pytest-cov's own, or None: without --cov, and where xdist only hands tests out."""
    controller = getattr(config.pluginmanager.get_plugin("_cov"), "cov_controller", None)
    return controller if controller is not None and controller.started else None
