"""Every public function that is given text from outside, called with one text; or why it is not asked."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final

from plugin.domain import contact, countries, excerpts, hosts, json_path, locale, matching, money, own, personal, wording
from plugin.domain.errors import PluginError
from plugin.domain.event import BuyerLocale, LocaleOrigin
from plugin.domain.json_path import naming
from plugin.domain.json_path.trouble import BadPath
from plugin.domain.kinds import EventKind
from plugin.domain.payload import Payload, read_json
from plugin.domain.routing import RouteTable
from plugin.domain.settings import links, own_variables, pasted, values
from plugin.domain.settings.file import SettingsRefused, read_settings_file
from plugin.domain.shop import Shop
from plugin.door import addresses as door
from plugin.platforms.saleor import addresses, dashboards, ids, languages, pictures, releases, signature, verify
from plugin.platforms.saleor.identity import Tokens
from plugin.platforms.saleor.verify import Verifier
from plugin.platforms.shopify import address, lines, wants
from plugin.platforms.shopify.config import ShopifyConfig
from plugin.platforms.shopify.identity import IdTokens
from plugin.platforms.shopify.verify import Verifier as ShopifyVerifier
from plugin.ports import RawWebhook
from plugin.sendpulse import flows, mask, outcomes, text
from plugin.web import concern_texts, i18n, language_names, reasons
from plugin.web.forms import account, delivery_filter, email_mistakes, settings, zones
from plugin.web.forms import languages as languages_form
from plugin.web.forms import matrix as matrix_form
from plugin.web.forms import rules as rules_form
from plugin.web.pages.deliveries import listing, sending, table
from plugin.web.pages.events import form as event_form
from plugin.web.pages.overview import figures
from plugin.web.pages.store import reading
from tests.support.builders import NOON

SHOP: Final = Shop(id=1, platform="demo", address="demo.example", timezone="Europe/Warsaw")
LINK: Final = "https://demo.example/"
URL: Final = "https://events.sendpulse.com/events/id/"
MONEY: Final = money.Money(amount=Decimal("19.99"), currency="PLN")


@dataclass(frozen=True, slots=True)
class Reader:
    """How one text is read, and what good ones begin with."""

    read: Callable[[str], object]
    heads: tuple[str, ...] = ()


def _field(method: str, given: str) -> object:
    """What a reader of a body's fields makes of this one, alone or in a list."""
    return [getattr(Payload({"x": found}, "body"), method)("x") for found in (given, [given], {"x": given})]


def _settings_file(where: Callable[[str], dict[str, object]]) -> Callable[[str], object]:
    """One field of a settings file; that it is refused is its reading."""

    def read(given: str) -> object:
        try:
            return read_settings_file({"version": 1} | where(given))
        except SettingsRefused as refused:
            return [str(error) for error in refused.errors]

    return read


def _refusing(read: Callable[[str], object]) -> Callable[[str], object]:
    """A reader whose refusal is foreseen."""

    def asked(given: str) -> object:
        try:
            return read(given)
        except (PluginError, values.Wrong) as refused:
            return str(refused)

    return asked


def _a_path(given: str) -> object:
    """A path of any length, and of as many characters as one may have."""
    with suppress(BadPath):
        json_path.read_path(given)
    return _refusing(own_variables.path)(given[: json_path.LONGEST_PATH])


def _filter(name: str) -> Callable[[str], object]:
    return lambda given: delivery_filter.read_filter({name: given}, 1, SHOP.zone, limit=1)


_IN_A_FILE: Final[dict[str, Callable[[str], dict[str, object]]]] = {
    "keys": lambda t: {t: 1, "events": {t: {}}, "store": {t: 1}},
    "an event": lambda t: {"events": {"order_paid": {"event_url": t, "send": t}}},
    "a flow": lambda t: {"flows": [{"locale": t, "automation_id": t}]},
    "a flow's name": lambda t: {"flows": [{"locale": "en", "automation_id": 1, "name": t, "event": t}]},
    "a rule": lambda t: {"rules": [{"channel": t, "country": t, "automation_id": 1}]},
    "a rule's language": lambda t: {"rules": [{"channel": "a", "locale": t}]},
    "the store": lambda t: {"store": {"name": t, "timezone": t, "default_locale": t}},
    "links": lambda t: {"store": {"link": t, "product_link": t, "order_link": t}},
    "the account": lambda t: {"account": {"client_id": t, "rate_per_second": t}},
    "variables": lambda t: {
        "variables": [
            {"name": t, "type": t, "value": t, "events": [t]},
            {"name": "a", "type": "number", "value": t},
            {"name": "b", "type": "date", "value": t[:255]},
            {"name": "c", "type": "text", "path": t[:255]},
        ]
    },
    "paths": lambda t: {
        "variables": [{"name": f"n{at}", "type": "text", "path": f"$.{t[at * 97 : at * 97 + 250]}"} for at in range(30)]
    },
    "many flows": lambda t: {"flows": [t[:40]] * 1_000, "rules": [{piece: 1} for piece in t[:400]]},
    "many keys": lambda t: {f"{t[:20]}{number}": 1 for number in range(2_000)},
}
_PATHS: Final = tuple(map(json_path.read_path, ("$.a", "$..*[?@ < 'b']", "$.b[?@ == 'a' || @ != '']", "$.b[*].a")))
_EVENT_FIELDS: Final = ("send", "event_url", "event_name", "shape", "wait_minutes", "lead")
_CONFIG: Final = ShopifyConfig(client_id="a", client_secret="b", client_secret_old="", admin_url=LINK)
_IDS: Final = IdTokens("shopify", _CONFIG)


