"""The last step: what may keep a letter from arriving that SendPulse accepted."""

from plugin.domain.delivery import Outcome
from plugin.domain.settings import ShopSettings
from plugin.web.flow_names import flow_names
from plugin.web.services import services


def inactive_flows(settings: ShopSettings) -> list[str] | None:
    """The flows in these settings that SendPulse says are not active, by name; None where nobody can say."""
    ask, account = services().account, settings.account
    if ask is None or not account.has_keys:
        return None
    found = ask.flows(account)
    if isinstance(found, Outcome):
        return None
    named, active = flow_names(settings), {flow.number for flow in found if flow.is_active}
    names = {flow.number: flow.name for flow in found}
    return [f"{names.get(number) or name} ({number})".strip() for number, name in named.items() if number not in active]
