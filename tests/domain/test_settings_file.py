"""A settings file is read whole, and comes back as it was."""

import json
from typing import Any

import pytest

from plugin.domain.kinds import EventKind
from plugin.domain.routing import Audience, Flow, Lead, NoMatchPolicy, Route, Rule, Send, Shape
from plugin.domain.secret import AutomationId, EventUrl, Secret
from plugin.domain.settings import Account, ShopSettings, StoreFacts
from plugin.domain.settings.file import SettingsRefused, read_settings_file, write_settings_file
from tests.support.builders import EVENT_URL, a_settings_document
from tests.support.domain.settings_documents import PLANTED, a_cart, a_document, an_order, refused

# ------------------------------------------------------------------ what is read


def test_the_file_of_the_merchants_guide_is_understood() -> None:
    settings = read_settings_file(a_settings_document())

    assert settings.table.routes == {
        EventKind.ORDER_PAID: Route(kind=EventKind.ORDER_PAID, send=Send.JSON, event_url=EventUrl(EVENT_URL)),
        EventKind.CART_ABANDONED: Route(
            kind=EventKind.CART_ABANDONED, send=Send.NAME, event_name="abandoned_cart", audience=Audience.SUBSCRIBERS
        ),
    }
    assert settings.table.flows == (
        Flow(locale="en", automation_id=AutomationId(101), name="English"),
        Flow(locale="pl", automation_id=AutomationId(102), name="Polski"),
        Flow(locale="pl", automation_id=AutomationId(202), name="Polski, carts", event=EventKind.CART_ABANDONED),
        Flow(locale="en", automation_id=AutomationId(201), name="English, carts", event=EventKind.CART_ABANDONED),
    )
    assert settings.table.no_match.policy is NoMatchPolicy.DEFAULT_FLOW
    assert settings.table.no_match.automation_id == AutomationId(101)
    assert settings.store == StoreFacts(
        name="Demo",
        link="https://demo.example",
        product_link="https://demo.example/{locale}/products/{slug}",
        timezone="Europe/Warsaw",
        default_locale="en",
    )
    assert settings.account == Account(
        rate_per_second=8, client_id="planted-client-id", client_secret=Secret("planted-client-secret")
    )


def test_a_file_may_say_nothing_but_its_version() -> None:
    assert read_settings_file(a_document()).table.routes == {}


def test_our_own_extra_keys_are_understood() -> None:
    document = a_cart(lead="most_expensive", wait_minutes=10_080, shape="item", send="form") | {
        "rules": [
            {"channel": "pos", "country": "pl", "event": "order_paid", "automation_id": 9, "name": "Shops"},
            {"country": "br", "locale": "pt_BR"},
        ],
        "store": {"product_id": "text", "test_orders": True},
    }

    settings = read_settings_file(document)

    route = settings.table.routes[EventKind.CART_ABANDONED]
    assert (route.lead, route.wait_minutes, route.shape, route.send) == (Lead.MOST_EXPENSIVE, 10_080, Shape.ITEM, Send.FORM)
    assert settings.table.rules == (
        Rule(automation_id=AutomationId(9), channel="pos", country="PL", event=EventKind.ORDER_PAID, name="Shops"),
        Rule(locale="pt_BR", country="BR"),
    )
    assert settings.store == StoreFacts(product_id_as_text=True, test_orders=True)


@pytest.mark.parametrize(
    "written",
    [12345, "12345", " 12345 ", "https://login.sendpulse.com/automation360/flow/id/12345",
     "https://login.sendpulse.com/automation360/flow/id/12345/?tab=stats", "/flow/id/12345#x",
     "https://login.sendpulse.com/flow/id/1/flow/id/12345"],
)  # fmt: skip
def test_a_flow_may_be_pasted_in_any_way_but_is_a_number(written: object) -> None:
    settings = read_settings_file(a_document(flows=[{"locale": "en", "automation_id": written}]))

    assert settings.table.flows[0].automation_id == AutomationId(12345)
    flows = write_settings_file(settings, with_secrets=True)["flows"]
    assert flows == [{"locale": "en", "automation_id": 12345}]


def test_blanks_around_pasted_values_do_no_harm() -> None:
    document = an_order(event_url=f"\n {EVENT_URL} ") | {
        "flows": [{"locale": " PT_br ", "automation_id": 1}],
        "store": {"name": " Demo ", "link": " https://demo.example/ ", "timezone": " Europe/Warsaw "},
        "account": {"api_key": f" {PLANTED}\n"},
    }

    settings = read_settings_file(document)

    assert settings.table.routes[EventKind.ORDER_PAID].event_url == EventUrl(EVENT_URL)
    assert settings.table.flows[0].locale == "PT_br"  # as the merchant wrote it
    assert settings.store == StoreFacts(name="Demo", link="https://demo.example", timezone="Europe/Warsaw")
    assert settings.account.api_key == Secret(PLANTED)


