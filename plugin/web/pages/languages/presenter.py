"""What buyers get whose language has no flow."""

from dataclasses import dataclass

from plugin.domain.routing import NoMatchPolicy
from plugin.domain.settings import ShopSettings
from plugin.web.flow_names import flow_names
from plugin.web.i18n import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """What becomes of events whose language has no flow."""

    text: str
    flow: str = ""  #: its number and name, when one is used


def fallback(settings: ShopSettings) -> Fallback:
    """What these settings say of them."""
    no_match = settings.table.no_match
    if no_match.policy is NoMatchPolicy.DEFAULT_FLOW and no_match.automation_id:
        number = no_match.automation_id.number
        return Fallback(text=_("your default flow"), flow=f"{number} {flow_names(settings).get(number, '')}".strip())
    return Fallback(
        text={
            NoMatchPolicy.HOLD: _("nothing yet: held"),
            NoMatchPolicy.SKIP: _("nothing: skipped"),
        }.get(no_match.policy, _("sent without naming a flow"))
    )
