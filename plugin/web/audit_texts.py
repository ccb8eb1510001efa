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
        return _(
            "%(what)s (Not protected against changes: an earlier version of the app or somebody else wrote it.)", what=told_as
        )
    if line.text or not line.deed:
        return line.text
    told = _WORDS.get(line.deed)
    return told(line.facts) if told else line.deed


def _of(facts: Facts, name: str) -> str:
    return str(facts.get(name, "")) or "–"


def _refused(facts: Facts) -> str:
    kinds = {
        RefusedLogin.UNPROVEN.value: _("Somebody tried to open the app with an invalid token, and was refused"),
        RefusedLogin.PERMISSION.value: _("Somebody without the permission to manage apps was refused"),
        RefusedLogin.NOT_INSTALLED.value: _("Somebody was refused because the app is not installed"),
    }
    return _("%(what)s (times within the hour: %(times)s).", what=kinds.get(_of(facts, "kind"), "–"), times=_of(facts, "times"))


_WORDS: Final[Mapping[str, Callable[[Facts], str]]] = {
    Deed.AUDIT_BEGAN: lambda facts: _(
        "From here on, every line is protected against changes (older lines: %(number)s).", number=_of(facts, "carried")
    ),
    Deed.AUDIT_BROKEN: lambda _facts: _(
        "The start and end of this list were lost or changed. Earlier lines may be missing; from here on it is complete."
    ),
    Deed.INSTALLED: lambda _facts: _("Installed the app."),
    Deed.UNINSTALLED: lambda _facts: _("Uninstalled the app."),
    Deed.SHOP_ADDED: lambda _facts: _("Added this store, or changed its name."),
    Deed.SHOP_SUSPENDED: lambda _facts: _("Suspended the app for this store: nothing is sent."),
    Deed.SHOP_RESUMED: lambda _facts: _("Resumed the app for this store."),
    Deed.ACCESS_REPLACED: lambda _facts: _("Renewed the app’s access to your store."),
    Deed.KEYS_ROTATED: lambda _facts: _("Encrypted the stored data with a new key."),
    Deed.SETTINGS_CHANGED: lambda facts: _("Saved the settings (version %(number)s).", number=_of(facts, "version")),
    Deed.SETTINGS_EXPORTED: lambda facts: (
        _("Exported the settings, event URLs and keys included.")
        if facts.get("with_secrets")
        else _("Exported the settings without event URLs and keys.")
    ),
    Deed.LOG_READ: lambda facts: _("Viewed the event log (rows: %(number)s).", number=_of(facts, "deliveries")),
    Deed.LOG_EXPORTED: lambda _facts: _("Downloaded the event log as CSV."),
    Deed.BODY_VIEWED: lambda facts: _("Viewed what was sent (Log ID %(number)s).", number=_of(facts, "delivery")),
    Deed.EVENT_PREVIEWED: lambda _facts: _("Viewed a real event in the preview."),
    Deed.WEBHOOK_VIEWED: lambda _facts: _("Viewed real data from your store to choose a variable."),
    Deed.DELIVERIES_REPLAYED: lambda facts: _("Sent events again: %(number)s.", number=_of(facts, "deliveries")),
    Deed.ACCOUNT_RETRIED: lambda _facts: _("Tried the paused SendPulse account again."),
    Deed.ACCOUNT_CHECKED: lambda _facts: _("Checked the keys of the SendPulse account."),
    Deed.TEST_SENT: lambda _facts: _("Sent a test event."),
    Deed.GUIDE_DISMISSED: lambda _facts: _("Hid the setup guide."),
    Deed.PERSON_ASKED: lambda facts: _(
        "Passed on a customer’s request for their data (request %(request)s).", request=_of(facts, "request")
    ),
    Deed.PERSON_LOOKED_UP: lambda _facts: _("Looked up a customer."),
    Deed.PERSON_EXPORTED: lambda _facts: _("Downloaded a customer’s data."),
    Deed.PERSON_ERASED: lambda facts: _("Deleted a customer’s data (events: %(number)s).", number=_of(facts, "events")),
    Deed.AUDIT_READ: lambda _facts: _("Viewed this list."),
    Deed.LOGIN_REFUSED: _refused,
}
