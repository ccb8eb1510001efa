"""The flows that a shop’s settings name, each with what the merchant calls it."""

from typing import Final

from plugin.domain.settings import ShopSettings

LONGEST: Final = 60  #: characters of a list of languages to which another is added


def flow_names(settings: ShopSettings) -> dict[int, str]:
    """The flows the settings know, each with the name or the language it has there."""
    table = settings.table
    named: dict[int, str] = {}
    for flow in table.flows:
        number = flow.automation_id.number
        named[number] = flow.name or _with(named.get(number, ""), flow.locale)
    for rule in table.rules:
        if rule.automation_id:
            named.setdefault(rule.automation_id.number, rule.name)
    if table.no_match.automation_id:
        named.setdefault(table.no_match.automation_id.number, "")
    return named


def _with(locales: str, one: str) -> str:
    """The list with one more; a long one stays as it is, because it stands in every row of a table."""
    if len(locales) < LONGEST:
        return f"{locales}, {one}" if locales else one
    return locales if locales.endswith("…") else f"{locales}, …"