class _NoShops:
    """Of no address is there a shop."""

    def find(self, _platform: str, _address: str) -> None:
        return None


_NOBODY: Any = _NoShops()
_NO_KEYS: Any = None
_TOKENS: Final = Tokens(_NO_KEYS)


def _webhook(read: Callable[[RawWebhook, Any], object], *names: str) -> Callable[[str], object]:
    """Headers and a body of this text."""
    return _refusing(lambda t: read(RawWebhook(headers=dict.fromkeys(names, t), body=t.encode("utf-8", "replace")), _NOBODY))


def _typed_matrix(text: str) -> object:
    fields = ("locale-0", "flow-0", "name-0", "at-0", "flow-0-cart_abandoned", "at-0-cart_abandoned", f"locale-{text}", text)
    matrix = matrix_form.typed_matrix(dict.fromkeys(fields, text) | {"column-cart_abandoned": "1"})
    matrix_form.read_matrix(languages_form.LanguagesForm(), matrix, [EventKind.CART_ABANDONED])
    return matrix_form.as_flows(matrix)


def _typed_rule(text: str) -> object:
    draft = languages_form.LanguagesForm()
    rules_form.read_rules(draft, {f"rule-{cell}-0": text for cell in rules_form.CELLS} | {f"rule-state-{text}": text})
    return draft


