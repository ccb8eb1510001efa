"""Secrets a settings file leaves out: whether it does, and the stored ones in their place. Pure functions over documents."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from plugin.domain.routing import Send
from plugin.domain.settings.editing import SECRETS, Document, masked
from plugin.domain.wording import NO_SENTENCE, Sentence, worded

KEYS: Final = frozenset({"client_secret", "api_key"})


class KeptSecrets(NamedTuple):
    """What was stored and is kept, because the file leaves it out."""

    urls: bool
    keys: bool

    @property
    def summary(self) -> Sentence:
        match self.urls, self.keys:
            case True, True:
                return worded("Kept: the stored event URLs and keys, which the file leaves out.")
            case True, False:
                return worded("Kept: the stored event URLs, which the file leaves out.")
            case False, True:
                return worded("Kept: the stored keys, which the file leaves out.")
        return NO_SENTENCE


def with_stored_secrets(file: Document, stored: Document) -> Document:
    """The file, with what it leaves out as it is stored.

    An event URL stays while its event still goes to one, or still does not; keys stay unless the file names another account.
    """
    events, known = _objects(file.get("events")), _objects(stored.get("events"))
    urls = {kind: _with_url(event, known.get(kind, {})) for kind, event in events.items()}
    filled = {**file, "events": {**file["events"], **urls}} if urls else dict(file)
    account = file.get("account", {})
    keys = _with_keys(account, _object(stored.get("account"))) if isinstance(account, dict) else account
    return {**filled, "account": keys} if keys else filled


def kept(file: Document, taken: Document) -> KeptSecrets:
    """What stands in the settings that were made of this file, and not in the file."""
    events, ours = _objects(file.get("events")), _objects(taken.get("events"))
    urls = any("event_url" in event and "event_url" not in events.get(kind, {}) for kind, event in ours.items())
    return KeptSecrets(urls=urls, keys=bool(KEYS & _object(taken.get("account")).keys() - _object(file.get("account")).keys()))


def holds_its_secrets(file: Document) -> bool:
    """Whether nothing is left out: there is a secret in the file, and none is missing where one belongs."""
    events, account = _objects(file.get("events")).values(), _object(file.get("account"))
    has_keys = bool(KEYS & account.keys())
    used = [event for event in events if event.get("enabled", True)]
    needs_keys = "client_id" in account or not all(map(_goes_to_a_url, used))
    needs_url = any(_goes_to_a_url(event) and "event_url" not in event for event in used)
    return (has_keys or any("event_url" in event for event in events)) and (has_keys or not needs_keys) and not needs_url


def without_replaced(before: Document, document: Document) -> Document:
    """The earlier file, in which only the last characters are left of what is no secret of the later one."""
    used = {text for entry, name in _holders(document) if isinstance(text := entry[name], str)}

    def without(entry: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: masked(value) if name in SECRETS and isinstance(value, str) and value not in used else value
            for name, value in entry.items()
        }

    changed = dict(before)
    if events := _objects(before.get("events")):
        changed["events"] = {**before["events"], **{kind: without(event) for kind, event in events.items()}}
    if account := _object(before.get("account")):
        changed["account"] = without(account)
    return changed


def _holders(document: Document) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each object in which a secret stands, and its name there."""
    for entry in (*_objects(document.get("events")).values(), _object(document.get("account"))):
        yield from ((entry, name) for name in SECRETS & entry.keys())


def _with_url(event: Mapping[str, Any], stored: Mapping[str, Any]) -> Mapping[str, Any]:
    if "event_url" in event or "event_url" not in stored or _goes_to_a_url(event) != _goes_to_a_url(stored):
        return event
    return {**event, "event_url": stored["event_url"]}


def _with_keys(account: Mapping[str, Any], stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """A secret works only with its ID, so the two stay together."""
    known = {name: value for name, value in stored.items() if name in KEYS | {"client_id"}}
    is_another = "client_id" in account and account["client_id"] != known.get("client_id")
    if is_another or KEYS & account.keys() or not KEYS & known.keys():
        return account
    return {**account, **known}


def _goes_to_a_url(event: Mapping[str, Any]) -> bool:
    return bool(event.get("send", Send.JSON.value) != Send.NAME.value)


def _objects(value: Any) -> dict[str, dict[str, Any]]:
    """The objects in an object; what else stands there is refused by who reads the file."""
    return {name: entry for name, entry in _object(value).items() if isinstance(entry, dict)}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
