"""`ports.Statistics`: what the hours have counted, and what is too new for them, counted at once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, select

from plugin.domain.delivery import State
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.states import WebhookState
from plugin.ports import Concern, ConsentCount, Lack, Overview, SeenLocale, Standing
from plugin.storage.db import tables
from plugin.storage.db.crypto import index_key
from plugin.storage.db.engine import Database
from plugin.storage.db.hour_marks import start_of_hour
from plugin.storage.db.log_tables import hour_counts, hours
from plugin.storage.log.concerns import concerns, lacks
from plugin.storage.log.consent_count import count_consents
from plugin.storage.log.hour_sums import sums
from plugin.storage.log.hours import Hours, in_hour, walked
from plugin.storage.log.standing import StandingCounts, read_standing

LIVE_HOURS = 24  #: hours counted at once for one look; older ones that changed show as they were last counted
MOST_FAILING = 1_000

_counts, _deliveries = hour_counts.c, tables.deliveries


class SqlStatistics:
    """`ports.Statistics` on our tables."""

    def __init__(self, database: Database) -> None:
        self._database, self._hours, self._standing = database, Hours(database), StandingCounts(database)

    def count(self, *, now: datetime) -> int:
        return self._hours.step(now=now)

    def count_standing(self, *, now: datetime) -> int:
        return self._standing.step(now=now)

    def standing(self) -> Standing | None:
        return read_standing(self._database)

    def overview(self, shop_id: int, *, since: datetime, until: datetime) -> Overview:
        with self._database.read() as connection:
            seen = _HourReader(connection, shop_id, since, until)
            by_hour = {(hour, State(state)): number for (hour, state), number in seen.by("hour", "state").items()}
            others = seen.by("kind", "locale", "state", "delay")  # one look for three figures: it is most of the work
        return Overview(
            by_hour=by_hour,
            by_kind={(EventKind(kind), State(state)): number for (kind, state), number in _together(others, 0, 2).items()},
            by_locale={(locale, State(state)): number for (locale, state), number in _together(others, 1, 2).items()},
            delays={bucket: number for (bucket,), number in _together(others, 3).items() if bucket >= 0},
            is_behind=seen.is_behind,
        )

    def concerns(self, shop_id: int, *, since: datetime, skipped: frozenset[ReasonCode]) -> Sequence[Concern]:
        with self._database.read() as connection:
            return concerns(connection, shop_id, since=since, codes=skipped)

    def lacks(self, shop_id: int, *, since: datetime) -> Sequence[Lack]:
        with self._database.read() as connection:
            return lacks(connection, shop_id, since=since)

    def locales(self, shop_id: int, *, since: datetime) -> Sequence[SeenLocale]:
        with self._database.read() as connection:
            found = _HourReader(connection, shop_id, since, None).by("locale", "is_matched")
        locales = {locale for locale, _ in found}
        seen = [
            SeenLocale(locale=one, events=found.get((one, 0), 0) + found.get((one, 1), 0), unmatched=found.get((one, 0), 0))
            for one in locales
        ]
        return sorted(seen, key=lambda one: (-one.events, one.locale))

    def consents(self, shop_id: int, kind: EventKind, *, since: datetime) -> ConsentCount:
        with self._database.read() as connection:
            return count_consents(connection, shop_id, kind, since=since)

    def busy_hours(self, shop_id: int, *, since: datetime) -> Sequence[datetime]:
        query = select(hours.c.hour).where(hours.c.shop_id == shop_id, hours.c.hour >= start_of_hour(since))
        with self._database.read() as connection:
            noted = connection.execute(query).scalars().all()
            newer = connection.execute(_planned_after(shop_id, walked(connection), since)).scalars()
            return sorted({*noted, *map(start_of_hour, newer)})

    def doubted_webhooks(self) -> Mapping[tuple[int, ReasonCode], int]:
        columns = tables.webhooks.c
        why = (columns.shop_id, columns.reason_code)
        is_doubted = columns.reason_code.in_([code.value for code in (ReasonCode.CONTRADICTED, ReasonCode.UNCONFIRMED)])
        rows = self._database.read_once(select(*why, func.count().label("number")).where(is_doubted).group_by(*why))
        return {(row.shop_id, ReasonCode(row.reason_code)): row.number for row in rows}

    def failing_webhooks(self, shop_id: int) -> int:
        columns = tables.webhooks.c
        failed = select(columns.id).where(columns.shop_id == shop_id, columns.state == WebhookState.FAILED.value)
        some = failed.limit(MOST_FAILING).subquery()
        [(number,)] = self._database.read_once(select(func.count()).select_from(some))
        return int(number)


class _HourReader:
    """The sums of some hours, each from where it stands best."""

    def __init__(self, connection: Connection, shop_id: int, since: datetime, until: datetime | None) -> None:
        self._connection, self._shop_id = connection, shop_id
        self._from, self._until = start_of_hour(since), until
        changed = self._changed_hours()
        self.is_behind = len(changed) > LIVE_HOURS
        changed = changed[:LIVE_HOURS]
        self._live = list(self._counted_at_once(changed))
        self._stale = [hour for hour, _, _ in changed]

    def by(self, *names: str) -> Mapping[tuple[Any, ...], int]:
        """The numbers by these parts of their key."""
        found: Counter[tuple[Any, ...]] = Counter()
        columns = [_counts[name] for name in names]
        stored = select(func.sum(_counts.count), *columns).where(self._stored()).group_by(*columns)
        for number, *key in self._connection.execute(stored):
            found[tuple(key)] += int(number)
        for row in self._live:
            found[tuple(index_key(row[name]) if name == "locale" else row[name] for name in names)] += row["count"]
        return +found

    def _stored(self) -> ColumnElement[bool]:
        wanted = [_counts.shop_id == self._shop_id, _counts.hour >= self._from, _counts.hour.not_in(self._stale)]
        return and_(*wanted, *([_counts.hour < self._until] if self._until else []))

    def _changed_hours(self) -> Sequence[Any]:
        """The newest of those hours that are to be counted (again), and one more, with their first and last delivery."""
        query = select(hours.c.hour, hours.c.first_id, hours.c.last_id)
        query = query.where(hours.c.shop_id == self._shop_id, hours.c.hour >= self._from, hours.c.due_at.is_not(None))
        query = query.where(hours.c.hour < self._until) if self._until else query
        return self._connection.execute(query.order_by(hours.c.hour.desc()).limit(LIVE_HOURS + 1)).all()

    def _counted_at_once(self, changed: Sequence[Any]) -> Iterator[Mapping[str, Any] | RowMapping]:
        """What is in these hours, what of them retention has deleted, and what no hour knows yet."""
        for hour, first_id, last_id in changed:
            yield from self._connection.execute(sums(in_hour(self._shop_id, hour, first_id, last_id))).mappings()
        of_them = and_(_counts.shop_id == self._shop_id, _counts.hour.in_([hour for hour, _, _ in changed]), _counts.gone > 0)
        for row in self._connection.execute(select(hour_counts).where(of_them)).mappings():
            yield {**row, "count": row["gone"]}
        columns = _deliveries.c
        newer = and_(columns.shop_id == self._shop_id, columns.id > walked(self._connection), columns.created_at >= self._from)
        newer = and_(newer, columns.created_at < self._until) if self._until else newer
        yield from self._connection.execute(sums(newer)).mappings()


def _together(numbers: Mapping[tuple[Any, ...], int], *parts: int) -> Mapping[Any, int]:
    """The numbers by these parts of their key alone."""
    found: Counter[tuple[Any, ...]] = Counter()
    for key, number in numbers.items():
        found[tuple(key[part] for part in parts)] += number
    return found


def _planned_after(shop_id: int, position: int, since: datetime) -> Any:
    columns = _deliveries.c
    newer = and_(columns.shop_id == shop_id, columns.id > position, columns.created_at >= start_of_hour(since))
    return select(columns.created_at).where(newer)
