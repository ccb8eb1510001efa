"""What this process may take of the machine, and what it gives back."""

import ctypes
import resource
import sys
from typing import Final

import gevent

MOST_FILES: Final = 65_536
LOOK_UPS: Final = 32  #: names looked up at a time, each by a thread; those of strangers alone may be more than gevent's ten
_MMAP_THRESHOLD: Final = -3  # glibc, malloc.h
_LARGE: Final = 64 * 1024  #: bytes; half of glibc's first choice, so that the pieces a body comes in are large, too


def raise_file_limit() -> int:
    """Ask for as many open files as the machine grants without privileges; the number granted."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_FILES
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)


def give_large_memory_back() -> None:
    """Have every large piece of memory returned to the machine as soon as it is free.

    glibc raises what it calls large with what it has seen, and keeps bodies of some megabytes among everything else.
    https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        mallopt(_MMAP_THRESHOLD, _LARGE)


def look_up_many_names() -> None:
    """Have names whose servers never answer leave room for others; threads are made as they are needed."""
    gevent.get_hub().threadpool.maxsize = LOOK_UPS
