"""Errors, named after what happens next."""

from collections.abc import Mapping
from datetime import timedelta

from plugin.domain.audit import RefusedLogin
from plugin.domain.wording import Sentence


class PluginError(Exception):
    """Something the plugin foresees; its text is for the person who must act."""


class BadSignature(PluginError):
    """The request is not from the store it names: answered 401, counted, never stored."""


class Contradicted(BadSignature):
    """The signature is good, but what is signed is not what the unsigned headers say: answered the same way."""


class NotInstalled(PluginError):
    """The shop is unknown or has left.

    `answer` is the HTTP status its platform wants to hear: 200 ends Shopify's retries,
    401 tells a Saleor that nobody here knows it. `advice` is for whoever reads that answer; `address` is where the
    webhook says it is from, spelled as the platform does, when an operator should hear of it.
    """

    def __init__(self, message: str, *, answer: int, advice: str = "", address: str = "") -> None:
        super().__init__(message)
        self.answer, self.advice, self.address = answer, advice, address


class NotAdmitted(PluginError):
    """This person may not see these pages; the text is for them, without a word of what was sent.

    `answer` is 401 when a fresh token may help and 403 when it cannot; `headers` say so in the host's way. `kind` is what the
    shop's audit counts it as, None for what happens to everybody (a token that has just run out); `who` is the staff member
    when the token was good.
    """

    def __init__(
        self,
        message: str,
        *,
        answer: int,
        headers: Mapping[str, str] | None = None,
        kind: RefusedLogin | None = RefusedLogin.UNPROVEN,
        who: str = "",
    ) -> None:
        super().__init__(message)
        self.answer, self.headers, self.kind, self.who = answer, dict(headers or {}), kind, who


class Unreadable(PluginError):
    """A verified body lacks something; the text carries the JSON path."""


class Misconfigured(PluginError):
    """The merchant or operator can fix it; the text says how."""


class StorageDown(PluginError):
    """The database did not take the change; the sender is asked to come again (503)."""


class ShopGone(StorageDown):
    """The shop was deleted since it was looked up; whoever looks again finds none."""


class ChangedMeanwhile(PluginError):
    """Somebody else changed it since it was read; nothing was stored."""


class TryAgain(PluginError):
    """It may work later: `after` is the least time to wait, or None for the usual schedule."""

    def __init__(self, message: str, *, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after


class TooMany(TryAgain):
    """Too many came from one address, until `after`; `answer` is the HTTP status that says so."""

    def __init__(self, message: str, *, answer: int, after: timedelta) -> None:
        super().__init__(message, after=after)
        self.answer = answer


class TooMuchWaits(TryAgain):
    """More of the shop waits to be read than one shop may have; nothing was stored.

    `answer` is the HTTP status after which its platform sends the webhook again.
    """

    def __init__(self, message: str, *, answer: int, after: timedelta) -> None:
        super().__init__(message, after=after)
        self.answer = answer


class TooOften(PluginError):
    """A shop did something more often than one shop may; `after` is how long it has to wait."""

    def __init__(self, what: str, *, after: timedelta) -> None:
        super().__init__(what)
        self.what, self.after = what, after


class GiveUp(PluginError):
    """Trying again cannot help; the text is the reason shown in the log."""


class StoreRefuses(GiveUp):
    """The store's platform said no to what this app needs of it; the merchant reads why, and what to do."""

    def __init__(self, reason: Sentence, *, fix: Sentence) -> None:
        super().__init__(reason)
        self.reason, self.fix = reason, fix
