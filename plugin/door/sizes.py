"""How large a request may be, and how much there may be of them at once."""

from dataclasses import dataclass
from typing import Final

from plugin.config import Settings

CONNECTIONS: Final = 2048  #: open at once in one process
_FEWEST: Final = 64  #: whatever the machine says; where files run out all the same, somebody makes way
_KEPT_FILES: Final = 256  #: for the database, the log and what else is no client
_SHARE: Final = 4  #: an address may have a quarter
LARGEST_HEAD: Final = 64 * 1024  #: bytes of the request line and all headers together
SMALL: Final = 16 * 1024  #: bytes: no request that holds so few is refused for what others hold
LARGEST_WEBHOOK: Final = 5 * 1024 * 1024  #: bytes; no platform names a limit, an order of 500 lines made 0.6 MB
LARGEST_FORM: Final = 1024 * 1024  #: bytes of what is sent to any other address

_WEBHOOKS: Final = "/webhooks/"

# What the frames of a chunked body may add to it. Frames are read one by one, so a body in frames of a few bytes would
# cost hundreds of times what the same body costs in one piece; whoever frames sensibly stays far below.
_LARGEST_FRAMING: Final = 16 * 1024
_BODY_PER_FRAMING: Final = 32


def largest_body(path: str) -> int:
    """The bytes a body sent to this path may have."""
    return LARGEST_WEBHOOK if path.startswith(_WEBHOOKS) else LARGEST_FORM


def largest_framed(body_bytes: int) -> int:
    """The bytes that may arrive for so many bytes of a chunked body."""
    return body_bytes + body_bytes // _BODY_PER_FRAMING + _LARGEST_FRAMING


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one process allows."""

    connections: int
    address_connections: int
    bytes: int
    address_bytes: int
    small_bytes: int = SMALL

    @classmethod
    def of(cls, settings: Settings, *, files: int) -> "Limits":
        """What the operator set, in a process that may open so many files."""
        connections = max(_FEWEST, min(CONNECTIONS, files - _KEPT_FILES))
        held = settings.unverified_megabytes * 1024 * 1024
        share = max(held // _SHARE, LARGEST_WEBHOOK + LARGEST_HEAD)  # one that is as large as allowed has to fit
        return cls(
            connections=connections,
            address_connections=connections // _SHARE,
            bytes=held,
            address_bytes=share,
        )
