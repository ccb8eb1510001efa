"""Activity log: each thing a visitor does has a line, and the merchant reads them on a page."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from plugin.config import Settings
from plugin.domain.audit import NOBODY, OPERATOR, STORE, AuditLine, Deed, RefusedLogin
from plugin.domain.shop import Shop
from plugin.ports import DeliveryFilter
from plugin.storage import SqlStore
from plugin.web import audit_texts
from tests.support.builders import NOON
from tests.support.storage.situations import REFUSED, a_claimed_delivery, attempted
from tests.support.web.merchant import Merchant, a_merchant, fields_in

HERE = "127.0.0.1"
CUSTOMERS, JAN = "/settings/customers", {"email": "jan@example.com"}


@pytest.fixture
def merchant(store: SqlStore, settings: Settings) -> Merchant:
    found = a_merchant(store, settings)
    claimed = a_claimed_delivery(store, found.shop)
    attempted(store, claimed, REFUSED)
    return found


def newest(merchant: Merchant) -> AuditLine:
    return merchant.services.store.audit.page(merchant.shop.id, limit=1)[0]


def past(merchant: Merchant) -> str:
    [found, *_] = merchant.services.store.events.past(merchant.shop.id, None, limit=1)
    return str(found.id)


def the_only(merchant: Merchant) -> int:
    [row] = merchant.services.store.log.list(DeliveryFilter(shop_id=merchant.shop.id))
    return row.id


def saved(path: str) -> Callable[[Merchant], Any]:
    return lambda merchant: merchant.post(path, merchant.form(path))


def as_it_is(merchant: Merchant) -> dict[str, Any]:
    return merchant.form("/setup?step=events") | {"kinds": list(merchant.document()["events"])}


def as_a_file(merchant: Merchant) -> dict[str, Any]:
    return merchant.form("/settings/file") | {"text": json.dumps(merchant.document())}


NOTED: Mapping[str, tuple[Callable[[Merchant], Any], Deed]] = {
    "POST overview.reopen": (lambda merchant: merchant.post("/health/again", {}), Deed.ACCOUNT_RETRIED),
    "POST preview.result": (
        lambda merchant: merchant.post("/preview/result", {"kind": "order_paid", "past": past(merchant)}),
        Deed.EVENT_PREVIEWED,
    ),
    "POST preview.test": (
        lambda merchant: merchant.post("/preview/test", {"kind": "order_paid", "email": "jan@example.com"}),
        Deed.TEST_SENT,
    ),
    "POST deliveries.body": (lambda merchant: merchant.post(f"/deliveries/{the_only(merchant)}/body", {}), Deed.BODY_VIEWED),
    "POST deliveries.replay": (
        lambda merchant: merchant.post(f"/deliveries/{the_only(merchant)}/again", {}),
        Deed.DELIVERIES_REPLAYED,
    ),
    "POST deliveries.replay_all": (
        lambda merchant: merchant.post("/deliveries/again", {"again-failed": the_only(merchant) + 1, "old-failed": "on"}),
        Deed.DELIVERIES_REPLAYED,
    ),
    "POST deliveries.replay_selection": (
        lambda merchant: (
            fields := fields_in(merchant.post("/deliveries/selection", {"id": the_only(merchant)}).text),
            merchant.post("/deliveries/again", fields | {"old-failed": "on"}),
        ),
        Deed.DELIVERIES_REPLAYED,
    ),
    "GET deliveries.export": (lambda merchant: merchant.get("/deliveries/export").text, Deed.LOG_EXPORTED),
    "POST setup.connect": (
        lambda merchant: merchant.post("/setup/connect", merchant.form("/setup?step=connect")),
        Deed.SETTINGS_CHANGED,
    ),
    "POST setup.events": (
        lambda merchant: merchant.post("/setup/events", as_it_is(merchant)),
        Deed.SETTINGS_CHANGED,
    ),
    "POST setup.languages": (
        lambda merchant: merchant.post("/setup/languages", merchant.form("/setup?step=languages")),
        Deed.SETTINGS_CHANGED,
    ),
    "POST setup.test": (
        lambda merchant: merchant.post("/setup/test", {"email": "me@example.com", "kind": "order_paid"}),
        Deed.TEST_SENT,
    ),
    "POST setup.dismiss": (lambda merchant: merchant.post("/setup/dismiss", {}), Deed.GUIDE_DISMISSED),
    "POST events.change": (saved("/events/order_paid"), Deed.SETTINGS_CHANGED),
    "POST events.sample": (
        lambda merchant: merchant.post(
            "/events/order_paid/sample", merchant.form("/events/order_paid") | {"past": past(merchant)}
        ),
        Deed.EVENT_PREVIEWED,
    ),
    "POST languages.change": (saved("/languages"), Deed.SETTINGS_CHANGED),
    "POST store.change": (saved("/settings"), Deed.SETTINGS_CHANGED),
    "POST store.change_account": (saved("/settings/account"), Deed.SETTINGS_CHANGED),
    "POST store.import_file": (
        lambda merchant: merchant.post("/settings/file", as_a_file(merchant)),
        Deed.SETTINGS_CHANGED,
    ),
    "POST variables.change": (
        lambda merchant: merchant.post(
            "/settings/variables/edit", merchant.form("/settings/variables/edit") | {"name": "mine", "path": "$.currency"}
        ),
        Deed.SETTINGS_CHANGED,
    ),
    "POST variables.webhook": (
        lambda merchant: merchant.post("/settings/variables/webhook", {"shown": "order_paid"}),
        Deed.WEBHOOK_VIEWED,
    ),
    "POST people.look": (lambda merchant: merchant.post(CUSTOMERS, JAN), Deed.PERSON_LOOKED_UP),
    "POST people.ask": (lambda merchant: merchant.post(f"{CUSTOMERS}/ask", JAN), Deed.PERSON_LOOKED_UP),
    "POST people.export": (lambda merchant: merchant.post(f"{CUSTOMERS}/export.json", JAN).text, Deed.PERSON_EXPORTED),
    "POST people.export_page": (lambda merchant: merchant.post(f"{CUSTOMERS}/export.html", JAN).text, Deed.PERSON_EXPORTED),
    "POST people.erase": (lambda merchant: merchant.post(f"{CUSTOMERS}/erase", JAN), Deed.PERSON_ERASED),
    "GET store.export": (lambda merchant: merchant.get("/settings/export"), Deed.SETTINGS_EXPORTED),
}
READS = "shows the shop's own settings, figures and log, in which buyers are masked"
NOT_NOTED = {
    "POST store.check": "tests/web/test_store_fields.py: this merchant has no SendPulse that could be asked",
    "GET deliveries.export_rows": "a number",
    "GET deliveries.job": "numbers",
    "POST deliveries.stop": "tests/storage/test_resends.py: the line says who asked for what was sent until then",
    "POST variables.fields": "one field of a webhook that was looked at, masked like there",
    "POST variables.value": "the same",
    "GET languages.flows": "the names of flows, asked of SendPulse",
    "GET audit.show": "the merchant's own list",
    **dict.fromkeys(
        (
            *("GET overview.show", "GET preview.show", "GET deliveries.index", "GET deliveries.show", "GET deliveries.ask"),
            *("GET setup.show", "GET events.index", "GET events.show", "GET events.letter", "GET languages.show"),
            *("GET variables.show", "GET variables.edit"),
            *("GET store.show", "GET store.account", "GET store.file", "GET people.show"),
        ),
        READS,
    ),
}


def ways(app: Flask) -> list[str]:
    """Everything below the door: method, page and view."""
    return sorted(
        f"{method} {rule.endpoint.removeprefix('fake.')}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("fake.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )


def test_every_way_is_noted_or_has_a_reason_not_to_be(merchant: Merchant) -> None:
    assert ways(merchant.client.application) == sorted([*NOTED, *NOT_NOTED])


@pytest.mark.parametrize(("act", "deed"), NOTED.values(), ids=NOTED)
def test_what_a_visitor_does_has_a_line(merchant: Merchant, act: Callable[[Merchant], Any], deed: Deed) -> None:
    act(merchant)

    line = newest(merchant)
    assert (line.deed, line.who, line.address) == (deed, "fake:7", HERE)
    assert "jan" not in str(line.facts)


def test_a_preview_of_a_made_up_event_is_nobodys_data(merchant: Merchant) -> None:
    merchant.post("/preview/result", {"kind": "order_paid"})

    assert newest(merchant).deed == Deed.SETTINGS_CHANGED


# ------------------------------------------------------------------ the page


def test_the_merchant_reads_who_did_what(merchant: Merchant) -> None:
    merchant.get("/settings/export")

    page = merchant.get("/settings/audit").text

    assert "Exported the settings without event URLs and keys." in page
    assert re.search(r'Staff member\s+<span translate="no">7</span>', page)
    assert HERE in page
    assert "Europe/Warsaw" in page
    assert "Nov 23, 2026, 1:00:00\u202fPM" in page  # noon UTC
    assert page.index("Exported the settings") < page.index("Saved the settings (version 1)")


def test_long_audits_are_read_page_by_page(merchant: Merchant) -> None:
    for number in range(60):
        merchant.services.store.audit.note(
            merchant.shop.id, Deed.BODY_VIEWED, who=OPERATOR, facts={"delivery": number}, now=NOON + timedelta(minutes=number)
        )

    first = merchant.get("/settings/audit").text
    [older] = re.findall(r'href="/fake(/settings/audit\?before=\d+)"', first)
    second = merchant.get(older).text

    assert "(Log ID 59)" in first
    assert "(Log ID 5)" not in first
    assert "(Log ID 5)" in second
    assert "Installed the app." in second
    assert merchant.get("/settings/audit?before=1").text.count("<td") == 0
    assert merchant.get("/settings/audit?before=nonsense").status_code == 200


def test_another_shops_lines_are_not_shown(merchant: Merchant) -> None:
    store = merchant.services.store
    other = store.shops.install(Shop(id=0, platform="fake", address="other"), {}, now=NOON)
    store.audit.note(other.id, Deed.LOG_EXPORTED, who="fake:8", now=NOON)
    before = store.audit.page(other.id, limit=1)[0].id + 1

    assert "Downloaded the event log" not in merchant.get("/settings/audit").text
    assert "Downloaded the event log" not in merchant.get(f"/settings/audit?before={before}").text


def a_line(deed: str, *, who: str = "fake:7", text: str = "", **facts: str | int) -> AuditLine:
    return AuditLine(id=1, number=1, at=NOON, deed=deed, who=who, address="", facts=facts, text=text)


def test_a_line_beside_the_chain_is_told_to_be_unsealed(merchant: Merchant) -> None:
    with merchant.client.application.test_request_context():
        words = audit_texts.what(replace(a_line("", text="Left."), number=None))

        coded = audit_texts.what(replace(a_line("uninstalled"), number=None))

    assert words.startswith("Left. (Not protected")
    assert coded.startswith("uninstalled (Not protected")


@pytest.mark.parametrize("deed", Deed)
def test_every_deed_has_words(merchant: Merchant, deed: Deed) -> None:
    with merchant.client.application.test_request_context():
        words = audit_texts.what(a_line(deed.value))

    assert words.endswith(".")
    assert deed.value not in words


def test_what_another_version_wrote_is_shown_as_it_is(merchant: Merchant) -> None:
    with merchant.client.application.test_request_context():
        assert audit_texts.what(a_line("", text="Deliveries sent again: 1.")) == "Deliveries sent again: 1."
        assert audit_texts.what(a_line("of_a_newer_version")) == "of_a_newer_version"
        secret = audit_texts.what(a_line(Deed.SETTINGS_EXPORTED, with_secrets=1))
    assert "event URLs and keys included" in secret


@pytest.mark.parametrize(
    ("who", "actor", "staff"),
    [
        (OPERATOR, "The operator of this app", ""), (STORE, "Your store", ""), (NOBODY, "Unknown", ""), ("", "Unknown", ""),
        ("command line", "The operator of this app", ""), ("the store", "Your store", ""), ("fake:7", "", "7"),
        ("Ann", "", "Ann"),
    ],
)  # fmt: skip
def test_who_it_was_is_told(merchant: Merchant, who: str, actor: str, staff: str) -> None:
    with merchant.client.application.test_request_context():
        line = a_line(Deed.TEST_SENT, who=who)
        assert (audit_texts.actor(line), audit_texts.staff(line)) == (actor, staff)


# ------------------------------------------------------------------ who was refused


def test_refused_visits_are_gathered_into_one_line(merchant: Merchant) -> None:
    for _ in range(5):
        answer = merchant.client.get("/fake/events", headers={"Authorization": "Bearer forged demo"})
        assert answer.status_code == 401

    page = merchant.get("/settings/audit").text

    assert page.count("Somebody tried to open the app with an invalid token") == 1
    assert "times within the hour: 5" in page
    assert page == merchant.get("/settings/audit").text
    line = newest(merchant)
    assert (line.deed, line.who, line.facts["kind"], line.facts["times"]) == (
        *(Deed.LOGIN_REFUSED, NOBODY, RefusedLogin.UNPROVEN, 5),
    )


def test_who_speaks_for_no_shop_of_ours_is_counted_nowhere(merchant: Merchant) -> None:
    before = newest(merchant)

    merchant.client.get("/fake/events", headers={"Authorization": "Bearer forged nobody"})

    merchant.get("/settings/audit")
    assert newest(merchant) == before


# ------------------------------------------------------------------ a suspended shop


def test_every_page_of_a_suspended_shop_says_so_but_the_audit(merchant: Merchant) -> None:
    assert merchant.services.store.shops.suspend(merchant.shop.id, now=NOON)

    for path in ("", "/deliveries", "/events/order_paid", "/settings/file"):
        page = merchant.get(path)
        assert page.status_code == 200
        assert "This app is suspended for your store" in page.text
        assert "on Nov 23, 2026, 1:00\u202fPM." in page.text
    posted = merchant.post("/preview/test", {"kind": "order_paid", "email": "jan@example.com"})
    assert "This app is suspended for your store" in posted.text
    assert merchant.post_box.posted == []
    assert "Suspended the app for this store: nothing is sent." in merchant.get("/settings/audit").text
    assert "Find what is kept about a customer" in merchant.get("/settings/customers").text  # whoever asks is to be answered

    assert merchant.services.store.shops.resume(merchant.shop.id, now=NOON)

    assert "suspended for your store" not in merchant.get("/deliveries").text
