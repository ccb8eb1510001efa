"""What waits follows the settings: it leaves for the address they name today (docs/decisions/0007)."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, delete, exists, or_, select, update

from plugin.domain import reasons
from plugin.domain.delivery import Hold, Skip, State
from plugin.domain.errors import Misconfigured
from plugin.domain.kinds import EventKind
from plugin.domain.matching import Choice, choose
from plugin.domain.reason_codes import WITHOUT_FLOW, FlowMatch
from plugin.domain.routing import Route, Send
from plugin.domain.secret import EventUrl
from plugin.domain.settings import NO_SETTINGS
from plugin.domain.states import EventState
from plugin.storage.db import hour_marks, tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.claim_columns import CLOSED
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.db.together import Changes
from plugin.storage.queue import destinations
from plugin.storage.shops.shops import ShopContext, SqlShops

BATCH = 200  #: deliveries forwarded in one transaction

_deliveries, _events, _attempts = tables.deliveries, tables.events, tables.attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a delivery is posted, and how."""

    send: Send
    event_url: EventUrl | None
    event_name: str


def address_of(crypto: Crypto, row: RowMapping, letter: Mapping[str, Any], context: ShopContext) -> Address:
    """Today's address of this kind, if it is in the account whose turn it is; else the one it was planned with."""
    route, account = context.settings.table.routes.get(EventKind(row["kind"])), context.settings.account
    if route and route.is_open and destinations.key_of(crypto, account, context.shop.id, route) == row["destination"]:
        return Address(send=route.send, event_url=route.event_url, event_name=route.event_name)
    url = letter["event_url"]
    return Address(send=Send(row["send"]), event_url=EventUrl(url) if url else None, event_name=letter["event_name"])


class Forwarding:
    """Moves what waits to the account its kind is sent to today, or closes it where that is none."""

    def __init__(self, database: Database, crypto: Crypto, shops: SqlShops) -> None:
        self._database, self._crypto, self._shops = database, crypto, shops

    def all(self, shop_id: int, *, now: datetime) -> None:
        """Everything that waits in a shop, in small transactions."""
        number = BATCH
        while number == BATCH:
            with self._database.write() as connection:
                number = self.some(connection, shop_id, now=now)

    def some(self, connection: Connection, shop_id: int, *, now: datetime, ids: Collection[int] | None = None) -> int:
        """The next of them, or all of these; how many those were."""
        context = self._shops.contexts(connection, {shop_id}).get(shop_id)
        if not isinstance(context, ShopContext) or context.settings == NO_SETTINGS:
            return 0
        routes = destinations.open_routes(context.settings)
        keys = {kind: destinations.key_of(self._crypto, context.settings.account, shop_id, routes[kind]) for kind in routes}
        rows = _misdirected(connection, shop_id, keys, ids)
        hour_marks.mark(connection, shop_id, (row["created_at"] for row in rows), now=now)
        untried = [(row["id"], row["event_id"]) for row in rows if not row["was_tried"]]
        decide_again(connection, shop_id, untried, now)
        for row in rows:
            if row["was_tried"]:
                chosen = (_deliveries.c.shop_id == shop_id) & (_deliveries.c.id == row["id"])
                values = self._forwarded(row, context, keys.get(EventKind(row["kind"]), ""), now)
                connection.execute(update(_deliveries).where(chosen).values(values))
        moved = {(shop_id, keys[kind]) for row in rows if row["was_tried"] and (kind := EventKind(row["kind"])) in keys}
        woken = Changes()
        destinations.wake(woken, dict.fromkeys(moved, context.settings.account.rate_per_second), now=now)
        woken.run(connection)
        return len(rows)

    def _forwarded(self, row: RowMapping, context: ShopContext, key: str, now: datetime) -> dict[str, Any]:
        """What was tried keeps its attempts and its body, but for the flow: the other account has flows of its own."""
        moved = {"destination": key, "denied_at": None}
        kind = EventKind(row["kind"])
        try:
            letter, event = self._crypto.open_json(row["letter"]), self._crypto.open_event(row["body"])
        except Misconfigured:  # it cannot be sent either, and the worker says so
            return moved if key else _closed(reasons.switched_off(kind), now)
        default_locale = context.settings.store.default_locale or context.shop.locale
        choice = choose(context.settings.table, event, default_locale=default_locale)
        if not isinstance(choice, Choice):
            return _closed(choice, now)
        if not key:
            return _closed(reasons.no_route(kind), now)
        flow = choice.automation_id.number if choice.automation_id else None
        return moved | {
            "send": choice.route.send.value, "automation_id": flow, "flow_match": choice.match.value, "rule": choice.rule,
            "letter": self._crypto.seal_json(_readdressed(letter, choice.route, flow)),
        }  # fmt: skip


def _closed(why: Skip | Hold, now: datetime) -> dict[str, Any]:
    said = {"reason_code": why.code.value, "reason": why.reason, "fix": why.fix}
    state = State.HELD if isinstance(why, Hold) else State.SKIPPED
    match = FlowMatch.NONE.value if why.code in WITHOUT_FLOW else ""
    return CLOSED | said | {"state": state.value, "flow_match": match, "finished_at": now}


def decide_again(connection: Connection, shop_id: int, rows: Sequence[tuple[int, int]], now: datetime) -> None:
    """Their events are new again, and what was decided about them is gone."""
    ids, event_ids = [id for id, _ in rows], [event_id for _, event_id in rows]
    connection.execute(delete(_deliveries).where(_deliveries.c.shop_id == shop_id, _deliveries.c.id.in_(ids)))
    chosen = (_events.c.shop_id == shop_id) & _events.c.id.in_(event_ids)
    connection.execute(update(_events).where(chosen).values(state=EventState.NEW.value, due_at=now, lease_until=None, tries=0))


def _readdressed(letter: Mapping[str, Any], route: Route, flow: int | None) -> dict[str, Any]:
    fields = json.loads(letter["body"])
    fields.pop("automation_id", None)
    whom = {name: fields.pop(name) for name in ("email", "phone") if name in fields}
    body = whom | ({"automation_id": flow} if flow else {}) | fields
    return {
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        "event_url": route.event_url.reveal() if route.event_url else None,
        "event_name": route.event_name,
    }


def _misdirected(
    connection: Connection, shop_id: int, keys: Mapping[EventKind, str], ids: Collection[int] | None
) -> Sequence[RowMapping]:
    """Deliveries that wait for another account than their kind is sent to, locked."""
    columns = _deliveries.c
    sibling = _deliveries.alias("sibling")
    # As a whole an event is decided anew only when nothing of it was sent.
    was_tried = exists().where(_attempts.c.delivery_id == sibling.c.id, sibling.c.event_id == columns.event_id)
    strays = or_(
        # What is sent nowhere any more is decided anew, too: its kind was switched off.
        columns.kind.not_in([kind.value for kind in keys]),
        *(and_(columns.kind == kind.value, columns.destination != key) for kind, key in keys.items()),
    )
    waits = (columns.due_at.is_not(None), columns.state == State.WAITING.value)
    shown = (columns.id, columns.event_id, columns.kind, columns.created_at, columns.letter, _events.c.body)
    query = select(*shown, was_tried.label("was_tried")).join(_events, _events.c.id == columns.event_id)
    query = query.where(columns.shop_id == shop_id, *waits, strays)
    query = query.order_by(columns.id).limit(BATCH) if ids is None else query.where(AnyOf(columns.id, "ids"))
    query = query.with_for_update(skip_locked=True, of=_deliveries)
    return connection.execute(query, {} if ids is None else {"ids": list(ids)}).mappings().all()