READERS: Final[dict[str, Reader]] = {
    "domain.contact.tidy_contact": Reader(
        lambda t: contact.tidy_contact(emails=[t], phones=[t], country=t, first_name=t, last_name=t),
        ("a@", "+48 ", '"', "a@xn--"),
    ),
    "domain.contact.person_names": Reader(
        lambda t: contact.person_names(customer_id=t, emails=[t], phones=[t], country=t), ("a@", "+48 ")
    ),
    "domain.contact.masked_email": Reader(contact.masked_email, ("a@",)),
    "domain.contact.masked_phone": Reader(contact.masked_phone),
    "domain.countries.countries": Reader(countries.countries, ("pl-", "zh-Hant-")),
    "domain.countries.named": Reader(lambda t: countries.named(t, t), ("PL",)),
    "domain.countries.renamed": Reader(lambda t: countries.renamed(t, t), ("Poland (PL)", "a (")),
    "domain.event.BuyerLocale.first": Reader(lambda t: BuyerLocale.first([(t, LocaleOrigin.ORDER), (t, LocaleOrigin.SHOP)])),
    "domain.excerpts.found": Reader(excerpts.found),
    "domain.excerpts.is_safe_to_quote": Reader(excerpts.is_safe_to_quote),
    "domain.excerpts.length_of": Reader(excerpts.length_of),
    "domain.excerpts.kind_of": Reader(excerpts.kind_of),
    "domain.excerpts.nearest": Reader(lambda t: excerpts.nearest(t, ["Europe/Warsaw", "automation_id", "version"])),
    "domain.json_path.read_path": Reader(
        _a_path, ("$.", "$[?", "$[?@.a==", "$['", "$[?(", "$[?!", "$[?@[", "$..", "$[?@.a=='\\u")
    ),
    "domain.json_path.first": Reader(
        lambda t: [json_path.first(path, {"a": t, "b": [t, {t: t}]}, json_path.looks()) for path in _PATHS]
    ),
    **{
        f"domain.json_path.naming.{name}": Reader(read)
        for name, read in (
            ("of_field", lambda t: naming.of_field(t, t)),
            ("of_entry", lambda t: naming.of_entry(t, 1)),
            ("of_named", lambda t: naming.of_named(t, {"name": t})),
            ("of_any", naming.of_any),
            ("is_short", lambda t: naming.is_short(t, 1)),
            ("quoted", naming.quoted),
        )
    },
    "domain.personal.is_shown": Reader(lambda t: (personal.is_shown([t], t), personal.is_shown(["a"], t)), ("2026-12-24T1",)),
    "domain.own.text_of": Reader(lambda t: [own.text_of(value) for value in (t, [t], {"a": t})]),
    "domain.own.number_of": Reader(own.number_of, ("1", "-", "1e", "0.", "١")),
    "domain.own.date_of": Reader(lambda t: own.date_of(t, SHOP.zone), ("2026-12-24T10:00", "2026-12-24T10:00:00.", "2026-")),
    "domain.locale.parse": Reader(locale.parse, ("en-", "zh-Hant-", "b+", "sr_RS.UTF-8@")),
    "domain.locale.named": Reader(locale.named),
    "domain.locale.best": Reader(lambda t: locale.best(t, ["pl", t, "pt-BR"]), ("en-", "zh-Hant-")),
    "domain.matching.guesses": Reader(lambda t: matching.guesses(RouteTable(routes={}), [t])),
    "domain.money.money_text": Reader(lambda t: money.money_text(MONEY, t), ("pl-",)),
    "domain.payload.read_json": Reader(
        _refusing(lambda t: read_json(t.encode("utf-8", "replace"), "body")),
        ('{"a":', '{"a":[', '{"a":"', "{", '{"a":-', '{"a":1e'),
    ),
    **{
        f"domain.payload.Payload.{method}": Reader(_refusing(partial(_field, method)), heads)
        for method, heads in (
            ("text", ()),
            ("required_text", ()),
            ("truth", ()),
            ("whole", ("-", "1")),
            ("decimal", ("1", "1e", "0.", "-1E+")),
            ("when", ("2026-11-30T", "2026-11-30T10:00:00.", "2026-W")),
            ("required_when", ("2026-11-30T",)),
            ("texts", ()),
            ("object", ()),
            ("required_object", ()),
            ("objects", ()),
        )
    },
    "door.addresses.address": Reader(door.address, ("[", "1.", "::", "1.1.1.1:")),
    "domain.hosts.host_of": Reader(hosts.host_of, ("https://", "https://a.", "https://xn--", f"{LINK}x")),
    "platforms.saleor.dashboards.origin": Reader(dashboards.origin, (LINK, "https://a", "https://a:1")),
    "domain.wording.printable": Reader(wording.printable),
    "domain.wording.worded": Reader(lambda t: wording.worded("%(found)s", found=t)),
    **{f"domain.settings.file.read_settings_file: {name}": Reader(_settings_file(where)) for name, where in _IN_A_FILE.items()},
    "domain.settings.links.is_link": Reader(links.is_link, (LINK, "http://[", "https://a:")),
    "domain.settings.links.link": Reader(_refusing(links.link), (LINK, "http://[", "https://a:", "a:")),
    "domain.settings.links.product_link": Reader(_refusing(links.product_link), (LINK, f"{LINK}{{locale", f"{LINK}{{")),
    "domain.settings.links.cart_link": Reader(_refusing(links.cart_link), (LINK, f"{LINK}{{")),
    "domain.settings.links.order_link": Reader(_refusing(links.order_link), (LINK, f"{LINK}{{")),
    "domain.settings.pasted.read_event_url": Reader(_refusing(pasted.read_event_url), (URL, f"{URL}{'a' * 32}/", "curl ")),
    "domain.settings.pasted.read_flow": Reader(_refusing(pasted.read_flow), ("https://login.sendpulse.com/flow/id/", "#", "1")),
    "domain.settings.own_variables.name": Reader(_refusing(own_variables.name), ("a",)),
    "domain.settings.own_variables.name_as_written": Reader(_refusing(own_variables.name_as_written), ("a",)),
    "domain.settings.own_variables.path": Reader(_a_path, ("$.", "$[?@.a")),
    **{
        f"domain.settings.values.{check.__name__}": Reader(_refusing(check), heads)
        for check, heads in (
            (values.truth, ()),
            (values.text, ()),
            (values.country, ()),
            (values.locale, ("en-",)),
            (values.event_name, ()),
            (values.event_url, (URL,)),
            (values.automation_id, ("https://a/flow/id/1/", "/flow/id/1")),
            (values.client_id, ()),
            (values.secret, ("*",)),
            (values.timezone, ("Europe/",)),
        )
    },
    "platforms.saleor.addresses.clean": Reader(
        _refusing(addresses.clean), (LINK, "https://[", "https://a:1", f"{LINK}graphql/")
    ),
    "platforms.saleor.identity.Tokens.staff": Reader(
        _refusing(lambda t: _TOKENS.staff(t, _NOBODY)), ("eyJhbGciOiJSUzI1NiJ9.", "a.b.")
    ),
    "platforms.saleor.verify.Verifier.verify": Reader(
        _webhook(Verifier(_NO_KEYS).verify, "saleor-event", "saleor-signature", "saleor-api-url"), (f"{LINK}graphql/",)
    ),
    "platforms.shopify._Shopify.verify": Reader(
        _webhook(ShopifyVerifier("shopify", _CONFIG), "x-shopify-topic", "x-shopify-hmac-sha256", "x-shopify-shop-domain")
    ),
    "platforms.shopify.identity.IdTokens.staff": Reader(_refusing(_IDS.staff), ("eyJhbGciOiJIUzI1NiJ9.", "a.b.", "a.")),
    "platforms.saleor.ids.primary_key": Reader(ids.primary_key, ("UHJvZHVjdDoxNDM=",)),
    "platforms.saleor.ids.checkout_key": Reader(ids.checkout_key, ("UHJvZHVjdDoxNDM=",)),
    "platforms.saleor.languages.locale": Reader(lambda t: languages.locale([(t, LocaleOrigin.ORDER)], SHOP)),
    "platforms.saleor.languages.spoken": Reader(languages.spoken, ("PT_",)),
    "platforms.saleor.pictures.is_reachable": Reader(pictures.is_reachable, (LINK, "https://", "http://[", "https://1.")),
    "platforms.saleor.releases.release": Reader(releases.release, ("3.",)),
    "platforms.saleor.signature.is_detached_jws": Reader(signature.is_detached_jws, ("a..",)),
    "platforms.saleor.signature.is_hmac": Reader(lambda t: signature.is_hmac(t, t.encode("utf-8", "replace"), "secret")),
    "platforms.saleor.signature.judged": Reader(lambda t: signature.judged(t, b"{}", {"keys": [{"kty": "RSA", "kid": t}]})),
    "platforms.saleor.signature.readable_keys": Reader(
        lambda t: signature.readable_keys({"keys": [{"kty": "RSA", "n": t, "e": "AQAB"}]})
    ),
    "platforms.saleor.verify.event_topic": Reader(verify.event_topic),
    "platforms.shopify.address.shop_domain": Reader(
        address.shop_domain, ("https://", "http://[", "a.myshopify.com", "https://admin.shopify.com/store/")
    ),
    "platforms.shopify.lines.currency": Reader(lines.currency),
    "platforms.shopify.lines.last_number": Reader(lines.last_number, ("gid://shopify/",)),
    "platforms.shopify.lines.link": Reader(lines.link, (LINK,)),
    "platforms.shopify.wants.read": Reader(wants.read),
    "sendpulse.flows.read_flows": Reader(
        lambda t: flows.read_flows(t.encode("utf-8", "replace")), ('{"data":[', '{"data":[{"id":')
    ),
    "sendpulse.mask.masked": Reader(mask.masked, ("Bearer ", "a@")),
    "sendpulse.outcomes.json_answer": Reader(lambda t: outcomes.json_answer(t.encode("utf-8", "replace")), ('{"result":', "[")),
    "sendpulse.outcomes.retry_after": Reader(
        lambda t: outcomes.retry_after({"Retry-After": t}, now=NOON), ("Mon, 30 Nov 2026 ", "Mon, ", "30 Nov 2026 10:")
    ),
    "sendpulse.outcomes.understand": Reader(
        lambda t: outcomes.understand(400, {"Retry-After": t}, t.encode("utf-8", "replace"), now=NOON),
        ('{"error_code":"', "<html>"),
    ),
    "sendpulse.text.plain": Reader(text.plain, ("<b>", "<!--", "<b>&#")),
    "sendpulse.text.visible": Reader(text.visible),
    "sendpulse.text.unbreakable": Reader(text.unbreakable, ('"', "<")),
    "sendpulse.text.cut": Reader(text.cut, ("x" * 254,)),
    "web.forms.account.account_change": Reader(
        lambda t: account.account_change({"client_id": t, "api_key": t, "rate_per_second": t})
    ),
    "web.forms.delivery_filter.read_filter": Reader(
        lambda t: [_filter(name)(t) for name in delivery_filter.NAMES], ("2026-12-31T", "2026-12-31", "2026-W")
    ),
    "web.forms.languages.numbers_of": Reader(
        lambda t: languages_form.numbers_of({t: ""}, languages_form.ROW), ("locale-", "locale-1", "1")
    ),
    "web.forms.delivery_filter.is_number": Reader(delivery_filter.is_number),
    "web.forms.email_mistakes.email_mistake": Reader(email_mistakes.email_mistake, ("a@", "a@b.")),
    "web.forms.languages.form_from": Reader(
        lambda t: languages_form.form_from(
            {"locale-0": t, "flow-0": t, "name-0": t, "event-0": t, "policy": t, f"locale-{t}": t}
        ),
        ("https://a/flow/id/1",),
    ),
    "web.forms.languages.read_flow_of": Reader(
        lambda t: languages_form.read_flow_of(languages_form.LanguagesForm(), {}, t, t), ("https://a/flow/id/1",)
    ),
    "web.forms.languages.policy_from": Reader(lambda t: languages_form.policy_from({"policy": t, "default_flow": t})),
    "web.concern_texts.reason_title": Reader(concern_texts.reason_title),
    "web.forms.zones.offset": Reader(lambda t: zones.offset(t, NOON)),
    "web.forms.zones.zone_called": Reader(zones.zone_called, ("Warsaw", "Warsaw · UTC+01:00")),
    "web.forms.matrix.is_rearranged": Reader(lambda t: matrix_form.is_rearranged({t: t})),
    "web.forms.matrix.is_same": Reader(matrix_form.is_same, ("Same flow", "=")),
    "web.forms.matrix.rearranged": Reader(
        lambda t: [matrix_form.rearranged({"locale-0": t, deed: t, "new-column": t}) for deed in matrix_form.DEEDS]
    ),
    "web.forms.matrix.typed_matrix": Reader(_typed_matrix, ("https://a/flow/id/1", "=")),
    "web.forms.languages.typed_rows": Reader(lambda t: languages_form.typed_rows({t: t, f"locale-{t}": t})),
    "web.forms.rules.typed_rules": Reader(lambda t: rules_form.typed_rules({t: t, f"rule-state-{t}": t})),
    "web.forms.rules.is_rearranged": Reader(lambda t: rules_form.is_rearranged({t: t, f"rule-{t}": t})),
    "web.forms.rules.rearranged": Reader(
        lambda t: [rules_form.rearranged({"rule-state-0": t, f"rule-{deed}": t}) for deed in ("up", "remove", "change")]
    ),
    "web.forms.rules.read_rules": Reader(_typed_rule, ("https://a/flow/id/1", "flow:", "locale:")),
    "web.forms.settings.version_in": Reader(lambda t: settings.version_in({"version": t})),
    "web.forms.settings.whole_number": Reader(settings.whole_number),
    "web.i18n.accepted": Reader(i18n.accepted, ("en;q=", 'en;a="', "en,")),
    "web.i18n.best_locale": Reader(lambda t: i18n.best_locale([t]), ("en-",)),
    "domain.locale.flagged": Reader(locale.flagged, ("\U0001f1f5\U0001f1f1",)),
    "web.language_names.reader": Reader(lambda t: language_names.reader(t[:35])),
    "web.language_names.language_name": Reader(language_names.language_name),
    "web.language_names.name_in": Reader(lambda t: language_names.name_in(t, "en")),
    "web.language_names.languages": Reader(lambda t: language_names.languages(t[:35])),
    "web.language_names.called": Reader(language_names.called, ("Polish", "polski")),
    "web.language_names.near": Reader(language_names.near, ("Pollish", "pol")),
    "web.pages.deliveries.sending.wishes": Reader(lambda t: sending.wishes({"again-failed": t, "old-failed": t})),
    "web.pages.deliveries.listing.read_place": Reader(lambda t: listing.read_place({"before": "1", "trail": t}), ("1-",)),
    "web.pages.deliveries.table.without_formula": Reader(table.without_formula, ("=",)),
    "web.pages.deliveries.table.csv_text": Reader(lambda t: table.csv_text([[t]], ",")),
    "web.pages.events.form.form_from": Reader(
        lambda t: event_form.form_from(EventKind.CART_ABANDONED, {"enabled": "on"} | dict.fromkeys(_EVENT_FIELDS, t), None),
        (URL,),
    ),
    "web.pages.overview.figures.span": Reader(figures.span),
    "web.pages.store.reading.read_file": Reader(
        lambda t: (reading.read_file(None, t), reading.read_file(t.encode("utf-8", "replace"), "")),
        ('{"a":', '{"a":[', '{"a":"', "{", '{"a":"\\', '{"a":1e'),
    ),
    "web.reasons.translated": Reader(reasons.translated),
}
