"""The flows that a shop’s settings name, each with what the merchant calls it."""

from plugin.domain.settings import ShopSettings


def flow_names(settings: ShopSettings) -> dict[int, str]:
    """The flows the settings know, each with the name or the language it has there."""
    table = settings.table
    named: dict[int, str] = {}
    for flow in table.flows:
        number = flow.automation_id.number
        named[number] = flow.name or ", ".join(filter(None, [named.get(number, ""), flow.locale]))
    for rule in table.rules:
        named.setdefault(rule.automation_id.number, rule.name)
    if table.no_match.automation_id:
        named.setdefault(table.no_match.automation_id.number, "")
    return named
