"""A shop's Saleor after its settings changed: webhooks on or off, and what its dashboard says of the app."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from graphql import build_schema, parse, validate

from plugin.config import Settings
from plugin.domain.errors import GiveUp, StoreRefuses, TryAgain
from plugin.domain.payload import LONGEST_TEXT, Payload
from plugin.domain.routing import Flow
from plugin.domain.secret import AutomationId
from plugin.domain.settings import NO_SETTINGS, ShopSettings
from plugin.domain.settings.file import read_settings_file
from plugin.platforms.saleor import manifest, webhook_sync
from plugin.platforms.saleor.addresses import AddressPolicy
from plugin.platforms.saleor.api import Api
from plugin.platforms.saleor.languages import MOST, USUAL, asked_languages, known_codes
from plugin.platforms.saleor.manifest import ALWAYS, SINCE
from plugin.platforms.saleor.webhook_sync import NOT_SET_UP, OPERATIONS, PAUSED, WebhookSync
from plugin.sandbox.serving import serve_in_thread
from plugin.sandbox.stores.saleor.api import saleor_app
from plugin.sandbox.stores.saleor.graph import schema
from plugin.sandbox.stores.saleor.pretend import InstalledApp, PretendSaleor
from tests.support.builders import a_settings_document
from tests.support.shared_folder import SHARED, needs_shared

CONFIGURED: ShopSettings = read_settings_file(a_settings_document())
TROUBLE = "SendPulse does not know this event URL. Copy it anew."


@dataclass
class Place:
    """A pretend Saleor with our app in it."""

    saleor: PretendSaleor
    webhook_sync_: WebhookSync
    access: dict[str, Any]

    @property
    def app(self) -> InstalledApp:
        [app] = self.saleor.apps()
        return app

    @property
    def active(self) -> dict[str, bool]:
        return {str(webhook["name"]): bool(webhook["isActive"]) for webhook in self.app.webhooks}

    @property
    def problems(self) -> dict[str, str]:
        return {key: text for _, key, text in self.saleor.problems}

    def sync(self, settings: ShopSettings = CONFIGURED, trouble: str = "") -> Mapping[str, Any]:
        changed = self.webhook_sync_.sync(self.access, settings, trouble)
        self.access |= changed
        return changed


@pytest.fixture
def place() -> Iterator[Place]:
    saleor = PretendSaleor()
    settings = Settings.from_environ({"PUBLIC_URL": "https://plugin.example.com"})
    with serve_in_thread(saleor_app(saleor)) as serving:
        saleor.url = serving.url
        app = saleor.add_app(manifest.manifest(settings))
        api = Api(AddressPolicy(patterns=(re.compile(re.escape(saleor.api_url)),)))
        access = {"token": app.token, "app_id": app.id, "api_url": saleor.api_url, "version": "3.23.28"}
        yield Place(saleor, WebhookSync(settings, api), access)


def test_an_installed_app_is_told_nothing_but_its_removal_and_whom_to_forget(place: Place) -> None:
    assert {name for name, is_on in place.active.items() if is_on} == ALWAYS - SINCE.keys()


def test_webhooks_are_switched_on_when_something_is_sent_on(place: Place) -> None:
    place.sync()

    assert set(place.active.values()) == {True}


def test_webhooks_are_switched_off_when_nothing_is_sent_on_any_more(place: Place) -> None:
    place.sync()

    place.sync(NO_SETTINGS)

    assert {name for name, is_on in place.active.items() if is_on} == ALWAYS


def test_a_switched_off_route_is_no_route(place: Place) -> None:
    document = a_settings_document()
    for event in document["events"].values():
        event["enabled"] = False

    place.sync(read_settings_file(document))

    assert sum(place.active.values()) == len(ALWAYS)


def test_settling_again_changes_nothing(place: Place) -> None:
    place.sync()
    before = place.app

    assert place.sync() == {}
    assert place.app == before


def test_a_webhook_that_is_missing_is_added(place: Place) -> None:
    place.saleor.change_webhooks(place.app, tuple(hook for hook in place.app.webhooks if hook["name"] != "order_created"))

    place.sync()

    assert place.active["order_created"] is True
    [added] = [hook for hook in place.app.webhooks if hook["name"] == "order_created"]
    assert added["targetUrl"] == "https://plugin.example.com/webhooks/saleor"
    assert added["asyncEvents"] == ["ORDER_CREATED"]


def test_an_older_query_is_replaced_by_ours(place: Place) -> None:
    old = "subscription { event { ... on OrderCreated { order { id } } } }"
    hooks = tuple({**hook, "query": old, "targetUrl": "https://old.example/"} for hook in place.app.webhooks)
    place.saleor.change_webhooks(place.app, hooks)

    place.sync()

    wanted = {manifest.subscription(name, asked_languages(CONFIGURED)) for name in manifest.events()}
    assert {hook["query"] for hook in place.app.webhooks} == wanted
    assert {hook["targetUrl"] for hook in place.app.webhooks} == {"https://plugin.example.com/webhooks/saleor"}


def with_flows(*locales: str, default_locale: str = "") -> ShopSettings:
    flows = tuple(Flow(locale=locale, automation_id=AutomationId(number)) for number, locale in enumerate(locales, 100))
    store = replace(CONFIGURED.store, default_locale=default_locale)
    return replace(CONFIGURED, store=store, table=replace(CONFIGURED.table, flows=flows))


@pytest.mark.parametrize(
    ("flows", "default", "asked"),
    [
        (("pl", "pt-BR"), "de", ("DE", "PL", "PT_BR", "PT")),
        (("zh-Hant-HK", "sr-Latn"), "", ("ZH_HANT_HK", "ZH_HANT", "SR_LATN")),
        (("pt_br", "no", "de-Latn-XX"), "", ("PT_BR", "PT", "NB", "DE")),
        ((), "de", USUAL),
        (("tlh",), "", USUAL),
    ],
    ids=str,
)
def test_the_names_of_products_are_asked_for_in_the_languages_of_the_flows(
    flows: tuple[str, ...], default: str, asked: tuple[str, ...]
) -> None:
    assert asked_languages(with_flows(*flows, default_locale=default)) == asked


def test_only_so_many_languages_are_asked_for() -> None:
    many = [code.lower() for code in sorted(known_codes()) if "_" not in code]

    assert len(asked_languages(with_flows(*many))) == MOST


def test_settling_with_the_longest_query_again_changes_nothing(place: Place) -> None:
    settings = with_flows(*(code.lower() for code in sorted(known_codes()) if "_" not in code))
    place.sync(settings)
    before = place.app
    assert max(len(hook["query"]) for hook in before.webhooks) > LONGEST_TEXT

    assert place.sync(settings) == {}
    assert place.app.webhooks is before.webhooks


def test_another_flow_changes_the_queries_of_the_checkouts_only(place: Place) -> None:
    place.sync(with_flows("pl"))
    before = {hook["name"]: hook["query"] for hook in place.app.webhooks}

    place.sync(with_flows("pl", "hr"))

    changed = {hook["name"] for hook in place.app.webhooks if hook["query"] != before[hook["name"]]}
    assert changed == {"checkout_created", "checkout_updated"}


def test_a_webhook_somebody_made_by_hand_is_left_alone(place: Place) -> None:
    query = manifest.subscription("order_created")
    by_hand = {
        "name": "mine",
        "targetUrl": "https://a.example",
        "query": query,
        "asyncEvents": ["ORDER_CREATED"],
        "isActive": False,
    }
    place.saleor.change_webhooks(place.app, (*place.app.webhooks, by_hand))

    place.sync()

    assert by_hand in place.app.webhooks


@pytest.mark.parametrize(("version", "is_there"), [("3.23.4", False), ("3.23.5", True), ("3.24.0-a.0", True)])
def test_a_saleor_that_can_say_it_tells_whom_its_staff_deleted(
    place: Place, monkeypatch: pytest.MonkeyPatch, version: str, is_there: bool
) -> None:
    monkeypatch.setattr("plugin.sandbox.stores.saleor.graph.VERSION", version)

    place.sync(NO_SETTINGS)

    assert ("customer_deleted" in place.active) is is_there


@pytest.mark.parametrize(("version", "is_there"), [("3.21.69", False), ("3.22.1", True), ("3.23.28", True), ("4.0", True)])
def test_an_event_an_older_saleor_does_not_know_is_added_where_it_does(
    place: Place, monkeypatch: pytest.MonkeyPatch, version: str, is_there: bool
) -> None:
    for module in (manifest, webhook_sync):
        monkeypatch.setattr(module, "SINCE", {"order_updated": (3, 22, 0)})
    monkeypatch.setattr("plugin.sandbox.stores.saleor.graph.VERSION", version)
    settings = Settings.from_environ({"PUBLIC_URL": "https://plugin.example.com"})
    place.access["token"] = place.saleor.add_app(manifest.manifest(settings)).token
    assert "order_updated" not in place.active

    place.sync()

    assert ("order_updated" in place.active) is is_there
    assert place.access["version"] == version


# ------------------------------------------------------------------ what the dashboard says


def test_the_dashboard_says_that_nothing_is_set_up_until_it_is(place: Place) -> None:
    place.sync(NO_SETTINGS)
    assert set(place.problems) == {NOT_SET_UP}

    place.sync()
    assert place.problems == {}


def test_the_dashboard_says_what_keeps_events_from_leaving_until_it_is_over(place: Place) -> None:
    place.sync(trouble=TROUBLE)
    assert TROUBLE in place.problems[PAUSED]

    place.sync()
    assert place.problems == {}
    assert place.access["problems"] == {}


def test_a_problem_that_stands_there_is_not_counted_again(place: Place) -> None:
    for _ in range(3):
        place.sync(trouble=TROUBLE)

    assert len(place.saleor.problems) == 1


def test_another_trouble_takes_the_place_of_the_first(place: Place) -> None:
    place.sync(trouble=TROUBLE)

    place.sync(trouble="SendPulse does not answer.")

    assert list(place.problems) == [PAUSED]
    assert "does not answer" in place.problems[PAUSED]


def test_an_older_saleor_has_no_place_for_problems(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugin.sandbox.stores.saleor.graph.VERSION", "3.21.69")

    place.sync(NO_SETTINGS)

    assert place.problems == {}


# ------------------------------------------------------------------ when it goes wrong


def test_a_token_the_shop_no_longer_knows_is_a_refusal_with_a_remedy(place: Place) -> None:
    place.access["token"] = "revoked"

    with pytest.raises(StoreRefuses, match="no longer knows") as refused:
        place.sync()

    assert "Install the app again" in refused.value.fix
    assert "revoked" not in f"{refused.value.reason} {refused.value.fix}"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"app": None, "shop": {"version": "3.23.28"}}, StoreRefuses), ({"app": None, "shop": None}, TryAgain), ({}, TryAgain),
        (GiveUp("Your store does not know this token."), StoreRefuses), (TryAgain("away"), TryAgain),
    ],
    ids=str,
)  # fmt: skip
def test_only_a_shop_that_answers_can_refuse(answer: object, error: type[Exception]) -> None:
    class Said:
        def answer(self, *asked: object, **more: object) -> Payload:
            if isinstance(answer, Exception):
                raise answer
            assert isinstance(answer, dict)
            return Payload(answer, "data")

    webhook_sync_ = WebhookSync(Settings.from_environ({}), Said())  # type: ignore[arg-type]

    with pytest.raises(error) as raised:
        webhook_sync_.sync({"token": "t", "api_url": "https://demo.example/graphql/"}, CONFIGURED, "")

    assert type(raised.value) is error


def test_a_shop_that_does_not_answer_is_tried_again_later(place: Place) -> None:
    webhook_sync_ = WebhookSync(Settings.from_environ({}), Api(AddressPolicy(patterns=(re.compile(r".*"),))))

    with pytest.raises(TryAgain):
        webhook_sync_.sync({**place.access, "api_url": "http://127.0.0.1:9/graphql/"}, CONFIGURED, "")


def test_a_shop_that_is_slow_each_time_is_not_asked_on_and_on(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(webhook_sync, "monotonic", lambda: float(next(clock)))

    with pytest.raises(TryAgain, match="too slowly"):
        place.sync()

    changed = [is_on for name, is_on in place.active.items() if is_on]
    monkeypatch.undo()
    place.sync()
    assert 0 < len(changed) < len([is_on for is_on in place.active.values() if is_on])


def test_a_change_of_a_webhook_the_shop_refuses_is_a_refusal(place: Place) -> None:
    place.webhook_sync_._here = "ftp://nowhere"

    with pytest.raises(StoreRefuses, match="INVALID"):
        place.sync()


def test_a_problem_the_dashboard_does_not_show_is_tried_again_later(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_sync, "SET_IT_UP", "?")  # too short for a Saleor

    with pytest.raises(TryAgain, match="ReportProblem"):
        place.sync(NO_SETTINGS)


def test_a_shop_put_in_by_hand_is_left_as_it_is(place: Place) -> None:
    assert place.webhook_sync_.sync({"token": place.access["token"]}, CONFIGURED, "") == {}
    assert place.webhook_sync_.sync({}, CONFIGURED, "") == {}
    assert sum(place.active.values()) == len(ALWAYS - SINCE.keys())


# ------------------------------------------------------------------ the questions themselves


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_is_valid_for_the_pretend_saleor(name: str) -> None:
    assert validate(schema(), parse(OPERATIONS[name])) == []


@needs_shared
def test_every_operation_is_valid_on_a_real_3_23() -> None:
    real = build_schema((SHARED / "schemas" / "saleor-3.23.28.graphql").read_text(encoding="utf-8"), assume_valid=True)

    for name, text in OPERATIONS.items():
        assert validate(real, parse(text)) == [], name


def test_only_the_reports_need_more_than_3_21() -> None:
    newer = {name for name, text in OPERATIONS.items() if "appProblem" in text or "identifier" in text}

    assert newer == {"ReportProblem", "DismissProblems"}
