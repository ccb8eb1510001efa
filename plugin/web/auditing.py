"""What a visitor did, for the shop's audit."""

from typing import TypedDict

from flask import request

from plugin.domain.audit import Deed
from plugin.web.services import services
from plugin.web.visit import visit


class By(TypedDict):
    """Who, and from which network address."""

    who: str
    address: str


def by_visitor() -> By:
    """Who is here: `edit_settings(…, **by_visitor())`."""
    return {"who": visit().visitor.who, "address": request.remote_addr or ""}


def noted(deed: Deed, **facts: str | int) -> None:
    """Write down that the visitor did this; facts such as `version=3` name no buyer.

    For what only looks, or acts elsewhere: what changes the store writes its line within the change.
    """
    ours = services()
    ours.store.audit.note(visit().shop.id, deed, **by_visitor(), facts=facts, now=ours.now())
