"""Headers are read as far as anybody writes them, and no further."""

import pytest
from flask.testing import FlaskClient

from plugin.config import Settings
from plugin.storage import SqlStore
from plugin.web.header_limit import MOST_CHARACTERS
from plugin.web.i18n import MOST_ACCEPTED, accepted, best_locale
from tests.support.hostile.long_texts import MOST_SECONDS, seconds_for
from tests.support.web.merchant import a_merchant


@pytest.fixture
def client(store: SqlStore, settings: Settings) -> FlaskClient:
    return a_merchant(store, settings).client


@pytest.mark.parametrize(
    ("header", "languages"),
    [
        ("", []),
        ("pl", ["pl"]),
        ("en;q=0.5, uk, de;q=0.9", ["uk", "de", "en"]),
        (",".join(f"x{number}" for number in range(100)), [f"x{number}" for number in range(MOST_ACCEPTED)]),
        ("a" * 1_000 + ",pl", ["a" * 1_000]),
    ],
    ids=["none", "one", "by_weight", "too_many", "too_long"],
)
def test_a_browsers_languages_are_read_as_far_as_anybody_sets_them(header: str, languages: list[str]) -> None:
    assert accepted(header) == languages


def test_a_long_list_of_languages_takes_no_time() -> None:
    header = ",".join(f"en-{number:x}-abcdefgh-{number:x}" for number in range(16_000))

    assert seconds_for(lambda: best_locale(accepted(header))) < MOST_SECONDS


def test_headers_longer_than_anybodys_are_refused(client: FlaskClient) -> None:
    long = [("Accept-Language", "pl," * 4_000)] * 3

    assert client.get("/livez", headers=[("Accept-Language", "pl," * 4_000)]).status_code == 200
    assert client.get("/livez", headers=long).status_code == 431
    assert client.get("/static/nothing.js", headers={"If-None-Match": "x" * MOST_CHARACTERS}).status_code == 431
