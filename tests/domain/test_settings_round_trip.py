"""Whatever settings a merchant can make, export and import give them back; whatever else comes is refused politely."""

import json
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.domain.kinds import EventKind
from plugin.domain.own import OwnType, OwnVariable
from plugin.domain.routing import (
    Audience,
    Flow,
    Lead,
    NoMatch,
    NoMatchPolicy,
    OnUncertain,
    Route,
    RouteTable,
    Rule,
    Send,
    Shape,
)
from plugin.domain.secret import AutomationId, EventUrl, Secret
from plugin.domain.settings import Account, PersonalData, ShopSettings, StoreFacts
from plugin.domain.settings.file import SettingsRefused, read_settings_file, write_settings_file

NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40).map(str.strip)
FLOW_NUMBERS = st.integers(1, 2**53 - 1).map(AutomationId)
EVENT_URLS = st.builds(
    lambda code, account: EventUrl(f"https://events.sendpulse.com/events/id/{code}/{account}"),
    st.text("0123456789abcdef", min_size=32, max_size=32),
    st.integers(1, 10**9),
)
KEYS = st.from_regex(r"[A-Za-z0-9._~+/=-]{1,40}", fullmatch=True)
LOCALES = [
    "en",
    "EN_gb",
    "pl",
    "pt-BR",
    "PT_PT",
    "zh-Hant",
    "zh_CN",
    "no",
    "nn",
    "iw",
    "sr-Latn",
    "sr",
    "uk",
    "ru",
]  # each one once


