"""Every answer protects whoever gets it, whoever gives it: a view, an error, a file, or gunicorn before any of ours."""

import re
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from plugin import clock
from plugin.platforms import find_testkit
from plugin.storage import open_store
from plugin.web import create_app
from plugin.web.headers import FORBIDDEN_UNLESS_SAID, headers_for, whole_policy
from plugin.wiring import assemble
from tests.support.builders import a_settings_document
from tests.support.databases import settings_for
from tests.support.processes import Part, environ_for, running
from tests.support.storage.situations import a_delivery
from tests.support.web.addresses import served

PLATFORMS = ("shopify", "saleor")
NEEDED = {
    "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy", "Permissions-Policy", "Cache-Control", "Strict-Transport-Security",
}  # fmt: skip
NO_REQUESTS: Mapping[str, bytes] = {
    "no request": b"BAD\r\n\r\n",
    "an unknown version": b"GET / HTTP/9.9\r\n\r\n",
    "a long line": b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n\r\n",
    "a long header": b"GET / HTTP/1.1\r\nA: " + b"x" * 17_000 + b"\r\n\r\n",
    "a strange header": b"GET / HTTP/1.1\r\nHost: a\r\n<b>x</b>\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "an unknown coding": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: other\r\n\r\n",
}


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    played = {name: value for platform in PLATFORMS for name, value in find_testkit(platform).environ.items()}
    return environ_for(database_url, "http://127.0.0.1:9", **played, PUBLIC_URL="https://app.example")


@pytest.fixture
def web(environ: Mapping[str, str], tmp_path: Path) -> Iterator[Part]:
    with running("web", environ=environ, log=tmp_path / "web.log") as [part]:
        yield part


def missing(headers: Mapping[str, str]) -> set[str]:
    """What this answer lacks, or says too much."""
    policy = headers.get("Content-Security-Policy", "")
    directives = [part.split()[0] for part in policy.split(";")]
    found = {name for name in NEEDED if not headers.get(name)}
    found |= {name for name in ("default-src", *FORBIDDEN_UNLESS_SAID) if directives.count(name) != 1}
    return found | ({"Server"} & headers.keys())


def test_every_address_answers_with_every_header(database_url: str, environ: dict[str, str], web: Part) -> None:
    store = open_store(settings_for(database_url))
    tokens = [""]
    for name in PLATFORMS:
        shop, access = find_testkit(name).installation()
        stored = store.shops.install(shop, access, now=clock.now())
        store.shops.write_settings(stored.id, a_settings_document(), who="test", now=clock.now())
        a_delivery(store, stored)
        tokens.append(find_testkit(name).token(stored))
    ways = served(create_app(assemble(settings_for(database_url), environ)))

    lacking, answered = {}, set[int]()
    for way in ways:
        for token in tokens:
            headers = {"Accept": "text/html", **({"Authorization": f"Bearer {token}"} if token else {})}
            asked = requests.request(way.method, web.url + way.address, headers=headers, allow_redirects=False, timeout=30)
            answered.add(asked.status_code)
            if lack := missing(asked.headers):
                lacking[f"{way.method} {way.address} {asked.status_code}"] = lack
    store.close()

    assert len(ways) > 30
    assert answered >= {200, 401, 404}
    assert lacking == {}


def test_gunicorn_itself_has_them_too(web: Part) -> None:
    lacking = {what: found for what, text in NO_REQUESTS.items() if (found := _wrong(_answered(web, text)))}

    assert lacking == {}


def _answered(web: Part, text: bytes) -> str:
    address = urlsplit(web.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(text)
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode("latin-1")


def _wrong(answer: str) -> set[str]:
    head, _, body = answer.partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    found = missing(headers) | {word for word in ("gunicorn", "<") if word in answer.lower()}
    return found if re.match(r"HTTP/1\.[01] [45][0-9]{2} ", head) and body else found | {head[:20]}


def test_browsers_are_told_to_use_https_only_where_the_app_does() -> None:
    assert "Strict-Transport-Security" in headers_for("https://app.example")
    assert "Strict-Transport-Security" not in headers_for("http://127.0.0.1:8000")


def test_what_a_policy_leaves_out_is_forbidden() -> None:
    policy = whole_policy("default-src 'self'; form-action 'self'")

    assert policy == "default-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
