"""The choice of whom a kind of event is sent for, with how many of the last events each would have kept back."""

from datetime import timedelta
from typing import Final

from plugin.domain.kinds import EventKind
from plugin.domain.routing import Audience
from plugin.ports import ConsentCount
from plugin.web import event_texts
from plugin.web.event_texts import Option
from plugin.web.i18n import gettext as _
from plugin.web.i18n import ngettext, number
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
    if audience == Audience.EVERYONE or not counted.kept_back:
        return _none(counted)
    numbers = {"kept": number(counted.kept_back), "refused": number(counted.refused), "unknown": number(counted.unknown)}
    if counted.is_all:
        return ngettext(
            "With this choice, %(kept)s of %(num)s event of the last 30 days would have been skipped: %(refused)s without "
            "consent, %(unknown)s with unknown consent.",
            "With this choice, %(kept)s of %(num)s events of the last 30 days would have been skipped: %(refused)s without "
            "consent, %(unknown)s with unknown consent.",
            counted.events,
            **numbers,
        )
    return _(
        "With this choice, %(kept)s of the newest %(events)s events of the last 30 days would have been skipped: %(refused)s "
        "without consent, %(unknown)s with unknown consent.",
        events=number(counted.events),
        **numbers,
    )


def _none(counted: ConsentCount) -> str:
    if counted.is_all:
        return ngettext(
            "With this choice, %(num)s event of the last 30 days would have been sent.",
            "With this choice, all %(num)s events of the last 30 days would have been sent.",
            counted.events,
        )
    return _(
        "With this choice, all of the newest %(events)s events of the last 30 days would have been sent.",
        events=number(counted.events),
    )
