"""The webhook whose fields a merchant chooses from: the newest real one of a kind, else the platform's sample."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from plugin.domain.errors import Unreadable
from plugin.domain.json_path import NOTHING, TooMuch, first, looks, read_path
from plugin.domain.json_path.trouble import BadPath
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.own import OwnVariable, text_of
from plugin.domain.payload import read_json
from plugin.web.services import services
from plugin.web.visit import visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One webhook."""

    body: Mapping[str, Any]
    is_sample: bool

    def text_at(self, path: str) -> str | None:
        """What stands at this place, "" for null, an object or a list; None when nothing does."""
        return _text_at(path, self.body)


def shown(kind: EventKind) -> Shown:
    """The newest webhook that told this kind, which may speak of a person; the sample of the platform before there is one."""
    kinds = told_by(kind)
    if body := services().store.events.newest_body(visit().shop.id, kinds):
        try:
            return Shown(body=read_json(body, "webhook").fields, is_sample=False)
        except Unreadable:  # no event would have been read from it
            pass
    return Shown(body=_sample(visit().shop.platform, kinds[0]), is_sample=True)


def told_by(kind: EventKind) -> tuple[EventKind, ...]:
    """The kinds whose webhooks tell this one: an abandoned cart is made of what its cart said last."""
    told = visit().platform.kinds
    if kind not in told:
        starting = tuple(one for one in reversed(EventKind) if one in told and KINDS[one].starts_timer)  # a state first
        return starting if KINDS[kind].is_computed and starting else tuple(one for one in EventKind if one in told)
    return (kind,)


def is_nowhere(variable: OwnVariable) -> bool:
    """Whether no sample of the platform has the place of this variable, in any kind it is for."""
    if not variable.path:
        return False
    kinds = {told_by(kind)[0] for kind in visit().kinds if variable.is_for(kind)}
    return all(_text_at(variable.path, _sample(visit().shop.platform, kind)) is None for kind in kinds)


def _text_at(path: str, body: Mapping[str, Any]) -> str | None:
    try:
        value = first(read_path(path), body, looks())
    except (BadPath, TooMuch):
        return None
    return None if value is NOTHING else text_of(value)


@lru_cache(maxsize=100)
def _sample(platform: str, kind: EventKind) -> Mapping[str, Any]:
    return read_json(services().platforms[platform].sample(kind), "sample").fields
