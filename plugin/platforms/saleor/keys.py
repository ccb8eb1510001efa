"""The shops' public keys: kept with their access, fetched again when they are old or a signature names another key."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any, Final

from plugin import clock
from plugin.domain.errors import Misconfigured, TryAgain
from plugin.ports import Installation, Shops

from .addresses import origin
from .questions import Answer, Questions, Room
from .signature import readable_keys

KeySet = Mapping[str, Any]

# Junk makes us ask a shop no more often; a genuine delivery that is told 503 meanwhile comes again after 10, 20, 40, 80 and
# 160 s, and finds what junk, a neighbour or it itself has fetched by then.
PAUSE: Final = timedelta(seconds=5)
OLDEST: Final = timedelta(hours=24)  #: keys that were fetched before are fetched again: their owner may have withdrawn them
LATER: Final = timedelta(minutes=10)  #: until old keys are asked for again when the shop did not answer
NOTED: Final = timedelta(hours=1)  #: keys that did not change are stored no more often


class KeySets:
    """Keys by shop. A Saleor has one key and changes it without overlap, so a stranger's key may be its new one."""

    def __init__(
        self, fetch: Callable[[str], KeySet], *, now: Callable[[], datetime] = clock.now, room: int = 16 * 1024 * 1024
    ) -> None:
        """`room` is how many bytes may wait for answers at a time."""
        self._fetch, self._now, self._room = fetch, now, Room(room)
        self._by_host: dict[str, Questions] = {}  #: in this process; shops of one host publish one key set

    def candidates(self, installation: Installation, shops: Shops, *, holding: int) -> Iterator[KeySet]:
        """The sets a shop's key may be in, from the one we keep to the one it publishes; each is only looked for when asked.

        Whoever comes to the end has seen what the shop published after the call. As long as that cannot be had,
        `TryAgain` is raised there: nobody knows yet whether the key is new. `holding` are the bytes that wait for it.
        """
        host = origin(installation.shop.address)
        questions = self._by_host.setdefault(host, Questions())
        before = questions.count
        yield from self._kept(installation, shops, questions, holding)
        seen = before - 1
        while True:
            with self._room.place(host, holding) as is_in:
                answer = (self._asked(installation, shops, questions, pause=PAUSE) or questions.wait()) if is_in else None
            if answer is None or answer.keys is None or answer.number <= seen:
                raise TryAgain("The shop's public keys could not be fetched now.")
            yield answer.keys
            if answer.number > before:
                return
            seen = answer.number

    def _kept(self, installation: Installation, shops: Shops, questions: Questions, holding: int) -> Iterator[KeySet]:
        """What was stored, fetched again once a day, the old while that fails; then what others have stored meanwhile."""
        stored = _usable(installation.access)
        is_old = stored is not None and self._is_past(installation.access, OLDEST)
        with self._room.place(origin(installation.shop.address), holding) if is_old else nullcontext(False) as may_ask:
            answer = self._asked(installation, shops, questions, pause=LATER) if may_ask else None
        known = (answer.keys if answer else None) or stored
        if known:
            yield known
        newer = _usable(shops.access(installation.shop.id))
        if newer and newer != known:
            yield newer

    def _asked(self, installation: Installation, shops: Shops, questions: Questions, *, pause: timedelta) -> Answer | None:
        """What the shop publishes now, stored; None when it is not for us to ask it."""
        now = self._now()
        if not questions.open(now, pause=pause):
            return None
        keys: KeySet | None = None
        try:
            keys = self._published(installation.shop.address)
        finally:
            answer = questions.close(keys)
        is_news = keys != installation.access.get("jwks") or self._is_past(installation.access, NOTED)
        if keys and is_news and installation.is_active:
            shops.renew(installation.shop.id, {"jwks": keys, "jwks_at": now.isoformat()})
        return answer

    def _published(self, address: str) -> KeySet | None:
        try:
            key_set = self._fetch(address)
        except (TryAgain, Misconfigured):
            return None
        return key_set if readable_keys(key_set) else None

    def _is_past(self, access: Mapping[str, Any], age: timedelta) -> bool:
        fetched_at = access.get("jwks_at")
        return not fetched_at or self._now() - datetime.fromisoformat(str(fetched_at)) >= age


def _usable(access: Mapping[str, Any]) -> KeySet | None:
    """What was stored with the shop's access; None without a key that can be read."""
    key_set = access.get("jwks")
    return key_set if isinstance(key_set, Mapping) and readable_keys(key_set) else None
