"""The keys of a SendPulse account as they are typed into a form: what they change, and what keeps them from being any use."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from plugin.domain.settings.editing import Document, with_account
from plugin.web.forms.settings import whole_number
from plugin.web.i18n import gettext as _
from plugin.web.visit import visit

KEYS = ("client_id", "client_secret", "api_key")


def account_change(typed: Mapping[str, str]) -> Callable[[Document], Document]:
    """Keys that were not typed anew stay, unless they are to be forgotten."""
    fields: dict[str, Any] = {name: typed[name].strip() for name in KEYS if typed.get(name, "").strip()}
    fields |= {name: "" for name in ("client_secret", "api_key") if typed.get(f"forget_{name}") == "on"}
    if typed.get("rate_per_second", "").strip():
        fields["rate_per_second"] = whole_number(typed["rate_per_second"])
    return partial(with_account, account=fields)


def incomplete_keys(typed: Mapping[str, str]) -> dict[str, str]:
    """An ID without its secret, or the other way round, opens nothing; a stored secret counts."""
    account = visit().settings.account
    has_id = bool(typed.get("client_id", "").strip())
    keeps = bool(account.client_secret) and typed.get("forget_client_secret") != "on"
    has_secret = bool(typed.get("client_secret", "").strip()) or keeps
    if has_id and not has_secret:
        return {
            "client_secret": _(
                "Enter the secret, too: the ID works only together with it. Copy it from the same page in SendPulse."
            )
        }
    if has_secret and not has_id:
        return {
            "client_id": _(
                "Enter the ID, too: the secret works only together with it. Copy it from the same page in SendPulse."
            )
        }
    return {}
