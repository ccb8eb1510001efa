"""How a webhook in a worker's hands and its shop stand by the time it was read."""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, bindparam, select

from plugin.domain.reason_codes import ReasonCode
from plugin.ports import StoredWebhook
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.queue.webhook_endings import FORGOTTEN

_webhooks = tables.webhooks


def standing(connection: Connection, webhooks: Sequence[StoredWebhook]) -> dict[int, RowMapping]:
    """How these webhooks and their shops stand. Their rows stay locked."""
    its = {"ids": sorted(one.id for one in webhooks), "shop_ids": sorted({one.shop.id for one in webhooks})}
    return {row["id"]: row for row in connection.execute(_SELECT_STANDING_FOR_UPDATE, its).mappings()}


def why_not(row: RowMapping | None) -> ReasonCode | None:
    """Why nothing of this webhook may be sent or remembered; None when it may."""
    # The sentence, too: a process of the version before this one writes no code.
    if row is None or row["reason_code"] == ReasonCode.FORGOTTEN or row["reason"] == FORGOTTEN:
        return ReasonCode.FORGOTTEN
    return ReasonCode.UNINSTALLED if row["left_at"] else None


def is_overtaken(connection: Connection, webhook: StoredWebhook) -> bool:
    """Whether the shop has installed the app again since it was sent: an uninstall that comes late would undo that."""
    is_its = {"its_shop": webhook.shop.id, "its_id": webhook.id}
    return connection.execute(_SELECT_INSTALLED_SINCE, is_its).first() is not None


_SELECT_STANDING_FOR_UPDATE = (
    select(
        _webhooks.c.id, _webhooks.c.shop_id, _webhooks.c.reason_code, _webhooks.c.reason, _webhooks.c.fence,
        _webhooks.c.lease_until, tables.shops.c.left_at,
    )
    .join(tables.shops, tables.shops.c.id == _webhooks.c.shop_id)
    .where(AnyOf(_webhooks.c.id, "ids"), AnyOf(_webhooks.c.shop_id, "shop_ids"))
    .order_by(_webhooks.c.id)
    .with_for_update(of=_webhooks)
)  # fmt: skip
_SELECT_INSTALLED_SINCE = (
    select(tables.shops.c.id)
    .join(_webhooks)
    .where(
        tables.shops.c.id == bindparam("its_shop"),
        _webhooks.c.id == bindparam("its_id"),
        tables.shops.c.installed_at > _webhooks.c.triggered_at,
    )
)
