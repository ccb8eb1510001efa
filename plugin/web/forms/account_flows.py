"""The flows of the merchant's SendPulse account, asked once in a request, and which of them is called so."""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import g

from plugin.domain.delivery import Outcome
from plugin.ports import FoundFlow
from plugin.web.i18n import gettext as _
from plugin.web.services import services
from plugin.web.visit import visit

EXCERPT: Final = 40  #: characters of what was typed, in a message
LONGEST: Final = 200  #: characters of a name that is looked for
MOST_NAMED: Final = 5  #: flows of one name in a message


class NotOneFlow(Exception):
    """The text stands beside the field."""


def account_flows() -> Sequence[FoundFlow] | Outcome | None:
    """The account's flows, or why they cannot be had; None where it has no keys."""
    if "account_flows" not in g:
        account, ask = visit().settings.account, services().account
        g.account_flows = ask.flows(account) if ask and account.has_keys else None
    found: Sequence[FoundFlow] | Outcome | None = g.account_flows
    return found


def flow_called(typed: str) -> int | None:
    """The number of the account's one flow of this name; None where the text is no name, or the account has no keys.

    Raises `NotOneFlow` where none is called so, or several are.
    """
    name = _tidy(typed)
    if not name or not any(letter.isalpha() for letter in name) or any(sign in name for sign in "/@") or len(typed) > LONGEST:
        return None
    found = account_flows()
    if found is None:
        return None
    excerpt = typed.strip()[:EXCERPT]
    if isinstance(found, Outcome):
        unanswered = _("We couldn’t look up “%(found)s” in your SendPulse account. Enter the flow’s number.")
        raise NotOneFlow(unanswered % {"found": excerpt})
    named = _by_name(found).get(name, ())
    if not named:
        none = _("No flow in your SendPulse account is called “%(found)s”. Choose one from the list, or enter its number.")
        raise NotOneFlow(none % {"found": excerpt})
    if len(named) > 1:
        numbers = ", ".join(f"{flow.number} ({_('active') if flow.is_active else _('paused')})" for flow in named[:MOST_NAMED])
        several = _("Several flows in your SendPulse account are called “%(found)s”: %(flows)s. Enter the number of one.")
        raise NotOneFlow(several % {"found": excerpt, "flows": numbers})
    return named[0].number


def _by_name(flows: Sequence[FoundFlow]) -> Mapping[str, Sequence[FoundFlow]]:
    if "flows_by_name" not in g:
        g.flows_by_name = {}
        for flow in flows:
            g.flows_by_name.setdefault(_tidy(flow.name), []).append(flow)
    named: Mapping[str, Sequence[FoundFlow]] = g.flows_by_name
    return named


def _tidy(name: str) -> str:
    return " ".join(name[: LONGEST + 1].split()).casefold()
