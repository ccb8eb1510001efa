"""The pretend events.sendpulse.com."""

from flask import Blueprint, Flask, Response

from plugin.sandbox.sendpulse.hosts import answered, host, named_events, take_event
from plugin.sandbox.sendpulse.state import PretendSendPulse


def events_app(pretend: PretendSendPulse) -> Flask:
    """The host event URLs point to."""
    return host("events", pretend, _events_by_url(pretend), named_events(pretend, is_events_host=True))


def _events_by_url(pretend: PretendSendPulse) -> Blueprint:
    pages = Blueprint("events", __name__)

    @pages.post("/events/id/<hash>/<int:account_id>")
    def event_by_url(hash: str, account_id: int) -> Response:
        account = pretend.account_by_id(account_id)
        definition = pretend.definition(account_id=account_id, hash=hash)
        if account is None or definition is None:
            return answered(pretend.answers["unknown_hash"])
        if not account.has_automation:
            return answered(pretend.answers["forbidden"])
        return take_event(pretend, definition, by_name=False)

    return pages
