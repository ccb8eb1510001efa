"""A settings file with errors is refused with all of them, each where it stands."""

import pytest

from plugin.domain.settings.file import read_settings_file
from tests.support.domain.settings_documents import (
    EN,
    PL,
    PLANTED,
    a_cart,
    a_document,
    a_flow,
    a_store,
    an_account,
    an_order,
    refused,
)  # fmt: skip

FLOW_HINT = "A flow is a positive whole number: the digits after /flow/id/ in the flow page's address."
PAID, CART, FLOW = "$.events.order_paid", "$.events.cart_abandoned", "$.flows[0]"
NO = {"locale": "no", "automation_id": 1}
BY_NAME = an_order(send="name", event_name="a")

# what is wrong, the document, the path, words of the message
WRONG: tuple[tuple[str, object, str, str], ...] = (
    ("no object", [], "$", "found a list; enter an object"),
    ("no file", None, "$", "found the value null; enter an object"),
    ("no version", {}, "$.version", "is missing; enter 1."),
    ("next version", {"version": 2}, "$.version", "found the number 2; this app reads version 1."),
    ("version as text", {"version": "1"}, "$.version", 'found "1"'),
    ("version true", {"version": True}, "$.version", "found the value true"),
    ("version with a point", {"version": 1.0}, "$.version", "found a number"),
    ("misspelt part", a_document(evnts={}), "$.evnts", "is not a key we know. Did you mean events?"),
    ("unheard of part", a_document(zzz={}), "$.zzz", "Known: version, events, flows, rules, no_match, store, share, "),
    ("odd key", a_document(**{"a b": 1}), '$["a b"]', "is not a key we know."),
    ("key that may be a secret", a_document(**{PLANTED: 1}), "$[…]", "is not a key we know."),
    ("share as text", a_document(share="address"), "$.share", "enter a list"),
    ("unknown share", a_document(share=["adress"]), "$.share[0]", "enter one of these: address. Did you mean address?"),
    ("events in a list", a_document(events=[]), "$.events", "found a list; enter an object"),
    ("misspelt event", a_document(events={"order_payed": {}}), "$.events.order_payed", "not an event we know. Did you mean"),
    ("unheard of event", a_document(events={"zzz": {}}), "$.events.zzz", "is not an event we know. Known: order_created, "),
    ("event in capitals", a_document(events={"ORDER_PAID": {}}), "$.events.ORDER_PAID", "Did you mean order_paid?"),
    ("event that is true", a_document(events={"order_paid": True}), f"{PAID}", "found the value true; enter an object"),
    ("misspelt key of an event", an_order(event_uri=""), f"{PAID}.event_uri", "Did you mean event_url?"),
    ("enabled as text", an_order(enabled="yes"), f"{PAID}.enabled", 'found "yes"; enter true or false.'),
    ("unknown way", an_order(send="jsn"), f"{PAID}.send", "enter one of these: json, form, name. Did you mean json?"),
    ("way that is a number", an_order(send=1), f"{PAID}.send", "found the number 1; enter one of these: json, form, name."),
    ("unknown shape", an_order(shape="rows"), f"{PAID}.shape", 'found "rows"; enter one of these: order, item, array.'),
    ("unknown audience", an_order(audience="all"), f"{PAID}.audience", "enter one of these: everyone, subscribers."),
    ("unknown lead", an_order(lead="cheapest"), f"{PAID}.lead", "enter one of these: first, most_expensive."),
    ("other address", an_order(event_url="https://evil.example/x"), f"{PAID}.event_url", "not a SendPulse event URL"),
    ("address as number", an_order(event_url=5), f"{PAID}.event_url", "found a number; enter the event URL as a text."),
    ("no address", a_document(events={"order_paid": {}}), f"{PAID}.event_url", '"send": "json" needs it'),
    ("no address of a form", a_document(events={"order_paid": {"send": "form"}}), f"{PAID}.event_url", '"form" needs it'),
    ("no name", an_order(send="name") | {"account": {"api_key": "k"}}, f"{PAID}.event_name", "is missing"),
    ("empty name", an_order(event_name=" "), f"{PAID}.event_name", "1 to 80 letters"),
    ("long name", an_order(event_name="a" * 81), f"{PAID}.event_name", "found a text of 81 characters"),
    ("name with a blank", an_order(event_name="my event"), f"{PAID}.event_name", 'found "my event"; enter the event\'s name'),
    ("no credentials", BY_NAME, "$.account.api_key", "order_paid is sent by name"),
    ("id without secret", BY_NAME | {"account": {"client_id": "a"}}, "$.account.client_secret", "is missing"),
    ("secret without id", BY_NAME | {"account": {"client_secret": "a"}}, "$.account.client_id", "is missing"),
    ("short wait", a_cart(wait_minutes=9), f"{CART}.wait_minutes", "whole number of minutes from 10 to 10080"),
    ("long wait", a_cart(wait_minutes=10_081), f"{CART}.wait_minutes", "found the number 10081"),
    ("wait as text", a_cart(wait_minutes="60"), f"{CART}.wait_minutes", 'found "60"; enter a whole number'),
    ("wait that is true", a_cart(wait_minutes=True), f"{CART}.wait_minutes", "found the value true"),
    ("window of no time", a_cart(window_hours=0), f"{CART}.window_hours", "enter a whole number of hours from 1 to 720."),
    ("window of a year", a_cart(window_hours=8760), f"{CART}.window_hours", "found the number 8760"),
    ("oldest as text", a_cart(oldest_hours="72"), f"{CART}.oldest_hours", 'found "72"; enter a whole number of hours'),
    (
        "oldest before abandoned", a_cart(wait_minutes=120, oldest_hours=2), f"{CART}.oldest_hours",
        "found the number 2, but a cart counts as abandoned only after 120 minutes",
    ),
    ("oldest before the usual wait", a_cart(oldest_hours=1), f"{CART}.oldest_hours", "only after 60 minutes"),
    ("window of an order", an_order(window_hours=24), f"{PAID}.window_hours", "only cart_abandoned waits"),
    ("wait of an order", an_order(wait_minutes=60), f"{PAID}.wait_minutes", "only cart_abandoned waits"),
    ("flows in an object", a_document(flows={}), "$.flows", "found an object; enter a list in square brackets."),
    ("flow as number", a_document(flows=[PL, 5]), "$.flows[1]", "found a number; enter an object"),
    ("misspelt key of a flow", a_flow(lang="pl"), f"{FLOW}.lang", "is not a key we know."),
    ("no locale", a_document(flows=[{"automation_id": 1}]), f"{FLOW}.locale", "is missing."),
    ("name of a language", a_flow(locale="Deutsch"), f"{FLOW}.locale", "pt-BR. Did you mean de?"),
    ("list of locales", a_flow(locale="pt_BR, pl"), f"{FLOW}.locale", "pt-BR. Did you mean pt-BR?"),
    ("locale with a sign unseen", a_flow(locale="pl\0"), f"{FLOW}.locale", "another invisible character"),
    ("unknown locale", a_flow(locale="polish"), f"{FLOW}.locale", 'found "polish", which is not a language we know'),
    ("locale as number", a_flow(locale=5), f"{FLOW}.locale", "found the number 5"),
    ("no flow", a_document(flows=[{"locale": "pl"}]), f"{FLOW}.automation_id", "is missing."),
    ("flow as word", a_document(flows=[PL, EN | {"automation_id": "abc"}]), "$.flows[1].automation_id", FLOW_HINT),
    ("flow that is true", a_flow(automation_id=True), f"{FLOW}.automation_id", f"found the value true. {FLOW_HINT}"),
    ("flow nothing", a_flow(automation_id=0), f"{FLOW}.automation_id", "found the number 0"),
    ("flow below zero", a_flow(automation_id="-5"), f"{FLOW}.automation_id", FLOW_HINT),
    ("too many flows", a_document(flows=[EN] * 501), "$.flows", "found a list of 501 entries; enter at most 500."),
    ("too many rules", a_document(rules=[{}] * 501), "$.rules", "found a list of 501 entries; enter at most 500."),
    ("flow in an endless address", a_flow(automation_id="/flow/id/1 " * 6_000), f"{FLOW}.automation_id", "66000 characters"),
    ("flow in a sentence", a_flow(automation_id="look: /flow/id/1"), f"{FLOW}.automation_id", FLOW_HINT),
    ("flow in a broken address", a_flow(automation_id="https://a b/flow/id/1"), f"{FLOW}.automation_id", FLOW_HINT),
    ("flow that is a part of a word", a_flow(automation_id="/flow/id/1x"), f"{FLOW}.automation_id", FLOW_HINT),
    ("flow with a point", a_flow(automation_id=1.5), f"{FLOW}.automation_id", "found a number."),
    ("endless flow", a_flow(automation_id=10**30), f"{FLOW}.automation_id", "found a number."),
    ("flow null", a_flow(automation_id=None), f"{FLOW}.automation_id", "found the value null."),
    ("other address of a flow", a_flow(automation_id="https://x/y/1"), f"{FLOW}.automation_id", FLOW_HINT),
    ("two flows in one language", a_document(flows=[PL, PL | {"locale": "PL"}]), "$.flows[1].locale", "has this language"),
    ("one language by two codes", a_document(flows=[NO, NO | {"locale": "nb"}]), "$.flows[1].locale", "keep one"),
    ("flow of no event", a_flow(event="order"), f"{FLOW}.event", "Did you mean order_"),
    ("long name of a flow", a_flow(name="x" * 256), f"{FLOW}.name", "found a text of 256 characters; enter at most 255"),
    ("name with a line break", a_flow(name="a\nb"), f"{FLOW}.name", "on one line"),
    ("name as number", a_flow(name=5), f"{FLOW}.name", "found a number; enter a text."),
    ("rules in an object", a_document(rules={}), "$.rules", "enter a list"),
    ("rule as text", a_document(rules=["PL"]), "$.rules[0]", "found a text; enter an object"),
    ("rule without a flow", a_document(rules=[{"country": "PL"}]), "$.rules[0].automation_id", "a rule needs a flow"),
    ("rule of both", a_document(rules=[{"country": "PL", "automation_id": 1, "locale": "pl"}]), "$.rules[0].locale", "keep"),
    ("rule of no locale", a_document(rules=[{"country": "PL", "locale": "polish"}]), "$.rules[0].locale", "Did you mean pl?"),
    ("rule for everything", a_document(rules=[{"automation_id": 1, "channel": ""}]), "$.rules[0]", "names no channel"),
    ("country by name", a_document(rules=[{"automation_id": 1, "country": "Poland"}]), "$.rules[0].country", "two letters"),
    ("unknown policy", a_document(no_match={"policy": "default"}), "$.no_match.policy", "Did you mean default_flow?"),
    ("default flow without one", a_document(no_match={"policy": "default_flow"}), "$.no_match.automation_id", "is missing"),
    ("default flow as word", a_document(no_match={"automation_id": "x"}), "$.no_match.automation_id", FLOW_HINT),
    ("no match as text", a_document(no_match="hold"), "$.no_match", "found a text; enter an object"),
    ("unknown time zone", a_store(timezone="Mars/Base"), "$.store.timezone", 'found "Mars/Base"; enter a time zone'),
    ("time zone in small letters", a_store(timezone="europe/warsaw"), "$.store.timezone", "Did you mean Europe/Warsaw?"),
    ("time zone as number", a_store(timezone=1), "$.store.timezone", "found the number 1"),
    ("folder of time zones", a_store(timezone="Europe"), "$.store.timezone", 'found "Europe"'),
    ("relative link", a_store(link="demo.example"), "$.store.link", "https:// is missing at the start; enter a whole address"),
    ("other scheme", a_store(link="javascript:alert(1)"), "$.store.link", "enter a whole address"),
    ("link without a host", a_store(link="https:///x"), "$.store.link", "enter a whole address"),
    ("broken host", a_store(link="https://[x/"), "$.store.link", "enter a whole address"),
    ("broken port", a_store(link="https://demo.example:x/"), "$.store.link", "enter a whole address"),
    ("port nothing", a_store(link="https://demo.example:0/"), "$.store.link", "enter a whole address"),
    ("long link", a_store(link="https://demo.example/" + "x" * 2048), "$.store.link", "found a text of 2069 characters"),
    ("blank in a link", a_store(link="https://demo.example/a b"), "$.store.link", "enter a whole address"),
    ("link as number", a_store(link=5), "$.store.link", "found the number 5"),
    ("relative product link", a_store(product_link="/{slug}"), "$.store.product_link", "enter a whole address"),
    ("product link as list", a_store(product_link=[]), "$.store.product_link", "found a list"),
    ("unknown placeholder", a_store(product_link="https://d.example/{slg}"), "$.store.product_link", 'found "slg" in braces'),
    ("nearest placeholder", a_store(product_link="https://d.example/{slg}"), "$.store.product_link", "Did you mean slug?"),
    ("empty placeholder", a_store(product_link="https://d.example/{}"), "$.store.product_link", "an empty text in braces"),
    ("placeholder with a form", a_store(product_link="https://d.example/{slug:>9}"), "$.store.product_link", "{slug}"),
    ("placeholder converted", a_store(product_link="https://d.example/{slug!r}"), "$.store.product_link", "{slug}"),
    ("open brace", a_store(product_link="https://d.example/{slug"), "$.store.product_link", "a brace is missing"),
    ("unknown default locale", a_store(default_locale="und"), "$.store.default_locale", 'found "und"'),
    ("test orders as number", a_store(test_orders=1), "$.store.test_orders", "enter true or false"),
    ("product id as something", a_store(product_id="sku"), "$.store.product_id", "enter one of these: number, text."),
    ("store as list", a_document(store=[]), "$.store", "found a list; enter an object"),
    ("no requests", an_account(rate_per_second=0), "$.account.rate_per_second", "requests per second from 1 to 10"),
    ("many requests", an_account(rate_per_second=11), "$.account.rate_per_second", "found the number 11"),
    ("half a request", an_account(rate_per_second=0.5), "$.account.rate_per_second", "found a number"),
    ("secret as number", an_account(client_secret=5), "$.account.client_secret", "found a number, which is not a"),
    ("empty secret", an_account(client_secret=""), "$.account.client_secret", "found an empty text, which is not a"),
    ("secret with a blank", an_account(api_key=f"{PLANTED} x"), "$.account.api_key", "without spaces"),
    ("account as text", a_document(account="x"), "$.account", "found a text; enter an object"),
)  # fmt: skip


