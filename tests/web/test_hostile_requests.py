"""Whatever is sent to any address of the application, it answers below 500 and says what is wrong in its own way."""

import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from plugin.config import Settings
from plugin.platforms import find_testkit
from plugin.ports import Store
from plugin.storage import open_store
from tests.support.databases import settings_for
from tests.support.web.addresses import SentForm, Way, forms_in, served
from tests.support.web.merchant import Merchant, a_merchant
from tests.web.test_admin_access import House
from tests.web.test_admin_access import house as house

VALUES: Mapping[str, str] = {
    "nothing": "",
    "blanks": "%20%09%0A",
    "overlong": "x" * 9000,
    "NUL": "a%00b",
    "lone surrogate": "%ED%A0%80",
    "no UTF-8": "%FF%FE",
    "more than a float holds": "1e309",
    "more digits than are read": "9" * 5000,
    "more than 64 bits": "9" * 20,
    "below nothing": "-1",
    "superscript": quote("²"),
    "other digits": quote("٣"),
    "brackets": "[" * 1100,
    "braces": quote("{{7*7}}%(x)s{0}<script>"),
    "written backwards": quote("\u202eabc"),
}
FORM = "application/x-www-form-urlencoded"
BODIES: Mapping[str, tuple[str, bytes]] = {
    "nothing": (FORM, b""),
    "unknown fields": (FORM, b"a=1&=2&b[c]=3&__proto__=4&version=1"),
    "every field twice": (
        FORM,
        b"&".join([b"version=1&locale-0=en&flow-0=1&kind=order_paid&text={}&email=a@b.c&policy=none"] * 2),
    ),
    "only ampersands": (FORM, b"&" * 3000),
    "broken escapes": (FORM, b"version=%&locale-0=%zz&kind=%e"),
    "more fields than anybody fills in": (FORM, b"&".join(b"locale-%d=en" % number for number in range(600))),
    "JSON": ("application/json", b'{"version": 1}'),
    "JSON said to be a form": (FORM, b'{"version": 1}'),
    "bytes without a type": ("", b"\x00\xff\xfe"),
    "unknown type": ("a/b; charset=nonsense", b"version=1"),
    "other characters": (f"{FORM}; charset=utf-16", "version=1".encode("utf-16")),
    "parts without a boundary": ("multipart/form-data", b"--x\r\n\r\n--x--"),
    "parts cut off": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n{'),
    "text said to be parts": ("multipart/form-data; boundary=x", b"version=1"),
}


@pytest.fixture
def merchant(store: Store, settings: Settings) -> Merchant:
    return a_merchant(store, settings)


def ask(merchant: Merchant, way: Way, **more: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer staff-of {merchant.shop.address}"}
    return merchant.client.open(way.address, method=way.method, headers=headers, buffered=True, **more)


def forms_of(merchant: Merchant) -> list[SentForm]:
    """Every form of every page, once."""
    pages = [ask(merchant, way).text for way in served(merchant.client.application) if way.method == "GET"]
    pages += [merchant.get(f"/setup?step={step}").text for step in ("connect", "events", "languages", "test")]
    return list({form.action + form.method: form for page in pages for form in forms_in(page)}.values())


@pytest.fixture(scope="module")
def forms(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Sequence[SentForm]:
    """As they stand for a merchant who has sent nothing yet, which every test begins with."""
    path = tmp_path_factory.mktemp("forms") / "plugin.db"
    shutil.copy(migrated_sqlite, path)
    settings = settings_for(f"sqlite:///{path}")
    with closing(open_store(settings)) as store:
        return forms_of(a_merchant(store, settings))


def is_answered(answer: TestResponse) -> bool:
    return answer.status_code < 500


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_no_value_of_any_field_of_any_form_is_too_much(merchant: Merchant, forms: Sequence[SentForm], value: str) -> None:
    failed = []
    for form in forms:
        for name in {re.sub(r"-[0-9]+$", "-0", name) for name in form.fields} | {"version", "sure"}:
            body = "&".join(
                [f"{quote(key)}={quote(kept)}" for key, kept in form.fields.items() if key != name] + [f"{name}={value}"]
            )
            way = Way(form.method, f"{form.action}?{body}" if form.method == "GET" else form.action)
            answer = ask(merchant, way, data=body.encode(), content_type=FORM) if form.method == "POST" else ask(merchant, way)
            failed += [] if is_answered(answer) else [f"{way.method} {form.action} {name}: {answer.status_code}"]

    assert len(forms) > 12
    assert failed == []


@pytest.mark.parametrize(("content_type", "body"), BODIES.values(), ids=BODIES.keys())
def test_no_body_is_too_strange_for_any_address_of_any_platform(house: House, content_type: str, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {find_testkit(house.platform.name).token(house.shop)}"}

    failed = []
    for way in served(house.app):
        for method in {way.method, "POST"}:
            answer = house.app.test_client().open(
                way.address, method=method, headers=headers, data=body, content_type=content_type, buffered=True
            )
            failed += [] if is_answered(answer) else [f"{method} {way.address}: {answer.status_code}"]

    assert failed == []


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_no_question_is_too_strange_for_any_address(merchant: Merchant, forms: Sequence[SentForm], value: str) -> None:
    names = {name for form in forms for name in form.fields} | {
        "map",
        "step",
        "kind",
        "before",
        "period",
        "locale",
    }
    question = "&".join([f"{name}={value}" for name in sorted(names)] * 2)[:60_000]

    answers = [ask(merchant, Way("GET", f"{way.address}?{question}")) for way in served(merchant.client.application)]

    assert [f"{each.request.path}: {each.status_code}" for each in answers if not is_answered(each)] == []


@pytest.mark.parametrize(
    "digits", ["0", str(2**31), str(2**63 - 1), str(2**63), "9" * 30, "9" * 4400], ids=lambda text: text[:20]
)
def test_no_number_in_a_path_is_too_large(merchant: Merchant, digits: str) -> None:
    ways = [way for way in served(merchant.client.application, number=12345678) if "12345678" in way.address]

    answers = [ask(merchant, Way(way.method, way.address.replace("12345678", digits))) for way in ways]

    assert len(ways) > 2
    assert {each.status_code for each in answers} == {404}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_no_name_in_a_path_is_too_strange(merchant: Merchant, value: str) -> None:
    ways = [way for way in served(merchant.client.application) if "order_paid" in way.address]

    answers = [ask(merchant, Way(way.method, way.address.replace("order_paid", value))) for way in ways]

    assert [f"{each.request.path}: {each.status_code}" for each in answers if not is_answered(each)] == []
