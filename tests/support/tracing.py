"""Keeps a traced test process of CPython 3.11 from standing still for ever when a thread ends.

A Python function that begins within a pending call, traced, while another call is pending never gets past its first
instruction (`RESUME` is begun anew as long as something pends). greenlet drops the greenlets of threads that ended in such a
call, and coverage's tracer keeps greenlets in a `WeakKeyDictionary`, whose callback is a Python function. Here it is one in C.
"""

import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from greenlet import greenlet


class _ForgetsGreenletsInC(weakref.WeakKeyDictionary[Any, Any]):
    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, greenlet):
            known: dict[weakref.ref[Any], Any] = vars(self)["data"]
            known[weakref.ref(key, known.pop)] = value
        else:
            super().__setitem__(key, value)


def mend() -> None:
    """For every thread that is traced from now on: the tracer looks the class up when its thread begins."""
    weakref.WeakKeyDictionary = _ForgetsGreenletsInC  # type: ignore[misc]


@contextmanager
def untraced() -> Iterator[None]:
    """Let this thread run at its own pace: in a worker of xdist coverage is started twice, and `no_cover` stops it once."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)
