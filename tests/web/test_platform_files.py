"""What a platform's folder holds for the browser is served like every other static file."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from plugin import resources
from plugin.platforms import discover
from plugin.web import create_app
from plugin.wiring import assemble
from tests.support.databases import settings_for

NAMES = sorted(discover())
OF_OURS = "/static/app.css"


@pytest.fixture
def client(database_url: str) -> Iterator[FlaskClient]:
    services = assemble(settings_for(database_url), {})
    yield create_app(services).test_client()
    services.store.close()


def own_files(name: str) -> list[str]:
    """What the head of this platform's documents loads from the platform's folder."""
    head = (resources.PACKAGE / "platforms" / name / "templates" / "head.html").read_text(encoding="utf-8")
    return re.findall(r"url_for\('platform_files.static', platform=platform, filename='([^']+)'\)", head)


def asked(client: FlaskClient, path: str) -> Response:
    with client.get(path) as answer:
        return answer


@pytest.mark.parametrize("name", NAMES)
def test_the_script_a_platform_names_is_served_from_its_folder(client: FlaskClient, name: str) -> None:
    files = own_files(name)

    assert files
    for file in files:
        answer = asked(client, f"/static/platforms/{name}/{file}")
        assert answer.status_code == 200
        assert answer.mimetype == "text/javascript"


@pytest.mark.parametrize("name", NAMES)
def test_it_has_the_headers_of_every_static_file(client: FlaskClient, name: str) -> None:
    own, ours = (asked(client, path).headers for path in (f"/static/platforms/{name}/{own_files(name)[0]}", OF_OURS))

    assert set(own.keys()) == set(ours.keys())
    for header in ("Cache-Control", "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"):
        assert own[header] == ours[header]


@pytest.mark.parametrize(
    "path", ["nobody/bridge.js", "../web/bridge.js", "shopify/nothing.js", "shopify/../verify.py", "shopify/%2e%2e/verify.py"]
)
def test_nothing_but_those_files_is_served(client: FlaskClient, path: str) -> None:
    assert asked(client, f"/static/platforms/{path}").status_code == 404


def test_no_platform_s_file_is_kept_elsewhere() -> None:
    places: list[Path] = [resources.PACKAGE / "static", resources.PACKAGE / "browser", resources.TEMPLATES]

    assert [path for place in places for name in NAMES for path in place.rglob(f"*{name}*")] == []
