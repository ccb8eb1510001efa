"""A smaller history that goes wrong as well."""

import re
from collections.abc import Iterator
from dataclasses import replace

from tests.support.carts.history import History, Step, story
from tests.support.carts.judging import faults
from tests.support.carts.playing import Played, Player


def shrunk(player: Player, history: History) -> str:
    """The history with as little of it as still goes wrong, as a story; in words when it does not go wrong alone."""
    played = _played(player, history)
    if not faults(played):
        return "goes wrong only among the others:\n" + told(played)
    wanted = _kinds(played)
    while smaller := next((one for less in _smaller(played.history) if _kinds(one := _played(player, less)) & wanted), None):
        played = smaller
    return told(played)


def told(played: Played) -> str:
    """What went wrong, and the history."""
    return "\n  ".join([*faults(played), *story(played.history, played.tellings)])


def _kinds(played: Played) -> set[str]:
    """What went wrong, whenever and with whichever basket."""
    return {re.sub(r"day |\d", "", fault) for fault in faults(played)}


def _played(player: Player, history: History) -> Played:
    return player.play([history])[0]


def _smaller(history: History) -> Iterator[History]:
    """Without an outage or a step, or with one of its webhooks lost, told once, or told at once."""
    if history.outages:
        yield replace(history, outages=())
    for outage in history.outages:
        yield replace(history, outages=tuple(one for one in history.outages if one is not outage))
    for step in history.steps:
        yield history.without(step)
    for place, step in enumerate(history.steps):
        for simpler in _simpler(step):
            yield replace(history, steps=(*history.steps[:place], simpler, *history.steps[place + 1 :]))


def _simpler(step: Step) -> Iterator[Step]:
    for place, arrivals in enumerate(step.arrivals):
        for fewer in {(), arrivals[:1], arrivals[1:], (0,)} - {arrivals}:
            if len(fewer) <= len(arrivals) and sum(fewer) <= sum(arrivals):
                yield replace(step, arrivals=(*step.arrivals[:place], fewer, *step.arrivals[place + 1 :]))
    if step.names not in (("mail",), ()):
        yield replace(step, names=("mail",))
    if step.device:
        yield replace(step, device=0)
