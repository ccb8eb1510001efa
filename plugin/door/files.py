"""How many files and connections this process may have open."""

import resource
from typing import Final

MOST: Final = 65_536


def raise_file_limit() -> int:
    """Ask for as many open files as the machine grants without privileges; the number granted."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return MOST if soft == resource.RLIM_INFINITY else soft
