"""What buyers get beside the table of languages: by a rule that comes first, or when no flow is in their language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plugin.domain.routing import NoMatchPolicy, Rule
from plugin.domain.settings import ShopSettings
from plugin.web.event_texts import title
from plugin.web.flow_names import flow_names
from plugin.web.i18n import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """What becomes of events whose language has no flow."""

    text: str
    flow: str = ""  #: its number and name, when one is used


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One rule, as it is shown; "" for what it does not ask."""

    channel: str
    country: str
    event: str
    flow: str


def fallback(settings: ShopSettings) -> Fallback:
    """What these settings say of them."""
    no_match = settings.table.no_match
    if no_match.policy is NoMatchPolicy.DEFAULT_FLOW and no_match.automation_id:
        return Fallback(text=_("your default flow"), flow=_flow(flow_names(settings), no_match.automation_id.number))
    return Fallback(
        text={
            NoMatchPolicy.HOLD: _("nothing yet: held"),
            NoMatchPolicy.SKIP: _("nothing: skipped"),
        }.get(no_match.policy, _("sent without naming a flow"))
    )


def rules(settings: ShopSettings) -> Sequence[RuleRow]:
    """The rules in the order in which they are asked."""
    names = flow_names(settings)
    return [_row(names, rule) for rule in settings.table.rules]


def _row(names: Mapping[int, str], rule: Rule) -> RuleRow:
    number = rule.automation_id.number if rule.automation_id else 0
    given = rule.locale or (f"{number} {rule.name}" if rule.name else _flow(names, number))
    return RuleRow(channel=rule.channel, country=rule.country, event=title(rule.event) if rule.event else "", flow=given)


def _flow(names: Mapping[int, str], number: int) -> str:
    return f"{number} {names.get(number, '')}".strip()
