"""Six events in eight languages, set up by the guide alone: each pair starts the flow that the merchant chose."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
import requests
from playwright.sync_api import expect

from plugin.sandbox import demo
from tests.support.journeys.merchant import Merchant
from tests.support.journeys.reading import ReadingMerchant
from tests.support.journeys.sandbox import RunningSandbox, running_sandbox
from tests.support.journeys.tour import HOSTS, event_url, home, installs_shopify, received_for

LANGUAGES: Final = {
    "en": "English", "pl": "Polish", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "uk": "Ukrainian",
    "pt-BR": "Portuguese (Brazil)",
}  # fmt: skip
ORDERS: Final = ("order_created", "order_paid", "order_fulfilled", "order_cancelled")
FLOWS: Final = {"": 3100, "cart_abandoned": 3200, "customer_created": 3300}  #: the number before the first language's flow
EVENT: Final = "whole_store"
MOST_CLICKS, MOST_SECONDS = 60, 600


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """One of its own: no other journey has so many flows."""
    with running_sandbox(tmp_path_factory.mktemp("pairs")) as running:
        makes_flows(running)
        yield running


def makes_flows(sandbox: RunningSandbox) -> None:
    """In SendPulse, by hand: one event, and three flows a language that start from it."""
    for kind, first in FLOWS.items():
        for number, language in enumerate(LANGUAGES.values(), start=first):
            flow = {"id": number, "name": f"{language} {kind}".strip(), "event": EVENT}
            requests.post(f"{sandbox.places.events}/pretend/flows", json=flow, timeout=5).raise_for_status()


def sets_up(merchant: Merchant) -> None:
    """From the first step to the fourth."""
    merchant.writes("REST ID", demo.CLIENT_ID)
    merchant.writes("REST secret", demo.CLIENT_SECRET)
    merchant.clicks_on("button", "Continue")
    merchant.clicks_on("radio", re.compile("One event for all"))
    merchant.writes("Name or URL of the shared event", EVENT)
    for title in ("Order placed", "Order shipped", "Order canceled", "Cart abandoned", "Customer registered"):
        merchant.clicks_on("checkbox", re.compile(title))
    merchant.clicks_on("button", "Continue")
    merchant.sees("combobox", f"Default flow, {LANGUAGES['en']}")
    for number, (locale, language) in enumerate(LANGUAGES.items()):
        row = language  # the store's own languages stand there already
        if not merchant.app.get_by_role("combobox", name=f"Default flow, {language}", exact=True).count():
            row = f"row {merchant.app.get_by_role('combobox', name=re.compile('^Default flow, ')).count() + 1}"
            merchant.clicks_on("button", "Add a language")
            merchant.writes(f"Language, {row}", locale if "-" in locale else language)
        for column, first in (("Default flow", 3100), ("Cart abandoned", 3200), ("Customer registered", 3300)):
            merchant.writes(f"{column}, {row}", str(first + number))
    merchant.clicks_on("button", "Continue")


def starts_every_pair(merchant: ReadingMerchant, sandbox: RunningSandbox, email: str) -> None:
    """Tested in the guide, as SendPulse saw it."""
    merchant.writes("Your own email address", email)
    merchant.clicks_on("button", "Test all languages")
    merchant.reads("6 test events accepted. Now check your inbox.")
    for name in LANGUAGES.values():
        row = merchant.app.get_by_role("row", name=re.compile(re.escape(name)))
        if row.get_by_text("Not tested yet").count():  # one press does what fits in its time
            merchant.clicks_on("button", f"Test: {name}")
            row.get_by_text("6 test events accepted").wait_for()

    mails: list[Any] = requests.get(f"{sandbox.places.events}/pretend/mails", timeout=5).json()
    mine = [mail for mail in mails if mail["contact"] == email]
    started = {(mail["variables"]["event_name"], mail["variables"]["locale"]): mail["flow_id"] for mail in mine}
    chosen = {
        (kind, locale): FLOWS.get(kind, FLOWS[""]) + number
        for kind in (*ORDERS, "cart_abandoned", "customer_created")
        for number, locale in enumerate(LANGUAGES)
    }
    assert started == chosen
    assert len(mine) == len(chosen) == 48
    merchant.pace.reads(merchant)
    seconds = merchant.pace.seconds(merchant.clicks)
    print(f"\n{merchant.clicks} clicks, {merchant.pace.words} words read, {seconds:.0f} s for a person to 48 of 48")
    assert merchant.clicks <= MOST_CLICKS
    assert seconds <= MOST_SECONDS


@pytest.fixture
def reader(merchant: Merchant) -> ReadingMerchant:
    return ReadingMerchant(merchant.page)


def test_every_pair_of_a_shopify_store_starts_its_flow(reader: ReadingMerchant, sandbox: RunningSandbox) -> None:
    reader.opens(home(sandbox, "shopify", shop="eight"))
    reader.clicks_on("button", "Install", inside=reader.page)

    sets_up(reader)

    starts_every_pair(reader, sandbox, "eight.of.shopify@example.com")


def test_every_pair_of_a_saleor_store_starts_its_flow(
    reader: ReadingMerchant, sandbox: RunningSandbox, saleor_newcomer: str
) -> None:
    reader.opens(saleor_newcomer)
    reader.clicks_on("link", "Install an app from its manifest", inside=reader.page)
    reader.clicks_on("button", "Install app", inside=reader.page)

    sets_up(reader)

    starts_every_pair(reader, sandbox, "eight.of.saleor@example.com")


@pytest.mark.parametrize("host", HOSTS)
def test_who_only_continues_has_no_event_in_a_flow_of_another(
    merchant: Merchant, sandbox: RunningSandbox, host: str, request: pytest.FixtureRequest
) -> None:
    email = f"onward.of.{host}@example.com"
    merchant.opens(installs(sandbox, host, request))
    if host == "saleor":
        merchant.clicks_on("link", "Install an app from its manifest", inside=merchant.page)
        merchant.clicks_on("button", "Install app", inside=merchant.page)
    merchant.clicks_on("radio", re.compile("With an event URL"))
    merchant.writes("Event URL", event_url())
    merchant.clicks_on("button", "Continue")
    merchant.sees("group", "Events to send")
    merchant.clicks_on("button", "Continue")
    merchant.sees("textbox", "Default flow, English")

    merchant.clicks_on("button", "Continue")
    merchant.reads("Choose a flow for at least one language")
    merchant.clicks_on("button", "Skip: let SendPulse start every flow")
    merchant.writes("Your own email address", email)
    merchant.clicks_on("button", "Send test")
    merchant.reads("Test event accepted. Now check your inbox.")

    [only] = received_for(sandbox, email)
    assert (only["variables"]["event_name"], only["undefined"]) == ("order_paid", [])
    assert "automation_id" not in only["variables"]
    merchant.clicks_on("link", "Choose events")
    switched_on = merchant.app.get_by_role("checkbox", checked=True)
    expect(switched_on).to_have_count(1)
    expect(switched_on).to_have_value("order_paid")


def installs(sandbox: RunningSandbox, host: str, request: pytest.FixtureRequest) -> str:
    """Where its admin shows the app, or offers it."""
    return installs_shopify(sandbox, "onward") if host == "shopify" else request.getfixturevalue("saleor_newcomer")
