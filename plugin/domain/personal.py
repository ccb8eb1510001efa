"""Which values of a store's webhook are shown to whoever chooses a field: those that surely say nothing of a person.

The rule, for a value and the names from the body down to it:
- true, false and null are shown; numbers of at most six digits are, since longer ones are phones or name people and orders;
- a text is shown when its own name is one of `HARMLESS` and no name above it is a person's, or when it is a day, a moment or an
  amount, but never below a name of `FREE`, nor where one of the names has a word of `WRITTEN` in it: what people and other
  apps write there may be a birthday or a door's code;
- nothing is shown where any of the names has one of `SECRET` in it: addresses, phones, birthdays, tokens, keys, places;
- everything else is masked: names, e-mail addresses, notes, links, tags, and whatever a merchant or another app has added.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

MOST_DIGITS: Final = 6

SECRET: Final = (
    *("address", "phone", "mobile", "zip", "postal", "postcode", "city", "street", "latitude", "longitude", "birth", "age"),
    *("token", "secret", "password", "signature", "hash", "session", "fingerprint", "browser", "client", "card", "iban", "vat"),
    *("gender", "hmac", "user_agent", "useragent", "passport", "tax_id"),
)
PEOPLE: Final = frozenset(
    {
        *("customer", "user", "buyer", "recipient", "sender", "staff", "contact", "owner", "author", "company"),
    }
)
FREE: Final = frozenset(
    {
        *("note_attributes", "properties", "metadata", "private_metadata", "privatemetadata", "metafields", "attributes"),
        *("custom_attributes", "customattributes"),
    }
)
WRITTEN: Final = frozenset(
    {
        *("note", "notes", "comment", "comments", "message", "remark", "instructions", "tag", "tags", "name", "username"),
        *("pin", "dob", "born", "anniversary", "reference", "digits", "characters"),
    }
)
HARMLESS: Final = frozenset(
    {
        *("currency", "presentment_currency", "shop_currency", "currency_code", "currencycode", "currencyiso"),
        *(
            "financial_status",
            "fulfillment_status",
            "shipment_status",
            "status",
            "paymentstatus",
            "chargestatus",
            "authorizestatus",
            "gateway",
        ),
        *("source_name", "origin", "title", "variant_title", "sku", "productsku", "vendor", "product_type", "producttype"),
        *("productname", "variantname", "translatedproductname", "translatedvariantname", "customer_locale", "locale"),
        *("languagecode", "languagecodeenum", "processing_method", "cancel_reason", "fulfillment_service", "tracking_company"),
        *("weight_unit", "slug", "__typename", "type", "value_type", "target_type", "target_selection", "allocation_method"),
        *("inventory_management", "variant_inventory_management", "restock_type", "kind", "discount_type", "version"),
    }
)

_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.,]{4,20}(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?", re.ASCII)
_AMOUNT: Final = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]{1,6})?", re.ASCII)
_LONGEST: Final = 200  #: characters of a name that are looked at


def is_shown(names: Sequence[str], value: Any) -> bool:
    """Whether this value, found below these names, says nothing of a person; when in doubt it does."""
    lower = [name[:_LONGEST].lower() for name in names]
    if value is None or value == "" or isinstance(value, bool):
        return True
    if any(map(_is_secret, names)):
        return False
    if isinstance(value, int | Decimal):
        return -(10**MOST_DIGITS) < value < 10**MOST_DIGITS
    if not isinstance(value, str) or FREE & set(lower):
        return False
    if len(value) <= _LONGEST and (_DAY.fullmatch(value) or _AMOUNT.fullmatch(value)):
        return not WRITTEN & _words(names)
    return bool(lower) and lower[-1] in HARMLESS and not PEOPLE & set(lower)


def _is_secret(name: str) -> bool:
    words = _words([name])
    return any(word in name[:_LONGEST].lower() for word in _LONG_SECRETS) or bool(_SHORT_SECRETS & words)


def _words(names: Sequence[str]) -> set[str]:
    return {word.lower() for name in names for word in _WORD.findall(name[:_LONGEST])}


# Short words are found only as words: a "page" is no age, and a "capacity" no city.
_SHORT_SECRETS: Final = frozenset(word for word in SECRET if len(word) < 5)
_LONG_SECRETS: Final = tuple(word for word in SECRET if len(word) >= 5)
