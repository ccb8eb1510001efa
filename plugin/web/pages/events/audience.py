"""The choice of whom a kind of event is sent for, with how many of the last events each would have kept back."""

from datetime import timedelta
from typing import Final

from plugin.domain.kinds import EventKind
from plugin.domain.routing import Audience
from plugin.ports import ConsentCount
from plugin.web import event_texts
from plugin.web.event_texts import Option
from plugin.web.i18n import gettext as _
from plugin.web.i18n import ngettext
from plugin.web.services import services
from plugin.web.visit import visit

COUNTED: Final = timedelta(days=30)


def audiences(kind: EventKind) -> list[Option]:
    """The options, each with its figure."""
    counted = services().store.statistics.consents(visit().shop.id, kind, since=services().now() - COUNTED)
    return [(value, label, f"{help} {_kept_back(value, counted)}") for value, label, help in event_texts.audiences()]


def _kept_back(audience: str, counted: ConsentCount) -> str:
    """Sentences are whole, so that each can be translated."""
    if not counted.events:
        return _("There are no events of the last 30 days to count.")
    numbers = {
        "kept": counted.kept_back, "events": counted.events, "refused": counted.refused, "unknown": counted.unknown,
    }  # fmt: skip
    if audience == Audience.EVERYONE or not counted.kept_back:
        return _none(counted)
    if counted.is_all:
        return ngettext(
            "Would have held back %(kept)s of %(events)s event of the last 30 days: %(refused)s without consent, "
            "%(unknown)s with unknown consent.",
            "Would have held back %(kept)s of %(events)s events of the last 30 days: %(refused)s without consent, "
            "%(unknown)s with unknown consent.",
            counted.events, **numbers,
        )  # fmt: skip
    return _(
        "Would have held back %(kept)s of the newest %(events)s events of the last 30 days: %(refused)s without "
        "consent, %(unknown)s with unknown consent.",
        **numbers,
    )


def _none(counted: ConsentCount) -> str:
    if counted.is_all:
        return ngettext(
            "Would have held back nothing: there was %(num)s event in the last 30 days.",
            "Would have held back none of the %(num)s events of the last 30 days.",
            counted.events,
        )
    return _("Would have held back none of the newest %(events)s events of the last 30 days.", events=counted.events)
