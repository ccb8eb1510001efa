"""Walking through a settings file, noting every error it has."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from plugin.domain.excerpts import found, is_safe_to_quote, kind_of, nearest
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.locale import parse
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
from plugin.domain.settings import Account, ShopSettings, StoreFacts, links
from plugin.domain.settings import values as value
from plugin.domain.settings.values import Check, ProductId, Wrong
from plugin.domain.wording import Sentence, worded

VERSION: Final = 1
MOST_ITEMS: Final = 500  #: flows, or rules: every language for every kind of event is fewer
MOST_UNKNOWN: Final = 100  #: keys that are named as unknown; each is looked for among those that are known
WAIT_MINUTES: Final = (10, 10_080)  #: Shopify's recovery link may lead home in the first ten minutes; a week is the most
REMINDER_HOURS: Final = (1, 720)  #: a month is the most; what is remembered of carts and people is kept as long
REQUESTS_A_SECOND: Final = (1, 10)  #: https://sendpulse.com/integrations/api allows ten


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsError:
    """One thing wrong in a settings file."""

    path: str  #: `$.flows[1].automation_id`
    message: Sentence  #: what was found and what would do; never a secret

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


# ------------------------------------------------------------------ which keys there are

_FILE: Final = ("version", "events", "flows", "rules", "no_match", "store", "account")
_EVENT: Final[Mapping[str, Check]] = {
    "enabled": value.truth,
    "send": value.word_of(Send),
    "event_url": value.event_url,
    "event_name": value.event_name,
    "shape": value.word_of(Shape),
    "audience": value.word_of(Audience),
    "wait_minutes": value.minutes(*WAIT_MINUTES),
    "window_hours": value.hours(*REMINDER_HOURS),
    "oldest_hours": value.hours(*REMINDER_HOURS),
    "lead": value.word_of(Lead),
    "on_uncertain": value.word_of(OnUncertain),
}
_FLOW: Final[Mapping[str, Check]] = {
    "locale": value.locale,
    "automation_id": value.automation_id,
    "name": value.text,
    "event": value.word_of(EventKind),
}
_RULE: Final[Mapping[str, Check]] = {
    "channel": value.text,
    "country": value.country,
    "event": value.word_of(EventKind),
    "automation_id": value.automation_id,
    "name": value.text,
}
_NO_MATCH: Final[Mapping[str, Check]] = {"policy": value.word_of(NoMatchPolicy), "automation_id": value.automation_id}
_STORE: Final[Mapping[str, Check]] = {
    "name": value.text,
    "link": links.link,
    "product_link": links.product_link,
    "cart_link": links.cart_link,
    "order_link": links.order_link,
    "timezone": value.timezone,
    "default_locale": value.locale,
    "test_orders": value.truth,
    "old_orders": value.truth,
    "consent_key": value.text,
    "product_id": value.word_of(ProductId),
}
_ACCOUNT: Final[Mapping[str, Check]] = {
    "rate_per_second": value.requests_a_second(*REQUESTS_A_SECOND),
    "client_id": value.client_id,
    "client_secret": value.secret,
    "api_key": value.secret,
}
_PAIR: Final = (("client_secret", "client_id"), ("client_id", "client_secret"))

Unknown = Callable[[str, list[str]], Sentence]  #: what is said of a name that is none of these


def _no_key(key: str, known: list[str]) -> Sentence:
    if near := nearest(key, known):
        return worded("is no key we know. Did you mean %(word)s?", word=near)
    return worded("is no key we know. Known: %(known)s.", known=", ".join(known))


def _no_event(name: str, known: list[str]) -> Sentence:
    if near := nearest(name, known):
        return worded("is no event we know. Did you mean %(word)s?", word=near)
    return worded("is no event we know. Known: %(known)s.", known=", ".join(known))


class Reading:
    """One walk through a file: notes every error and goes on with what is left."""

    def __init__(self) -> None:
        self.errors: list[SettingsError] = []

    def file(self, document: object) -> ShopSettings:
        parts = self._known(document, "$", _FILE)
        if parts is None:
            return ShopSettings(table=RouteTable(routes={}))
        self._version(parts)
        routes = self._routes(parts.get("events", {}))
        flows = self._flows(parts.get("flows", []))
        rules = self._rules(parts.get("rules", []))
        table = RouteTable(routes=routes, flows=flows, rules=rules, no_match=self._no_match(parts.get("no_match", {})))
        store = self._store(parts.get("store", {}))
        return ShopSettings(table=table, store=store, account=self._account(parts.get("account", {}), routes))

    def _version(self, parts: Mapping[str, Any]) -> None:
        version = parts.get("version")
        if "version" not in parts:
            self._note("$.version", worded("is missing; write %(version)s.", version=VERSION))
        elif isinstance(version, bool) or version != VERSION or not isinstance(version, int):
            self._note(
                "$.version",
                worded("found %(found)s; this app reads version %(version)s.", found=found(version), version=VERSION),
            )

    # -------------------------------------------------------------- events

    def _routes(self, events: object) -> dict[EventKind, Route]:
        kinds = [kind.value for kind in EventKind]
        parts = self._known(events, "$.events", kinds, unknown=_no_event) or {}
        return {kind: self._route(kind, parts[kind], f"$.events.{kind}") for kind in EventKind if kind in parts}

    def _route(self, kind: EventKind, event: object, path: str) -> Route:
        fields = self._fields(event, path, _EVENT)
        if not isinstance(event, dict):
            return Route(kind=kind)
        self._reminders(kind, event, fields, path)
        if fields.get("enabled", True) and ("send" in fields or "send" not in event):
            self._address(event, fields.get("send", Send.JSON), path)
        return Route(kind=kind, **fields)

    def _reminders(self, kind: EventKind, event: Mapping[str, Any], fields: Mapping[str, Any], path: str) -> None:
        """What says when and how often a cart is reminded of."""
        if not KINDS[kind].is_computed:
            for key in ("wait_minutes", "window_hours", "oldest_hours"):
                if key in event:
                    self._note(f"{path}.{key}", worded("only cart_abandoned waits; leave this key out here."))
            return
        wait_minutes = fields.get("wait_minutes", 0 if "wait_minutes" in event else Route(kind=kind).wait_minutes)
        if "oldest_hours" in fields and fields["oldest_hours"] * 60 <= wait_minutes:
            message = worded(
                "found %(found)s, but a cart counts as abandoned only after %(minutes)s minutes, so no reminder would ever be "
                "sent; write more hours.",
                found=found(fields["oldest_hours"]),
                minutes=wait_minutes,
            )
            self._note(f"{path}.oldest_hours", message)

    def _address(self, event: Mapping[str, Any], send: Send, path: str) -> None:
        """An event that leaves must have somewhere to go."""
        if send is Send.NAME and "event_name" not in event:
            self._note(f"{path}.event_name", worded('is missing; "send": "name" needs the name of the event in SendPulse.'))
        if send is not Send.NAME and "event_url" not in event:
            message = worded(
                'is missing; "send": "%(send)s" needs it: copy the event URL from SendPulse\'s Events Manager '
                "(a file exported without secrets lacks it).",
                send=send.value,
            )
            self._note(f"{path}.event_url", message)

    # -------------------------------------------------------------- flows, rules, no match

    def _flows(self, flows: object) -> tuple[Flow, ...]:
        read: list[Flow] = []
        seen: dict[tuple[str | None, EventKind | None], str] = {}
        for item, path in self._items(flows, "$.flows"):
            fields = self._required(item, path, _FLOW, ("locale", "automation_id"))
            if isinstance(item, dict) and "locale" in fields and ("event" in fields or "event" not in item):
                first = seen.setdefault((parse(fields["locale"]), fields.get("event")), path)
                if first != path:
                    self._note(f"{path}.locale", _twice(fields["locale"], first))
            if fields.keys() >= {"locale", "automation_id"}:
                read.append(Flow(**fields))
        return tuple(read)

    def _rules(self, rules: object) -> tuple[Rule, ...]:
        read: list[Rule] = []
        for item, path in self._items(rules, "$.rules"):
            fields = self._required(item, path, _RULE, ("automation_id",))
            if isinstance(item, dict) and not any(item.get(name) for name in ("channel", "country", "event")):
                self._note(
                    path,
                    worded("names no channel, country or event, so no later rule or flow would ever be asked; name one."),
                )
            if "automation_id" in fields:
                read.append(Rule(**fields))
        return tuple(read)

    def _no_match(self, no_match: object) -> NoMatch:
        choice = NoMatch(**self._fields(no_match, "$.no_match", _NO_MATCH))
        is_given = isinstance(no_match, dict) and "automation_id" in no_match
        if choice.policy is NoMatchPolicy.DEFAULT_FLOW and not is_given:
            self._note("$.no_match.automation_id", worded("is missing; default_flow needs the number of the flow to use."))
        return choice

    # -------------------------------------------------------------- store, account

    def _store(self, store: object) -> StoreFacts:
        fields = self._fields(store, "$.store", _STORE)
        product_id = fields.pop("product_id", ProductId.NUMBER)
        return StoreFacts(product_id_as_text=product_id is ProductId.TEXT, **fields)

    def _account(self, account: object, routes: Mapping[EventKind, Route]) -> Account:
        fields = self._fields(account, "$.account", _ACCOUNT)
        by_name = next((kind for kind, route in routes.items() if route.enabled and route.send is Send.NAME), None)
        given = account.keys() if isinstance(account, dict) else set()
        if by_name and "api_key" not in given and not given >= {"client_id", "client_secret"}:
            missing = next((name for name, other in _PAIR if other in given), "api_key")
            message = worded(
                "is missing; %(kind)s is sent by name, and sending by name needs client_id and client_secret, or api_key "
                "(a file exported without secrets lacks them).",
                kind=by_name,
            )
            self._note(f"$.account.{missing}", message)
        return Account(**fields)

    # -------------------------------------------------------------- objects and lists

    def _required(self, item: object, path: str, checks: Mapping[str, Check], required: Iterable[str]) -> dict[str, Any]:
        fields = self._fields(item, path, checks)
        for name in required:
            if isinstance(item, dict) and name not in item:
                self._note(f"{path}.{name}", worded("is missing."))
        return fields

    def _fields(self, item: object, path: str, checks: Mapping[str, Check]) -> dict[str, Any]:
        """The right values of an object, checked."""
        right: dict[str, Any] = {}
        for name, entry in (self._known(item, path, checks) or {}).items():
            try:
                right[name] = checks[name](entry)
            except Wrong as error:
                self._note(f"{path}.{name}", error.said)
        return right

    def _known(self, item: object, path: str, known: Iterable[str], *, unknown: Unknown = _no_key) -> dict[str, Any] | None:
        """The known keys of an object; None when it is none."""
        if not isinstance(item, dict):
            self._note(path, worded("found %(found)s; write an object in braces.", found=kind_of(item)))
            return None
        names = list(known)
        for key in islice((key for key in item if key not in names), max(0, MOST_UNKNOWN - len(self.errors))):
            self._note(path + _step(key), unknown(str(key), names))
        return {key: entry for key, entry in item.items() if key in names}

    def _items(self, items: object, path: str) -> list[tuple[object, str]]:
        if isinstance(items, list) and len(items) <= MOST_ITEMS:
            return [(item, f"{path}[{index}]") for index, item in enumerate(items)]
        if isinstance(items, list):
            many = worded("found a list of %(count)s entries; write at most %(most)s.", count=len(items), most=MOST_ITEMS)
            self._note(path, many)
        else:
            self._note(path, worded("found %(found)s; write a list in square brackets.", found=kind_of(items)))
        return []

    def _note(self, path: str, message: Sentence) -> None:
        self.errors.append(SettingsError(path=path, message=message))


def _twice(locale: str, first: str) -> Sentence:
    return worded(
        "found %(found)s, but %(place)s has this locale for the same event already; keep one of the two.",
        found=found(locale),
        place=first,
    )


def _step(key: object) -> str:
    """One step of a JSON path; a key that could be a secret in the wrong place is not repeated."""
    name = str(key)
    if not is_safe_to_quote(name):
        return "[…]"
    return f".{name}" if re.fullmatch(r"\w[\w-]*", name) else f'["{name}"]'
