"""The settings file: reading one with every error it has, and writing it again."""

from plugin.domain.errors import PluginError
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.own import OwnVariable
from plugin.domain.routing import Flow, NoMatch, Route, Rule
from plugin.domain.settings import Account, PersonalData, ShopSettings, StoreFacts
from plugin.domain.settings.reading import VERSION, Reading
from plugin.domain.settings.values import ProductId
from plugin.domain.settings.walking import SettingsError

__all__ = ["SettingsError", "SettingsRefused", "read_settings_file", "write_settings_file"]


class SettingsRefused(PluginError):
    """The file cannot be used; `errors` is everything that is wrong with it, in the order of the file's parts."""

    def __init__(self, errors: tuple[SettingsError, ...]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = errors


def read_settings_file(document: object, *, known: object = None) -> ShopSettings:
    """The settings in a parsed settings file; raises `SettingsRefused` with everything that is wrong in it.

    `known` is the file as it is stored: what was right when it was written is not refused by a later version of the app.
    """
    reading = Reading(known)
    settings = reading.file(document)
    if reading.errors:
        raise SettingsRefused(tuple(reading.errors))
    return settings


def write_settings_file(settings: ShopSettings, *, with_secrets: bool) -> dict[str, object]:
    """The settings file that reads as these settings.

    Without secrets the event URLs and the account's keys are left out; reading it then asks for those it needs.
    """
    table = settings.table
    parts: dict[str, object] = {
        "version": VERSION,
        "events": {kind.value: _event(table.routes[kind], with_secrets) for kind in EventKind if kind in table.routes},
        "flows": [_flow(flow) for flow in table.flows],
        "no_match": _no_match(table.no_match),
        "store": _store(settings.store),
        "account": _account(settings.account, with_secrets),
    }
    lists = {
        "rules": [_rule(rule) for rule in table.rules],
        "share": [word.value for word in PersonalData if word in settings.share],
        "variables": [_variable(variable) for variable in settings.variables],
    }
    return parts | {name: entries for name, entries in lists.items() if entries}


def _event(route: Route, with_secrets: bool) -> dict[str, object]:
    is_reminder = KINDS[route.kind].is_computed
    is_long_enough = route.oldest_hours * 60 > route.wait_minutes  # a file may leave it out, but not say too little
    return {"enabled": route.enabled} | _given(
        send=route.send.value,
        event_url=route.event_url.reveal() if route.event_url and with_secrets else None,
        event_name=route.event_name,
        shape=route.shape.value,
        audience=route.audience.value,
        wait_minutes=route.wait_minutes if is_reminder else None,
        window_hours=route.window_hours if is_reminder else None,
        oldest_hours=route.oldest_hours if is_reminder and is_long_enough else None,
        lead=route.lead.value,
        on_uncertain=route.on_uncertain.value,
    )


def _flow(flow: Flow) -> dict[str, object]:
    return {"locale": flow.locale, "automation_id": flow.automation_id.number} | _given(
        name=flow.name, event=flow.event and flow.event.value
    )


def _rule(rule: Rule) -> dict[str, object]:
    given = _given(channel=rule.channel, country=rule.country, event=rule.event and rule.event.value, name=rule.name)
    flow = rule.automation_id
    return given | _given(automation_id=flow.number if flow else None, locale=rule.locale)


def _variable(variable: OwnVariable) -> dict[str, object]:
    constant = {} if variable.value is None else {"value": variable.value}
    events = {"events": [kind.value for kind in variable.kinds]} if variable.kinds else {}
    return {"name": variable.name, "type": variable.type.value} | constant | _given(path=variable.path) | events


def _no_match(no_match: NoMatch) -> dict[str, object]:
    flow = no_match.automation_id
    return _given(policy=no_match.policy.value, automation_id=flow.number if flow else None)


def _store(store: StoreFacts) -> dict[str, object]:
    given = _given(
        name=store.name,
        link=store.link,
        product_link=store.product_link,
        cart_link=store.cart_link,
        order_link=store.order_link,
        timezone=store.timezone,
        default_locale=store.default_locale,
        consent_key=store.consent_key,
    )
    product_id = ProductId.TEXT if store.product_id_as_text else ProductId.NUMBER
    return given | {"test_orders": store.test_orders, "old_orders": store.old_orders, "product_id": product_id.value}


def _account(account: Account, with_secrets: bool) -> dict[str, object]:
    secrets = {"client_secret": account.client_secret, "api_key": account.api_key}
    shown = {name: secret.reveal() for name, secret in secrets.items() if secret and with_secrets}
    return {"rate_per_second": account.rate_per_second} | _given(client_id=account.client_id) | shown


def _given(**values: str | int | None) -> dict[str, object]:
    """The values that say something."""
    return {name: value for name, value in values.items() if value not in (None, "")}
