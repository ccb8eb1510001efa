"""What becomes of a hostile body: it is followed from the bytes to the bodies for SendPulse, checked at each step."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from random import Random
from typing import Any, Final

from cryptography.fernet import Fernet
from email_validator import validate_email

from plugin.domain.contact import Contact
from plugin.domain.delivery import Hold, Skip
from plugin.domain.errors import GiveUp, TryAgain, Unreadable
from plugin.domain.event import Buyer, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.matching import Choice, choose, with_rules_locale
from plugin.domain.notice import Notice, Translation
from plugin.domain.own import OwnType, OwnVariable
from plugin.domain.reasons import no_letter
from plugin.domain.routing import Audience, Flow, Lead, NoMatch, NoMatchPolicy, Route, RouteTable, Rule, Send, Shape
from plugin.domain.secret import AutomationId, EventUrl
from plugin.domain.settings import NO_SETTINGS, ShopSettings, StoreFacts
from plugin.domain.shop import Shop
from plugin.pipeline.consent import with_kept_consent
from plugin.pipeline.hold import abandoned, purchases, timers
from plugin.pipeline.translate import meaning
from plugin.platforms import find_testkit
from plugin.ports import LookupContext, Platform, StoredEvent, StoredWebhook
from plugin.sendpulse.body import bodies
from plugin.storage.db.crypto import Crypto
from plugin.storage.queue.event_rows import event_row
from tests.support.builders import EVENT_URL, NOON
from tests.support.fakes import FakeConsents, FakeShops
from tests.support.own_time import own_time
from tests.support.sendpulse.fit_bodies import fields_of, is_as_designed

SLOWEST: Final = 1.0  #: seconds of the processor for one translation
#: A merchant's own, at places that damaged bodies have something else at.
VARIABLES: Final = tuple(
    OwnVariable(name=f"mine_{number}", type=OwnType.TEXT, path=path)
    for number, path in enumerate(
        ("$..name", "$..*[?@.key=='a' || @.value>1].value", "$.line_items[-1].price", "$.order.metadata[*].*")
    )
)
LONGEST_TEXT: Final = 4_200  #: characters of any text of ours: one of the store's (`payload.LONGEST_TEXT`) and a word before it
LONGEST_LINK: Final = 60_000  #: of one made of the merchant's template: a character may become twelve
LONGEST_PARTIAL: Final = 2_000
LONGEST_NAME: Final = 300
MOST_NAMES: Final = 10
MOST_BODIES: Final = 50  #: of those that leave line by line, so many are read

CRYPTO: Final = Crypto(encryption_keys=(Fernet.generate_key().decode(),), secret_key="hostile")
E164: Final = re.compile(r"\+[1-9][0-9]{4,14}", re.ASCII)
SHORT: Final = "https://app.example/go/x"


class Catalogue:
    """Knows nothing and remembers nothing."""

    def read(self, shop_id: int, keys: Any) -> Mapping[str, Mapping[str, str]]:
        return {}

    def write(self, shop_id: int, found: Mapping[str, Mapping[str, str]], *, now: datetime) -> None:
        CRYPTO.seal_json(found)


@dataclass(frozen=True, slots=True)
class Followed:
    """What a body came to."""

    outcome: str
    seconds: float  #: of the processor, for translating it


def follow(platform: Platform, topic: str, body: bytes, random: Random) -> Followed:
    """Take a body the whole way, and raise `AssertionError` or whatever it provoked where it should not."""
    shop, _ = find_testkit(platform.name).installation()
    try:
        with own_time() as spent:
            webhook = StoredWebhook(id=1, shop=shop, topic=topic, body=body, tries=1, sent_at=NOON, variables=VARIABLES)
            translation = meaning(webhook, platform)
    except Unreadable as error:
        assert str(error).startswith((f"{topic}.", f"{topic}:")) and str(error).isprintable() and len(str(error)) < 500
        return Followed("unreadable", spent.seconds)
    assert spent.seconds < SLOWEST, f"{spent.seconds:.1f} s for {len(body)} bytes"
    return Followed(" + ".join(_outcomes(translation, platform, shop, random)), spent.seconds)


def _outcomes(translation: Translation, platform: Platform, shop: Shop, random: Random) -> Iterator[str]:
    assert translation.events or translation.notices or translation.skip or translation.bought
    for notice in translation.notices:
        yield _obeyed(notice)
    if translation.skip:
        assert translation.skip.reason
        yield f"skip {translation.skip.code}"
    if translation.buyer:
        _is_tidy_buyer(translation.buyer)
    purchases(translation)
    for event in translation.events:
        yield f"{event.kind}{'' if event.contact else ' to nobody'}"
        is_fit(event)
        settings = random.choice(SETTINGS)
        completed = _completed(event, platform, a_place(shop, settings))
        is_fit(completed)
        finish(completed, shop, settings)
        if translation.buyer:
            finish(translation.buyer.completes(event), shop, settings)


def _obeyed(notice: Notice) -> str:
    for text in _texts(asdict(notice)):
        _is_storable(text)
    return type(notice).__name__


def _is_tidy_buyer(buyer: Buyer) -> None:
    _is_tidy(buyer.contact)
    _names_are_few(buyer.person)


def is_fit(event: StoreEvent) -> None:
    """What holds for every event, as its webhook told it and as it was completed."""
    stored = CRYPTO.open_event(CRYPTO.seal_event(event))
    assert stored == event and stored.key == event.key
    row = event_row(CRYPTO, 1, event, webhook_id=1, now=NOON)
    assert len(row["key"]) <= 255 and len(row["object_id"]) <= 255
    assert event.object_id and event.happened_at.tzinfo
    assert len(event.partial) <= LONGEST_PARTIAL
    assert event.no_letter is None or no_letter(event.no_letter, event.kind).reason
    _names_are_few(event.person)
    if event.contact:
        _is_tidy(event.contact)
    for text in _texts(asdict(event)):
        _is_storable(text)


def _is_storable(text: str) -> None:
    """Whether any database takes it: no NUL, no lone surrogate."""
    assert len(text) <= (LONGEST_LINK if text.startswith("https://") else LONGEST_TEXT)
    assert text.isprintable() or not any((c < " " and c not in "\n\t") or "\ud800" <= c <= "\udfff" for c in text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for item in value.values() for text in _texts(item))
    elif isinstance(value, list | tuple):
        yield from (text for item in value for text in _texts(item))


def _is_tidy(contact: Contact) -> None:
    assert contact.email or contact.phone
    if contact.email:
        assert validate_email(contact.email, check_deliverability=False).normalized == contact.email == contact.email.lower()
    assert contact.phone is None or E164.fullmatch(contact.phone)


def _names_are_few(person: tuple[str, ...]) -> None:
    assert len(person) <= MOST_NAMES
    assert all(len(name) <= LONGEST_NAME for name in person)


# ------------------------------------------------------------------ completing it


def _completed(event: StoreEvent, platform: Platform, place: LookupContext) -> StoreEvent:
    try:
        return platform.complete(event, place)
    except (TryAgain, GiveUp):
        return event


def a_place(shop: Shop, settings: ShopSettings, access: Mapping[str, Any] | None = None) -> LookupContext:
    """A place whose shop lets nobody ask it, unless access is given."""
    return LookupContext(
        shop=shop, settings=settings, access=access or {}, catalogue=Catalogue(), consents=FakeConsents(), shops=FakeShops(),
        now=NOON,
    )  # fmt: skip


# ------------------------------------------------------------------ choosing its flow and writing its bodies


def finish(event: StoreEvent, shop: Shop, settings: ShopSettings) -> None:
    """Choose a flow for a completed event and write its bodies."""
    event = with_kept_consent(with_rules_locale(settings.table.rules, event), shop.id, FakeConsents())
    timers(StoredEvent(id=1, shop=shop, settings=settings, access={}, event=event, created_at=NOON, tries=1), event)
    for told in (event, abandoned(event)) if event.basket and not event.basket.order_id else (event,):
        choice = choose(settings.table, told, default_locale=settings.store.default_locale or shop.locale)
        if isinstance(choice, Choice):
            _bodies_are_fit(told, choice, shop, settings)
        else:
            assert isinstance(choice, Skip | Hold) and choice.reason


def _bodies_are_fit(event: StoreEvent, choice: Choice, shop: Shop, settings: ShopSettings) -> None:
    route = choice.route
    # Ten thousand lines make ten thousand bodies, each like the other.
    told = event.with_products(event.products[:MOST_BODIES]) if route.shape is Shape.ITEM else event
    found = bodies(told, route, choice.automation_id, shop, settings, lambda *_: SHORT)
    is_by_line = route.shape is Shape.ITEM and told.products
    assert [body.part for body in found] == (list(range(1, len(told.products) + 1)) if is_by_line else [0])
    for body in found:
        is_as_designed(fields_of(body), as_text=settings.store.product_id_as_text)


def _settings(shape: Shape, send: Send, lead: Lead, audience: Audience, store: StoreFacts) -> ShopSettings:
    said: dict[str, Any] = {"shape": shape, "send": send, "lead": lead, "audience": audience}
    routes = {kind: Route(kind=kind, event_url=EventUrl(EVENT_URL), event_name="x", **said) for kind in EventKind}
    flows = (Flow(locale="pl", automation_id=AutomationId(1)), Flow(locale="zh-TW", automation_id=AutomationId(2), name="Z"))
    rules = (Rule(automation_id=AutomationId(3), channel="pos", country="PL"), Rule(locale="de-AT", country="AT"))
    policy = NoMatch(policy=NoMatchPolicy.HOLD if shape is Shape.ARRAY else NoMatchPolicy.WITHOUT_FLOW)
    return replace(NO_SETTINGS, table=RouteTable(routes=routes, flows=flows, rules=rules, no_match=policy), store=store)


_LINKS: Final = StoreFacts(
    product_link="https://demo.example/{locale}/{channel}/{slug}?v={variant}", order_link="https://demo.example/{order_number}",
    cart_link="https://demo.example/{token}?e={email}", consent_key="newsletter", timezone="Asia/Tokyo",
)  # fmt: skip
SETTINGS: Final = (
    _settings(Shape.ORDER, Send.JSON, Lead.FIRST, Audience.EVERYONE, StoreFacts()),
    _settings(Shape.ITEM, Send.FORM, Lead.FIRST, Audience.EVERYONE, replace(_LINKS, product_id_as_text=True)),
    _settings(Shape.ARRAY, Send.NAME, Lead.FIRST, Audience.SUBSCRIBERS, StoreFacts()),
    _settings(Shape.ORDER, Send.FORM, Lead.MOST_EXPENSIVE, Audience.EVERYONE, _LINKS),
)
