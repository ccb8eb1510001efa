"""What the browser gets beside pages: fetched once, compressed, and a platform's files like every other."""

import gzip
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask import url_for
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from plugin import resources
from plugin.platforms import discover
from plugin.web import create_app
from plugin.wiring import assemble
from tests.support.databases import settings_for

NAMES = sorted(discover())
OF_OURS = "/static/app.css"
STATIC = resources.PACKAGE / "static"


@pytest.fixture
def client(database_url: str) -> Iterator[FlaskClient]:
    services = assemble(settings_for(database_url), {})
    yield create_app(services).test_client()
    services.store.close()


def own_files(name: str) -> list[str]:
    """What the head of this platform's documents loads from the platform's folder."""
    head = (resources.PACKAGE / "platforms" / name / "templates" / "head.html").read_text(encoding="utf-8")
    return re.findall(r"url_for\('platform_files.static', platform=platform, filename='([^']+)'\)", head)


def asked(client: FlaskClient, path: str, headers: Mapping[str, str] | None = None) -> Response:
    with client.get(path, headers=headers) as answer:
        return answer


@pytest.mark.parametrize("name", NAMES)
def test_what_a_platform_names_is_served_from_its_folder(client: FlaskClient, name: str) -> None:
    files = own_files(name)

    assert files
    for file in files:
        answer = asked(client, f"/static/platforms/{name}/{file}")
        assert answer.status_code == 200
        assert answer.mimetype == {".css": "text/css", ".js": "text/javascript"}[Path(file).suffix]


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


ALL = sorted(
    [f"/static/{path.relative_to(STATIC)}" for path in STATIC.rglob("*.*")]
    + [f"/static/platforms/{path.parts[-3]}/{path.name}" for path in STATIC.parent.glob("platforms/*/static/*")]
)


@pytest.mark.parametrize("path", ALL)
def test_each_file_is_named_by_its_content_so_that_browsers_keep_it(client: FlaskClient, path: str) -> None:
    parts = path.removeprefix("/static/").split("/", 2)
    with client.application.test_request_context():
        is_ours = parts[0] != "platforms"
        named = (
            url_for("static", filename="/".join(parts))
            if is_ours
            else url_for("platform_files.static", platform=parts[1], filename=parts[2])
        )

    answer = asked(client, named)

    assert named.partition("?")[0] == path
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ALL)
def test_another_version_is_asked_for_anew(client: FlaskClient, path: str) -> None:
    """While processes of two releases answer, a page of one names a file of the other."""
    for address in (path, f"{path}?v=0123456789abcdef"):
        answer = asked(client, address)

        assert answer.headers["Cache-Control"] == "public, no-cache"
        assert asked(client, address, {"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", [path for path in ALL if not path.endswith(".png")])  # packed already
def test_whoever_reads_gzip_gets_it_smaller(client: FlaskClient, path: str) -> None:
    plain, packed = asked(client, path), asked(client, path, {"Accept-Encoding": "gzip, br"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert len(packed.get_data()) < len(plain.get_data())
    assert "Content-Encoding" not in asked(client, path, {"Accept-Encoding": "gzip;q=0"}).headers


def test_a_file_that_changed_has_another_address(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("plugin.resources.PACKAGE", tmp_path)
    (tmp_path / "static").mkdir()
    found = []
    for content in ("one", "another"):
        (tmp_path / "static" / "app.css").write_text(content)
        with client.application.test_request_context():
            found.append(url_for("static", filename="app.css"))

    assert found[0] != found[1]
    assert asked(client, found[1]).get_data(as_text=True) == "another"
    assert asked(client, found[0]).headers["Cache-Control"] == "public, no-cache"


def test_no_platform_s_file_is_kept_elsewhere() -> None:
    places: list[Path] = [resources.PACKAGE / "static", resources.PACKAGE / "browser", resources.TEMPLATES]

    assert [path for place in places for name in NAMES for path in place.rglob(f"*{name}*")] == []
