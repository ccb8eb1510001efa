"""What buyers get beside the table of languages: by a rule that comes first, or when no flow is in their language."""

from collections.abc import Sequence
from dataclasses import dataclass

from plugin.domain.routing import NoMatchPolicy, Rule
from plugin.domain.settings import ShopSettings
from plugin.web.event_texts import title
from plugin.web.i18n import gettext as _
from plugin.web.pages.deliveries.presenter import flow_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """What becomes of events whose language has no flow."""

    told: str
    flow: str = ""  #: its number and name, when one is used


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One rule, as it is shown; "" for what it does not ask."""

    channel: str
    country: str
    event: str
    flow: str


def policies() -> list[tuple[str, str, str]]:
    """What may become of them: value, label, help."""
    return [
        (
            NoMatchPolicy.DEFAULT_FLOW,
            _("Use one flow for all of them"),
            _("Best when nearly everybody reads one language."),
        ),
        (NoMatchPolicy.WITHOUT_FLOW, _("Send without naming a flow"), _("SendPulse starts every flow of the event.")),
        (NoMatchPolicy.HOLD, _("Hold the event"), _("It waits on the Deliveries page until you have added a flow.")),
        (NoMatchPolicy.SKIP, _("Send nothing"), _("The event is skipped, with that reason in the log.")),
    ]


def fallback(settings: ShopSettings) -> Fallback:
    """What these settings say of them."""
    no_match = settings.table.no_match
    if no_match.policy is NoMatchPolicy.DEFAULT_FLOW and no_match.automation_id:
        return Fallback(told=_("your default flow"), flow=_flow(settings, no_match.automation_id.number))
    return Fallback(
        told={
            NoMatchPolicy.HOLD: _("nothing yet: held"),
            NoMatchPolicy.SKIP: _("nothing: skipped"),
        }.get(no_match.policy, _("sent without naming a flow"))
    )


def rules(settings: ShopSettings) -> Sequence[RuleRow]:
    """The rules in the order in which they are asked."""
    return [_row(settings, rule) for rule in settings.table.rules]


def _row(settings: ShopSettings, rule: Rule) -> RuleRow:
    number = rule.automation_id.number
    flow = f"{number} {rule.name}" if rule.name else _flow(settings, number)
    return RuleRow(channel=rule.channel, country=rule.country, event=title(rule.event) if rule.event else "", flow=flow)


def _flow(settings: ShopSettings, number: int) -> str:
    return f"{number} {flow_names(settings).get(number, '')}".strip()