def test_an_event_that_is_switched_off_needs_no_address() -> None:
    document = a_document(events={"order_paid": {"enabled": False}, "order_created": {"enabled": False, "send": "name"}})

    assert not read_settings_file(document).table.routes[EventKind.ORDER_PAID].enabled


@pytest.mark.parametrize("account", [{"api_key": "k"}, {"client_id": "a", "client_secret": "b"}], ids=["key", "pair"])
def test_an_event_may_be_sent_by_name_with_either_kind_of_credentials(account: dict[str, str]) -> None:
    events = {"order_paid": {"send": "name", "event_name": "paid.order-1_a"}}

    settings = read_settings_file(a_document(events=events, account=account))

    assert settings.table.routes[EventKind.ORDER_PAID].event_name == "paid.order-1_a"


def test_a_name_may_be_written_in_any_script() -> None:
    name = "Sklep\u00a0Łódź 👩‍🌾 كتب"

    assert read_settings_file(a_document(store={"name": name})).store.name == name


@pytest.mark.parametrize("rate", [1, 10])
@pytest.mark.parametrize("wait", [10, 10_080])
def test_the_first_and_the_last_number_will_do(wait: int, rate: int) -> None:
    document = a_cart(wait_minutes=wait, event_name="a" * 80) | {
        "account": {"rate_per_second": rate},
        "store": {"name": "x" * 255},
    }

    settings = read_settings_file(document)

    assert settings.table.routes[EventKind.CART_ABANDONED].wait_minutes == wait
    assert settings.account.rate_per_second == rate


def test_a_product_link_may_use_every_placeholder_and_braces_of_its_own() -> None:
    link = "https://{channel}.demo.example:8443/{locale}/{slug}?v={variant}&x={{y}}"

    assert read_settings_file(a_document(store={"product_link": link})).store.product_link == link


def test_a_word_in_doubled_braces_is_refused_as_it_would_never_be_filled_in() -> None:
    with pytest.raises(SettingsRefused, match="a brace is missing or doubled"):
        read_settings_file(a_document(store={"cart_link": "https://demo.example/checkout?checkout={{checkout}}"}))


# ------------------------------------------------------------------ writing


def test_a_long_wait_is_written_without_hours_that_are_shorter() -> None:
    event = {"enabled": True, "send": "name", "event_name": "cart", "wait_minutes": 10_080}
    document = a_settings_document(events={"cart_abandoned": event})

    written = write_settings_file(read_settings_file(document), with_secrets=True)

    assert read_settings_file(written) == read_settings_file(document)


def test_a_file_comes_back_as_it_was() -> None:
    document = a_settings_document(rules=[{"country": "PL", "automation_id": 5}])

    once = write_settings_file(read_settings_file(document), with_secrets=True)
    twice = write_settings_file(read_settings_file(once), with_secrets=True)

    assert json.dumps(once) == json.dumps(twice)
    for part, content in document.items():
        assert _within(content, once[part]), part


def _within(asked: Any, answered: Any) -> bool:
    """Whether everything that was asked is in the answer, which may say more."""
    if isinstance(asked, dict):
        return all(name in answered and _within(value, answered[name]) for name, value in asked.items())
    if isinstance(asked, list):
        return len(asked) == len(answered) and all(map(_within, asked, answered))
    return bool(asked == answered)


def test_an_export_without_secrets_has_none() -> None:
    document = a_settings_document(account={"client_id": "shown", "client_secret": PLANTED, "api_key": PLANTED})

    text = json.dumps(write_settings_file(read_settings_file(document), with_secrets=False))

    assert "shown" in text
    assert not any(planted in text for planted in (PLANTED, EVENT_URL, "event_url", "client_secret", "api_key"))


def test_importing_an_export_without_secrets_asks_for_them() -> None:
    exported = write_settings_file(read_settings_file(a_settings_document()), with_secrets=False)

    errors = refused(exported)

    assert [path for path, _ in errors] == ["$.events.order_paid.event_url", "$.account.client_secret"]
    assert all("exported without secrets" in message for _, message in errors)


def test_nothing_can_be_written_of_no_settings_but_the_defaults() -> None:
    empty = read_settings_file(a_document())

    assert empty == ShopSettings(table=empty.table)
    assert write_settings_file(empty, with_secrets=True) == {
        "version": 1,
        "events": {},
        "flows": [],
        "no_match": {"policy": "without_flow"},
        "store": {"test_orders": False, "old_orders": False, "product_id": "number"},
        "account": {"rate_per_second": 8},
    }
