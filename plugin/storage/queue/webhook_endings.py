"""How webhooks end: translated, skipped or failed, many at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection, Text, bindparam, select, update

from plugin.domain.notice import Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.states import WebhookState
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.bulk import BulkUpdate
from plugin.storage.db.claim_columns import CLOSED
from plugin.storage.db.columns import Id, Moment
from plugin.storage.shops import shops

log = structlog.get_logger()

FORGOTTEN = "The store asked to forget the person this was about before it was read."

MOST_FAILED: Final = (
    500  #: of a shop: bodies of webhooks that failed; whoever is to be forgotten is searched for in all of them
)
LARGEST_FAILED: Final = 250_000  #: bytes, as it came: a longer body is not kept once it failed

_REASONS = {ReasonCode.FORGOTTEN: FORGOTTEN, ReasonCode.UNINSTALLED: shops.LEFT}
_webhooks = tables.webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is written into a webhook that nobody has to read any more."""

    webhook_id: int
    words: Mapping[str, str]  #: its state, and the reason where there is one
    at: datetime


def close(connection: Connection, endings: Sequence[Ending]) -> None:
    """Write these."""
    rows = [
        {
            "its_id": ending.webhook_id, "new_state": ending.words["state"], "new_code": ending.words["reason_code"],
            "new_reason": ending.words["reason"], "new_fix": ending.words["fix"], "new_finished": ending.at,
        }
        for ending in endings
    ]  # fmt: skip
    _CLOSE.run(connection, rows)


def empty_failed(connection: Connection, shop_ids: Iterable[int]) -> None:
    """Let go the bodies of these shops' webhooks that failed before the newest ones: they wait for somebody to look, and a
    shop may sign any number of them."""
    for shop_id in shop_ids:
        its = {"its_shop": shop_id, "most": MOST_FAILED}
        if ids := connection.execute(_SELECT_OLD_FAILED, its).scalars().all():
            log.info("too many failed webhooks of a shop", shop=shop_id, emptied=empty(connection, ids))


def empty(connection: Connection, ids: Sequence[int]) -> int:
    """Let go the bodies of these webhooks, which were read; how many. Those another worker is changing are left to it."""
    return connection.execute(_EMPTY, {"ids": ids}).rowcount


def ended(translation: Translation, why_not: ReasonCode | None) -> dict[str, str]:
    """The words for a webhook that was understood; `why_not`: nothing of it may be sent or remembered."""
    if skip := translation.skip:
        said = {"reason_code": skip.code.value, "reason": skip.reason, "fix": skip.fix}
        return {"state": WebhookState.SKIPPED.value} | said
    if why_not and not translation.notices:
        said = {"reason_code": why_not.value, "reason": _REASONS[why_not], "fix": ""}
        return {"state": WebhookState.SKIPPED.value} | said
    return {"state": WebhookState.TRANSLATED.value, "reason_code": "", "reason": "", "fix": ""}


_SELECT_OLD_FAILED = (
    select(_webhooks.c.id)
    .where(
        _webhooks.c.shop_id == bindparam("its_shop"),
        _webhooks.c.state == WebhookState.FAILED.value,
        _webhooks.c.body.is_not(None),
    )
    .order_by(_webhooks.c.id.desc())
    .offset(bindparam("most"))
    .limit(MOST_FAILED)
)
_IS_READ = _webhooks.c.due_at.is_(None)
_FREE = select(_webhooks.c.id).where(AnyOf(_webhooks.c.id, "ids"), _IS_READ).with_for_update(skip_locked=True)
_EMPTY = update(_webhooks).where(_webhooks.c.id.in_(_FREE)).values(body=None)

_CLOSE = BulkUpdate(
    {
        "its_id": Id, "new_state": Text(), "new_code": Text(), "new_reason": Text(), "new_fix": Text(),
        "new_finished": Moment(),
    },
    lambda cells: update(_webhooks)
    .where(_webhooks.c.id == cells["its_id"])
    .values(
        CLOSED
        | {
            "state": cells["new_state"], "reason_code": cells["new_code"], "reason": cells["new_reason"],
            "fix": cells["new_fix"], "finished_at": cells["new_finished"],
        }
    ),
)  # fmt: skip
