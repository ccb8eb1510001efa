"""What the kernel knows of a connection: asked over the network, or through gevent, it costs as much as a request."""

from select import POLLIN
from typing import Final

from gevent.monkey import get_original

_poll: Final = get_original("select", "poll")


def has_something_to_read(fileno: int) -> bool:
    """Whether something has come; on a kept connection, where nothing was asked, that is its end."""
    looking = _poll()
    looking.register(fileno, POLLIN)
    return bool(looking.poll(0))
