"""The test process outlives what CPython 3.11 does to traced code in a pending call."""

import subprocess
import sys

from tests.support.journeys.running import CHECKOUT

# A greenlet's last reference goes within a pending call, traced, while the end of another thread is pending.
A_THREAD_ENDS = """
import ctypes, sys, weakref
from greenlet import greenlet
from tests.support import tracing

tracing.mend()
known, held = weakref.WeakKeyDictionary(), [greenlet()]
known[held[0]] = 0
pend = ctypes.pythonapi.Py_AddPendingCall
another = ctypes.cast(ctypes.pythonapi.PyErr_CheckSignals, ctypes.c_void_p)

@ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
def ends(_):
    pend(another, None)
    held.clear()
    return 0

sys.settrace(lambda *_: None)
pend(ends, None)
for _ in range(1_000):
    pass
print(len(known), "left")
"""


def test_a_traced_process_goes_on_when_threads_end_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", A_THREAD_ENDS], cwd=CHECKOUT, capture_output=True, text=True, timeout=20, check=True
    )

    assert done.stdout == "0 left\n"
