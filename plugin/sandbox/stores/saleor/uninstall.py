"""What a shop does when its staff delete the app: the token dies, and the app is told afterwards."""

import json
from collections.abc import Mapping
from typing import Any

from plugin import clock
from plugin.sandbox.courier import Courier, Fired

from .demo_shop import NAME
from .graph import app_node, payload
from .objects import stamp
from .pretend import VERSION, InstalledApp, PretendSaleor
from .sender import RETRY_POLICY, signed

EVENT = "APP_DELETED"


def uninstall(pretend: PretendSaleor, app: InstalledApp, courier: Courier) -> list[Fired]:
    """Remove it, then deliver APP_DELETED; an app of its own hears of it without any permission since 3.23.5."""
    pretend.remove_app(app)
    node = app_node(app)
    event = {
        "__typename": "AppDeleted",
        "issuedAt": stamp(pretend.now()),
        "version": VERSION,
        "issuingPrincipal": None,
        "recipient": node,
        "app": node,
    }
    wanted = [webhook for webhook in app.webhooks if EVENT in (webhook.get("asyncEvents") or ())]
    # Those switched off too: the life of an app is told whether its webhooks are active or not.
    found = [(webhook, payload(str(webhook["query"]), event)) for webhook in wanted]
    return [_told(pretend, courier, webhook, json.dumps(body).encode("ascii")) for webhook, body in found if body]


def _told(pretend: PretendSaleor, courier: Courier, webhook: Mapping[str, Any], body: bytes) -> Fired:
    fired = Fired(
        id=courier.next_id(),
        store=NAME,
        shop=pretend.api_url,
        event=EVENT.lower(),
        topic=EVENT,
        buyer="",
        locale="",
        subject="",
        request=signed(pretend, EVENT, webhook, body),
        url=str(webhook["targetUrl"]),
        fired_at=clock.now(),
    )
    return courier.send(fired, RETRY_POLICY)