@pytest.mark.parametrize(("document", "path", "words"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_is_said_where_it_stands(document: object, path: str, words: str) -> None:
    errors = dict(refused(document))

    assert path in errors
    assert words in errors[path]


def test_no_error_hides_another() -> None:
    document = {
        "version": 3,
        "extra": 1,
        "events": {
            "order_paid": {"shape": "x", "audience": "y"},
            "order_lost": {},
            "cart_abandoned": {"send": "name", "wait_minutes": 5},
        },
        "flows": [{"locale": "??", "automation_id": "x"}, {"name": 5}, 7],
        "rules": [{"automation_id": 0}],
        "no_match": {"policy": "default_flow", "automation_id": 0},
        "store": {"timezone": "x", "link": "x"},
        "account": {"rate_per_second": 0},
    }

    assert {path for path, _ in refused(document)} == {
        "$.version", "$.extra",
        "$.events.order_paid.shape", "$.events.order_paid.audience", "$.events.order_paid.event_url", "$.events.order_lost",
        "$.events.cart_abandoned.event_name", "$.events.cart_abandoned.wait_minutes",
        "$.flows[0].locale", "$.flows[0].automation_id", "$.flows[1].name", "$.flows[1].locale", "$.flows[1].automation_id",
        "$.flows[2]", "$.rules[0]", "$.rules[0].automation_id", "$.no_match.automation_id", "$.store.timezone", "$.store.link",
        "$.account.rate_per_second", "$.account.api_key",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (an_order(send="nme"), "$.events.order_paid.send"),
        (a_document(flows=[PL, PL | {"event": "cart"}]), "$.flows[1].event"),
        (BY_NAME | {"account": {"api_key": 5}}, "$.account.api_key"),
        (a_document(no_match={"policy": "x"}), "$.no_match.policy"),
    ],
    ids=["way", "event of a flow", "key", "policy"],
)
def test_one_mistake_is_one_error(document: object, path: str) -> None:
    assert [found for found, _ in refused(document)] == [path]


SECRET_URL = "https://events.sendpulse.com/events/id/fedcba98765432100123456789abcdef/5550100"


@pytest.mark.parametrize(
    "document",
    [
        an_order(event_url=SECRET_URL + "?x=1"),
        an_order(event_name=SECRET_URL),
        an_order(send=SECRET_URL),
        a_document(flows=[{"locale": SECRET_URL, "automation_id": SECRET_URL}]),
        a_document(store={"link": SECRET_URL + " x", "timezone": SECRET_URL, "name": SECRET_URL * 9}),
        a_document(account={"api_key": SECRET_URL + " ", SECRET_URL: 1, "client_secret": [SECRET_URL]}),
        a_document(account={"client_id": "fedcba98765432100123456789abcdef x"}),
        a_document(flows=[{"locale": "jan@example.com", "automation_id": "fedcba98765432100123456789abcdef"}]),
    ],
    ids=["url", "name", "word", "flow", "store", "account", "id", "elsewhere"],
)
def test_no_error_repeats_a_secret_or_an_address(document: object) -> None:
    text = str(refused(document))

    assert not any(planted in text for planted in ("fedcba9876543210", "5550100", "jan@"))


def test_a_file_of_unknown_keys_is_refused_without_looking_at_all_of_them() -> None:
    errors = refused(a_document(flows={}, **{f"key_{number}": 1 for number in range(1_000)}))

    assert errors[0] == (
        "$.key_0",
        "is not a key we know. Known: version, events, flows, rules, no_match, store, share, variables, account.",
    )
    assert errors[100:] == [("$", "more than 100 mistakes; fix these, and the others are shown.")]


def test_after_many_mistakes_no_entry_is_looked_at_any_more() -> None:
    errors = refused(a_document(flows=[{"locale": "??", "automation_id": 1}] * 500, rules=[7] * 500))

    assert [path for path, _ in errors[-2:]] == ["$.flows[99].locale", "$"]


def test_what_was_meant_is_looked_for_in_the_first_mistakes_only() -> None:
    events = [{"locale": "pl", "automation_id": 1, "event": "order_payed"}] * 30
    messages = [message for path, message in refused(a_document(flows=events)) if path.endswith(".event")]

    assert "Did you mean order_paid?" in messages[0]
    assert messages[-1].startswith('found "order_payed"; enter one of these: order_created, order_paid, ')
    assert sum("Did you mean" in message for message in messages) == 20


def test_a_locale_longer_than_any_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr("plugin.domain.settings.values.parse", read.append)

    ((path, message),) = refused(a_document(store={"default_locale": "de-1996" + "-abcde" * 6}))

    assert (path, message[:27]) == ("$.store.default_locale", "found a text of 43 characte")
    assert read == [""]


def test_the_longest_locale_is_taken_with_blanks_around_it() -> None:
    longest = "zh-Hant-TW-u-ca-roc-nu-hanidec-co-x"

    assert len(longest) == 35
    assert read_settings_file(a_store(default_locale=f" {longest} ")).store.default_locale == longest