@st.composite
def reminders(draw: st.DrawFn) -> dict[str, int]:
    """When and how often a cart is reminded of; a long wait alone leaves the hours as they are."""
    wait_minutes = draw(st.integers(10, 10_080))
    oldest_hours = draw(st.integers(wait_minutes // 60 + 1, 720) | st.just(Route(kind=EventKind.CART_ABANDONED).oldest_hours))
    return {"wait_minutes": wait_minutes, "window_hours": draw(st.integers(1, 720)), "oldest_hours": oldest_hours}


@st.composite
def routes(draw: st.DrawFn, kind: EventKind) -> Route:
    send = draw(st.sampled_from(Send))
    url = EVENT_URLS if send is not Send.NAME else EVENT_URLS | st.none()
    name = st.from_regex(r"[A-Za-z0-9._-]{1,80}", fullmatch=True)
    return Route(
        kind=kind,
        enabled=draw(st.booleans()),
        send=send,
        event_url=draw(url),
        event_name=draw(name if send is Send.NAME else name | st.just("")),
        shape=draw(st.sampled_from(Shape)),
        audience=draw(st.sampled_from(Audience)),
        lead=draw(st.sampled_from(Lead)),
        on_uncertain=draw(st.sampled_from(OnUncertain)),
        **(draw(reminders()) if kind is EventKind.CART_ABANDONED else {}),
    )


FLOWS = st.lists(
    st.builds(
        Flow,
        locale=st.sampled_from(LOCALES),
        automation_id=FLOW_NUMBERS,
        name=NAMES,
        event=st.none() | st.sampled_from(EventKind),
    ),
    unique_by=lambda flow: (flow.locale, flow.event),
    max_size=8,
)
RULES = st.lists(
    st.builds(
        lambda given, **asked: Rule(**given, **asked),
        st.fixed_dictionaries({"automation_id": FLOW_NUMBERS}) | st.fixed_dictionaries({"locale": st.sampled_from(LOCALES)}),
        channel=NAMES,
        country=st.sampled_from(["PL", "DE"]),
        event=st.none() | st.sampled_from(EventKind),
        name=NAMES,
    ),
    max_size=3,
)
NO_MATCHES = st.builds(NoMatch, policy=st.sampled_from(NoMatchPolicy), automation_id=FLOW_NUMBERS) | st.builds(
    NoMatch, policy=st.sampled_from([policy for policy in NoMatchPolicy if policy is not NoMatchPolicy.DEFAULT_FLOW])
)
STORES = st.builds(
    StoreFacts,
    name=NAMES,
    link=st.sampled_from(["", "https://demo.example", "http://demo.example:8080/shop"]),
    product_link=st.sampled_from(["", "https://demo.example/{locale}/{slug}", "https://{channel}.example/{variant}"]),
    timezone=st.sampled_from(["", "UTC", "Europe/Warsaw"]),
    default_locale=st.sampled_from(["", *LOCALES]),
    cart_link=st.sampled_from(
        ["", "https://demo.example/{locale}/checkout?checkout={checkout}", "https://{channel}.example/{token}"]
    ),
    order_link=st.sampled_from(["", "https://demo.example/{locale}/orders/{order_number}?of={email}"]),
    test_orders=st.booleans(),
    old_orders=st.booleans(),
    consent_key=st.sampled_from(["", "marketing"]),
    product_id_as_text=st.booleans(),
)
OWN_NAMES = st.from_regex(r"my_[a-z0-9_]{0,61}", fullmatch=True)
SOME_KINDS = st.lists(st.sampled_from(EventKind), unique=True, max_size=3).map(tuple)
CONSTANTS = (
    st.tuples(st.just(OwnType.TEXT), NAMES.filter(bool))
    | st.tuples(st.just(OwnType.NUMBER), st.integers(-(10**14), 10**14) | st.sampled_from([12.5, "12.50"]))
    | st.tuples(st.just(OwnType.DATE), st.dates(min_value=date(1900, 1, 1), max_value=date(2999, 1, 1)).map(str))
)
VARIABLES = st.lists(
    st.builds(
        lambda name, constant, kinds: OwnVariable(name=name, type=constant[0], value=constant[1], kinds=kinds),
        OWN_NAMES,
        CONSTANTS,
        SOME_KINDS,
    )
    | st.builds(
        OwnVariable,
        name=OWN_NAMES,
        type=st.sampled_from(OwnType),
        path=st.sampled_from(["$.customer.tags", "$.note_attributes[?@.name=='gift'].value", "$..['a b'][-1]"]),
        kinds=SOME_KINDS,
    ),
    unique_by=lambda variable: variable.name,
    max_size=5,
)
ACCOUNTS = st.builds(
    Account,
    rate_per_second=st.integers(1, 10),
    client_id=KEYS,
    client_secret=KEYS.map(Secret),
    api_key=st.none() | KEYS.map(Secret),
)


@st.composite
def all_settings(draw: st.DrawFn) -> ShopSettings:
    kinds = draw(st.lists(st.sampled_from(EventKind), unique=True, max_size=5))
    return ShopSettings(
        table=RouteTable(
            routes={kind: draw(routes(kind)) for kind in kinds},
            flows=tuple(draw(FLOWS)),
            rules=tuple(draw(RULES)),
            no_match=draw(NO_MATCHES),
        ),
        store=draw(STORES),
        account=draw(ACCOUNTS),
        share=draw(st.frozensets(st.sampled_from(PersonalData))),
        variables=tuple(draw(VARIABLES)),
    )


@settings(deadline=None, max_examples=100)
@given(made=all_settings())
def test_all_settings_survive_export_and_import(made: ShopSettings) -> None:
    text = json.dumps(write_settings_file(made, with_secrets=True))

    read = read_settings_file(json.loads(text))

    assert read == made
    assert json.dumps(write_settings_file(read, with_secrets=True)) == text


@settings(deadline=None, max_examples=100)
@given(made=all_settings())
def test_an_export_without_secrets_never_has_one(made: ShopSettings) -> None:
    without = json.dumps(write_settings_file(made, with_secrets=False))

    assert not any(name in without for name in ('"event_url":', '"client_secret":', '"api_key":'))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
PARTS = ["version", "events", "flows", "rules", "no_match", "store", "share", "variables", "account"]
HOURS = ["wait_minutes", "window_hours", "oldest_hours"]
EVENT_KEYS = ["enabled", "send", "event_url", "event_name", "shape", "audience", "lead", *HOURS]
FLOW_KEYS = ["locale", "automation_id", "name", "event", "channel", "country", "type", "value", "path", "events"]
ONE_EVENT = st.dictionaries(st.sampled_from(EVENT_KEYS), JSON, max_size=4)
EVENTS = st.dictionaries(st.sampled_from([*EventKind, "x"]), ONE_EVENT | JSON, max_size=3)
LISTED = st.lists(st.dictionaries(st.sampled_from(FLOW_KEYS), JSON, max_size=4), max_size=3)
ALMOST = st.dictionaries(st.sampled_from(PARTS), JSON | EVENTS | LISTED | st.just(1), max_size=7)


@settings(deadline=None, max_examples=200)
@given(document=JSON | ALMOST)
def test_any_json_is_read_or_refused_with_paths(document: Any) -> None:
    try:
        read_settings_file(document)
    except SettingsRefused as refused:
        assert refused.errors
        assert all(error.path.startswith("$") and error.message.endswith((".", "?")) for error in refused.errors)
