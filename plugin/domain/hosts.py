"""Whose address this is: the host a browser would go to, or none where browsers and we might read it differently."""

import re
from typing import Final
from unicodedata import normalize

LONGEST: Final = 8_000  #: characters of an address
LONGEST_HOST: Final = 253  #: characters of a name, RFC 1035 2.3.4; IDNA takes long over each of more
USUAL_PORTS: Final = {"https": 443, "http": 80}
# Name and password, backslashes, escapes and what nobody sees are how one host is made to look like another.
_ADDRESS: Final = re.compile(
    r"(?P<scheme>[Hh][Tt][Tt][Pp][Ss]?)://(?P<host>[^\x00-\x20\x7f/?#\\@:%\[\]<>\"^`{|}]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?:[/?#][^\x00-\x1f\x7f]*)?"
)


def host_of(address: str) -> str:
    """The host in lower case and in ASCII letters, with its port where that is not the usual one; "" when there is none."""
    match = _ADDRESS.fullmatch(address) if len(address) <= LONGEST else None
    if match is None:
        return ""
    host = _in_ascii(match["host"].lower().rstrip("."))
    port = int(match["port"]) if match["port"] else USUAL_PORTS[match["scheme"].lower()]
    if not host or not 0 < port < 65536:
        return ""
    return host if port == USUAL_PORTS[match["scheme"].lower()] else f"{host}:{port}"


def _in_ascii(host: str) -> str:
    """As the name is looked up, so that no letter passes for another.  https://www.rfc-editor.org/rfc/rfc3490"""
    if host.isascii():
        return host
    if len(host) > LONGEST_HOST or len(normalize("NFKC", host)) > LONGEST_HOST:  # some letters stand for eighteen
        return ""
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
