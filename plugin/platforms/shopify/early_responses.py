"""What a browser is shown when there can be no page yet, and where it is sent."""

import re
from collections.abc import Mapping
from html import escape
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from plugin.ports import EarlyResponse

from .config import ShopifyConfig

RELOAD: Final = "shopify-reload"  #: App Bridge's word: where it leads once it has a new id token
#: What the admin puts behind the app's address when it opens it; the rest of a query is the page's own.
LAUNCH: Final = frozenset({"embedded", "hmac", "host", "id_token", "locale", "session", "shop", "timestamp", RELOAD})

LONGEST: Final = 8_000  #: characters of an address
USUAL_PORTS: Final = {"https": 443, "http": 80}
_ADDRESS: Final = re.compile(
    r"(?P<scheme>[A-Za-z]{4,5})://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[A-Za-z0-9._~-]+)*/?)(?:\?[!$-;=?-\[\]_a-z~]*)?",
    re.ASCII,
)

_OUTSIDE: Final = "This app works inside the admin of a Shopify shop. Open your Shopify admin, choose Apps, then this app."
_LATER: Final = "Shopify did not let the app in just now. Nothing is lost: wait a minute, then open the app again."


def outside() -> EarlyResponse:
    """For whoever comes without a shop."""
    return EarlyResponse(status=200, headers=_headers("'none'"), body=_page("Open this app in Shopify", _OUTSIDE))


def again_later(ancestors: str) -> EarlyResponse:
    """For a shop whose tokens could not be fetched."""
    headers = {**_headers(ancestors), "Retry-After": "60"}
    return EarlyResponse(status=503, headers=headers, body=_page("Please try again", _LATER))


def to_the_admin(app: str, url: str, home: str) -> EarlyResponse:
    """For a shop's staff who opened a page of ours outside the admin: the same page inside it.

    `app` is the app's address in the admin, made of the cleaned shop, so this leads to Shopify only, and nowhere above the
    app: what a browser would take for a step up is left out.
    """
    parts = urlsplit(url)
    below = _below(parts.path, home)
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name not in LAUNCH])
    if {".", ".."} & set(below.split("/")) or not (below.strip("/") or query):
        return _redirect(app)
    return _redirect(f"{app}{urlsplit(home).path}{below}{f'?{query}' if query else ''}")


def to_the_patch_page(url: str, home: str) -> EarlyResponse:
    """Where App Bridge fetches a new id token, when there is none or it is dead.

    Put together from the cleaned query only: shopifyapp 1.0.2 carries an unchecked `shop` along.
    """
    parts = urlsplit(url)
    query = {name: value for name, value in parse_qsl(parts.query) if name not in ("id_token", RELOAD)}
    reload = f"{home}{_below(parts.path, home)}?{urlencode(query)}"
    return _redirect(f"{home}?{urlencode({**query, RELOAD: reload})}")


def reload_of(url: str) -> str:
    """Where App Bridge is asked to lead; "" when two answers are given, of which it might take the other."""
    asked = [value for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True) if name == RELOAD]
    return asked[0] if len(asked) == 1 else ""


def patch(reload: str, home: str, ancestors: str, config: ShopifyConfig) -> EarlyResponse:
    """The patch page: App Bridge alone, framed by this shop's admin only.

    App Bridge goes wherever the query says and takes a fresh id token along: only our own pages may stand there.
    """
    if not is_ours(reload, home):
        return outside()
    bridge = urlsplit(config.app_bridge_url)
    script = f'<script data-api-key="{escape(config.client_id)}" src="{escape(config.app_bridge_url)}"></script>'
    security = (
        f"default-src 'none'; script-src {bridge.scheme}://{bridge.netloc}; connect-src https:; frame-ancestors {ancestors}"
    )
    headers = {**_headers(ancestors), "Content-Security-Policy": security}
    return EarlyResponse(status=200, headers=headers, body=f'<!doctype html><html lang="en"><title>…</title>{script}</html>')


def is_ours(address: str, home: str) -> bool:
    """Whether every browser takes this for a page of ours, whatever it makes of odd spellings: those are refused.

    Scheme and host may be written in either case, and the usual port may be named; `\\`, `@`, a step up and anything written
    as %xx in the path, from which a browser or a proxy may make another address, stand in none that we write.
    """
    parts = _ADDRESS.fullmatch(address) if len(address) <= LONGEST else None
    ours = urlsplit(home)
    if parts is None or (parts["scheme"].lower(), parts["host"].lower().strip("[]")) != (ours.scheme, ours.hostname):
        return False
    port = int(parts["port"]) if parts["port"] else USUAL_PORTS[ours.scheme]
    path = parts["path"]
    is_below = path == ours.path or path.startswith(f"{ours.path}/")
    return is_below and port == (ours.port or USUAL_PORTS[ours.scheme]) and not {".", ".."} & set(path.split("/"))


def _below(path: str, home: str) -> str:
    """The part of the page's address after the door's entry."""
    return quote(path.removeprefix(urlsplit(home).path), safe="/")


def _redirect(address: str) -> EarlyResponse:
    return EarlyResponse(status=302, headers={"Location": address, "Cache-Control": "no-store"})


def _headers(ancestors: str) -> Mapping[str, str]:
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src 'self'; frame-ancestors {ancestors}",
        "Cache-Control": "no-store",
    }


def _page(title: str, text: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/static/app.css">'
        f"</head><body><main><h1>{escape(title)}</h1><p>{escape(text)}</p></main></body></html>"
    )
