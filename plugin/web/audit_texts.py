"""A shop's audit in words: who it was, and what they did."""

from collections.abc import Callable, Mapping
from typing import Final

from plugin.domain.audit import NOBODY, OPERATOR, STORE, AuditLine, Deed, Facts, RefusedLogin
from plugin.web.i18n import gettext as _


def actor(line: AuditLine) -> str:
    """Who it was; "" where only the platform's id of a staff member says it."""
    if line.who in (OPERATOR, "command line"):  # the second in lines of before there were deeds
        return _("The operator of this app")
    if line.who in (STORE, "the store"):
        return _("Your store")
    return "" if line.who and line.who != NOBODY else _("Unknown")


def staff(line: AuditLine) -> str:
    """The platform's id of a staff member, without the platform's name."""
    return "" if actor(line) else line.who.partition(":")[2] or line.who


def what(line: AuditLine) -> str:
    """What was done; the words of an older version as they were written, a newer version's deed by its name."""
    if line.number is None:
        told_as = line.text or line.deed
        return _("%(what)s (Not sealed: an earlier version of the app wrote it, or somebody else.)", what=told_as)
    if line.text or not line.deed:
        return line.text
    told = _WORDS.get(line.deed)
    return told(line.facts) if told else line.deed


def _of(facts: Facts, name: str) -> str:
    return str(facts.get(name, "")) or "–"


def _refused(facts: Facts) -> str:
    kinds = {
        RefusedLogin.UNPROVEN.value: _("A token that is not valid was shown for your store, and refused"),
        RefusedLogin.PERMISSION.value: _("Somebody without the permission to manage apps was refused"),
        RefusedLogin.NOT_INSTALLED.value: _("Somebody was refused because the app is not installed"),
    }
    return _("%(what)s (times within the hour: %(times)s).", what=kinds.get(_of(facts, "kind"), "–"), times=_of(facts, "times"))


_WORDS: Final[Mapping[str, Callable[[Facts], str]]] = {
    Deed.AUDIT_BEGAN: lambda facts: _(
        "From here on every line is sealed (older lines: %(number)s).", number=_of(facts, "carried")
    ),
    Deed.AUDIT_BROKEN: lambda _facts: _(
        "Where this list began and ended was lost or changed. Earlier lines may be missing; from here on it is whole."
    ),
    Deed.INSTALLED: lambda _facts: _("Installed the app."),
    Deed.UNINSTALLED: lambda _facts: _("Uninstalled the app."),
    Deed.SHOP_ADDED: lambda _facts: _("Added this store, or changed what it is called."),
    Deed.SHOP_SUSPENDED: lambda _facts: _("Suspended the app for this store: nothing is sent."),
    Deed.SHOP_RESUMED: lambda _facts: _("Resumed the app for this store."),
    Deed.ACCESS_REPLACED: lambda _facts: _("Renewed the app’s access to your store."),
    Deed.KEYS_ROTATED: lambda _facts: _("Encrypted what is stored with a new key."),
    Deed.SETTINGS_CHANGED: lambda facts: _("Saved the settings (version %(number)s).", number=_of(facts, "version")),
    Deed.SETTINGS_EXPORTED: lambda facts: (
        _("Exported the settings, event URLs and keys included.")
        if facts.get("with_secrets")
        else _("Exported the settings without event URLs and keys.")
    ),
    Deed.LOG_READ: lambda facts: _("Read the list of deliveries (rows: %(number)s).", number=_of(facts, "deliveries")),
    Deed.LOG_EXPORTED: lambda _facts: _("Downloaded the deliveries as CSV."),
    Deed.BODY_VIEWED: lambda facts: _("Looked at what was sent in delivery %(number)s.", number=_of(facts, "delivery")),
    Deed.EVENT_PREVIEWED: lambda _facts: _("Looked at a real event in the preview."),
    Deed.WEBHOOK_VIEWED: lambda _facts: _("Looked at the fields of a real webhook to choose a variable."),
    Deed.DELIVERIES_REPLAYED: lambda facts: _("Sent deliveries again: %(number)s.", number=_of(facts, "deliveries")),
    Deed.ACCOUNT_RETRIED: lambda _facts: _("Tried the paused SendPulse account again."),
    Deed.ACCOUNT_CHECKED: lambda _facts: _("Checked the keys of the SendPulse account."),
    Deed.TEST_SENT: lambda _facts: _("Sent a test event."),
    Deed.GUIDE_DISMISSED: lambda _facts: _("Put the setup guide away."),
    Deed.PERSON_ASKED: lambda facts: _(
        "Passed on a customer’s request for their data (request %(request)s).", request=_of(facts, "request")
    ),
    Deed.PERSON_LOOKED_UP: lambda _facts: _("Looked up a customer."),
    Deed.PERSON_EXPORTED: lambda _facts: _("Downloaded a customer’s data."),
    Deed.PERSON_ERASED: lambda facts: _("Deleted a customer’s data (events: %(number)s).", number=_of(facts, "events")),
    Deed.AUDIT_READ: lambda _facts: _("Read this list."),
    Deed.LOGIN_REFUSED: _refused,
}
