"""What a settings file may say, part by part."""

from collections.abc import Mapping
from typing import Any, Final

from plugin.domain.excerpts import found
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
from plugin.domain.settings import Account, PersonalData, ShopSettings, StoreFacts, links
from plugin.domain.settings import values as value
from plugin.domain.settings.own_variables import VariablesReading
from plugin.domain.settings.values import Check, ProductId
from plugin.domain.wording import Sentence, worded

VERSION: Final = 1
WAIT_MINUTES: Final = (10, 10_080)  #: Shopify's recovery link may lead home in the first ten minutes; a week is the most
REMINDER_HOURS: Final = (1, 720)  #: a month is the most; what is remembered of carts and people is kept as long
REQUESTS_A_SECOND: Final = (1, 10)  #: https://sendpulse.com/integrations/api allows ten


# ------------------------------------------------------------------ which keys there are

_FILE: Final = ("version", "events", "flows", "rules", "no_match", "store", "share", "variables", "account")
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
    "locale": value.locale,
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


def _no_event(near: str, known: list[str]) -> Sentence:
    if near:
        return worded("is not an event we know. Did you mean %(word)s?", word=near)
    return worded("is not an event we know. Known: %(known)s.", known=", ".join(known))


class Reading(VariablesReading):
    """What each part of a file has to say."""

    def file(self, document: object) -> ShopSettings:
        parts = self.known(document, "$", _FILE)
        if parts is None:
            return ShopSettings(table=RouteTable(routes={}))
        self._version(parts)
        routes = self._routes(parts.get("events", {}))
        flows = self._flows(parts.get("flows", []))
        rules = self._rules(parts.get("rules", []))
        table = RouteTable(routes=routes, flows=flows, rules=rules, no_match=self._no_match(parts.get("no_match", {})))
        store = self._store(parts.get("store", {}))
        share, variables = self._share(parts.get("share", [])), self.variables(parts.get("variables", []))
        account = self._account(parts.get("account", {}), routes)
        return ShopSettings(table=table, store=store, account=account, share=share, variables=variables)

    def _version(self, parts: Mapping[str, Any]) -> None:
        version = parts.get("version")
        if "version" not in parts:
            self.note("$.version", worded("is missing; enter %(version)s.", version=VERSION))
        elif isinstance(version, bool) or version != VERSION or not isinstance(version, int):
            self.note(
                "$.version",
                worded("found %(found)s; this app reads version %(version)s.", found=found(version), version=VERSION),
            )

    # -------------------------------------------------------------- events

    def _routes(self, events: object) -> dict[EventKind, Route]:
        kinds = [kind.value for kind in EventKind]
        parts = self.known(events, "$.events", kinds, unknown=_no_event) or {}
        return {kind: self._route(kind, parts[kind], f"$.events.{kind}") for kind in EventKind if kind in parts}

    def _route(self, kind: EventKind, event: object, path: str) -> Route:
        fields = self.fields(event, path, _EVENT)
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
                    self.note(f"{path}.{key}", worded("only cart_abandoned waits; leave this key out here."))
            return
        wait_minutes = fields.get("wait_minutes", 0 if "wait_minutes" in event else Route(kind=kind).wait_minutes)
        if "oldest_hours" in fields and fields["oldest_hours"] * 60 <= wait_minutes:
            message = worded(
                "found %(found)s, but a cart counts as abandoned only after %(minutes)s minutes, so no reminder would "
                "ever be sent; enter more hours.",
                found=found(fields["oldest_hours"]),
                minutes=wait_minutes,
            )
            self.note(f"{path}.oldest_hours", message)

    def _address(self, event: Mapping[str, Any], send: Send, path: str) -> None:
        """An event that leaves must have somewhere to go."""
        if send is Send.NAME and "event_name" not in event:
            self.note(f"{path}.event_name", worded('is missing; "send": "name" needs the name of the event in SendPulse.'))
        if send is not Send.NAME and "event_url" not in event:
            message = worded(
                'is missing; "send": "%(send)s" needs it: copy the event URL from SendPulse\'s Events Manager '
                "(a file exported without secrets lacks it).",
                send=send.value,
            )
            self.note(f"{path}.event_url", message)

    # -------------------------------------------------------------- flows, rules, no match

    def _flows(self, flows: object) -> tuple[Flow, ...]:
        read: list[Flow] = []
        seen: dict[tuple[str | None, EventKind | None], str] = {}
        for item, path in self.items(flows, "$.flows"):
            fields = self.required(item, path, _FLOW, ("locale", "automation_id"))
            if isinstance(item, dict) and "locale" in fields and ("event" in fields or "event" not in item):
                first = seen.setdefault((parse(fields["locale"]), fields.get("event")), path)
                if first != path:
                    self.note(f"{path}.locale", _twice(fields["locale"], first))
            if fields.keys() >= {"locale", "automation_id"}:
                read.append(Flow(**fields))
        return tuple(read)

    def _rules(self, rules: object) -> tuple[Rule, ...]:
        read: list[Rule] = []
        for item, path in self.items(rules, "$.rules"):
            fields = self.fields(item, path, _RULE)
            self._gives(item, path)
            if isinstance(item, dict) and not any(item.get(name) for name in ("channel", "country", "event")):
                self.note(
                    path,
                    worded("names no channel, country or event, so no later rule or flow would ever be asked; name one."),
                )
            if fields.keys() & {"automation_id", "locale"}:
                read.append(Rule(**fields))
        return tuple(read)

    def _gives(self, rule: object, path: str) -> None:
        """A rule gives a flow or a language, one of the two."""
        given = [name for name in ("automation_id", "locale") if isinstance(rule, dict) and name in rule]
        if isinstance(rule, dict) and not given:
            self.note(f"{path}.automation_id", worded("is missing; a rule needs a flow or a language."))
        if len(given) > 1:
            self.note(
                f"{path}.locale",
                worded("cannot be used together with automation_id; a rule names a flow or a language: keep one."),
            )

    def _no_match(self, no_match: object) -> NoMatch:
        choice = NoMatch(**self.fields(no_match, "$.no_match", _NO_MATCH))
        is_given = isinstance(no_match, dict) and "automation_id" in no_match
        if choice.policy is NoMatchPolicy.DEFAULT_FLOW and not is_given:
            self.note("$.no_match.automation_id", worded("is missing; default_flow needs the number of the flow to use."))
        return choice

    # -------------------------------------------------------------- store, share, account

    def _store(self, store: object) -> StoreFacts:
        fields = self.fields(store, "$.store", _STORE)
        product_id = fields.pop("product_id", ProductId.NUMBER)
        return StoreFacts(product_id_as_text=product_id is ProductId.TEXT, **fields)

    def _share(self, share: object) -> frozenset[PersonalData]:
        check = value.word_of(PersonalData)
        return frozenset(word for item, path in self.items(share, "$.share") for word in self.checked(item, path, check))

    def _account(self, account: object, routes: Mapping[EventKind, Route]) -> Account:
        fields = self.fields(account, "$.account", _ACCOUNT)
        by_name = next((kind for kind, route in routes.items() if route.enabled and route.send is Send.NAME), None)
        given = account.keys() if isinstance(account, dict) else set()
        if by_name and "api_key" not in given and not given >= {"client_id", "client_secret"}:
            missing = next((name for name, other in _PAIR if other in given), "api_key")
            message = worded(
                "is missing; %(kind)s is sent by name, and sending by name needs client_id and client_secret, or api_key "
                "(a file exported without secrets lacks them).",
                kind=by_name,
            )
            self.note(f"$.account.{missing}", message)
        return Account(**fields)


def _twice(locale: str, first: str) -> Sentence:
    return worded(
        "found %(found)s, but %(place)s already has this language for the same event; keep one of the two.",
        found=found(locale),
        place=first,
    )
