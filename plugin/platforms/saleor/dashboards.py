"""Which dashboards may show a shop's pages in a frame, as far as it can be known before anybody has shown a token."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from plugin.ports import Installation

MOST: Final = 5  #: dashboards of one shop; the newest stay
_ORIGIN: Final = re.compile(r"(https?)://([a-z0-9](?:[a-z0-9.-]{0,188}[a-z0-9])?)(?::([0-9]{1,5}))?", re.ASCII)
_USUAL_PORTS: Final = {"https": "443", "http": "80"}


def origin(address: str) -> str:
    """Scheme, host and port of what is not believed yet, as browsers write them; "" when it has none."""
    match = _ORIGIN.match(address[:300].lower())
    if not match or address[match.end() : match.end() + 1] not in ("", "/"):
        return ""
    scheme, host, port = match.groups()
    return f"{scheme}://{host}" if port in (None, _USUAL_PORTS[scheme]) else f"{scheme}://{host}:{port}"


def known(found: Installation) -> list[str]:
    """Those a token was shown from, the newest first; an earlier version knew one."""
    earlier = found.access.get("dashboard")
    listed = [*found.access.get("dashboards", ()), *([str(earlier)] if earlier else ())]
    return [each for each in dict.fromkeys(listed) if origin(each) == each]


def is_plain(found: Installation | None) -> bool:
    """Whether this shop does without encryption: its operator has let its API in over http.

    Saleor's own dashboard is at http://localhost:9000 unless it is told otherwise.
    https://github.com/saleor/saleor-platform/blob/main/README.md
    """
    return found is not None and found.shop.address.startswith("http:")


def belongs(asking: str, found: Installation, listed: Sequence[str]) -> bool:
    """Whether this origin is at a host of the shop: the one its API is at, or one a token was shown from."""
    return _host(asking) in {_host(each) for each in (found.shop.address, *listed)}


def _host(address: str) -> str:
    """The host's name; this machine has one, whichever of its names is written."""
    name = urlsplit(address).hostname or ""
    return "localhost" if re.fullmatch(r"127(?:\.[0-9]{1,3}){3}|::1", name) else name
