"""Whom SendPulse is still to be asked to forget: rows that a worker claims, whose person is dropped once it is over."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from plugin.domain.person import ADDRESS, ErasureState, Holding
from plugin.ports import AskedErasure, PendingErasure
from plugin.storage.db.claim_columns import CLOSED, NOT_HELD
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.erased import note_erased
from plugin.storage.db.people_tables import sendpulse_erasures
from plugin.storage.privacy.identity import Identity
from plugin.storage.privacy.opening import Opening

_columns = sendpulse_erasures.c


def ask(
    connection: Connection, crypto: Crypto, shop_id: int, *, emails: Collection[str], phones: Collection[str], now: datetime
) -> None:
    """Have a worker ask it, at once and for as long as it takes."""
    person = crypto.seal_json({"emails": sorted(emails), "phones": sorted(phones)})
    row = {"shop_id": shop_id, "asked_at": now, "person": person, "state": ErasureState.WAITING.value, "due_at": now}
    connection.execute(insert(sendpulse_erasures).values(row))


def claim(connection: Connection, crypto: Crypto, *, limit: int, now: datetime, lease: timedelta) -> Sequence[PendingErasure]:
    """One of each shop's that are due and that nobody has, leased: who has thousands keeps no other shop's waiting."""
    is_free = (_columns.due_at <= now) & (_columns.lease_until.is_(None) | (_columns.lease_until <= now))
    first = (
        select(func.min(_columns.id)).where(is_free).group_by(_columns.shop_id).order_by(func.min(_columns.due_at)).limit(limit)
    )
    query = select(sendpulse_erasures).where(_columns.id.in_(first), is_free).order_by(_columns.due_at, _columns.id)
    rows = connection.execute(query.with_for_update(skip_locked=True)).mappings().all()
    taken = {"lease_until": now + lease, "fence": _columns.fence + 1, "tries": _columns.tries + 1}
    connection.execute(update(sendpulse_erasures).where(_columns.id.in_([row["id"] for row in rows])).values(taken))
    opening = Opening(crypto)
    return [
        PendingErasure(
            id=row["id"], shop_id=row["shop_id"], asked_at=row["asked_at"], tries=row["tries"] + 1, fence=row["fence"] + 1,
            **{name: tuple(found) for name, found in _addresses(opening, row["person"]).items()},
        )
        for row in rows
    ]  # fmt: skip


def end(
    connection: Connection, pending: PendingErasure, state: ErasureState, reason: str, fix: str, again_at: datetime | None,
    now: datetime,
) -> None:  # fmt: skip
    """Store what came of it, unless another worker has it by now."""
    is_ours = (_columns.id == pending.id) & (_columns.shop_id == pending.shop_id) & (_columns.fence == pending.fence)
    over: dict[str, Any] = CLOSED | {"person": None, "finished_at": now}
    left = over if again_at is None else NOT_HELD | {"due_at": again_at}
    if again_at is None:
        note_erased(connection, (sendpulse_erasures,))
    connection.execute(
        update(sendpulse_erasures).where(is_ours).values(left | {"state": state.value, "reason": reason, "fix": fix})
    )


def asked(connection: Connection, shop_id: int, *, limit: int) -> Sequence[AskedErasure]:
    """The shop's, newest first."""
    query = select(_columns.asked_at, _columns.state, _columns.reason, _columns.fix, _columns.finished_at)
    rows = connection.execute(query.where(_columns.shop_id == shop_id).order_by(_columns.id.desc()).limit(limit))
    return [AskedErasure(**(row._asdict() | {"state": ErasureState(row.state)})) for row in rows]


def waiting_for(connection: Connection, opening: Opening, shop_id: int, identity: Identity) -> list[dict[str, Any]]:
    """Those still to be asked that are about this person."""
    query = select(_columns.asked_at, _columns.person).where(_columns.shop_id == shop_id, _columns.person.is_not(None))
    opened = [(row.asked_at, _addresses(opening, row.person)) for row in connection.execute(query)]
    return [{"asked_at": at} | person for at, person in opened if identity.owns(_names(person))]


def _names(person: Mapping[str, Sequence[str]]) -> list[str]:
    return [f"{ADDRESS}{address}" for addresses in person.values() for address in addresses]


def _addresses(opening: Opening, sealed: bytes) -> dict[str, list[str]]:
    """None where no key opens them any more."""
    opened = opening.open(sealed, Holding.SENDPULSE)
    return {"emails": [], "phones": []} if opened is None else msgspec.json.decode(opened, type=dict[str, list[str]])
