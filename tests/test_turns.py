"""Long work leaves room for short work, and for other long work."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from plugin import turns
from plugin.turns import giving_way, in_turns

# In a process of its own, because gevent patches whatever it is started in.
UNDER_GEVENT = """
import gevent.monkey
gevent.monkey.patch_all()
import os, time, gevent
from plugin.turns import in_turns

seen = []

def long(name):
    for _ in range(30):
        began = time.thread_time()
        while time.thread_time() - began < 0.002:
            pass
        yield name

def take(name):
    for made in in_turns(long(name)):
        seen.extend(made)

def short(reading, writing):
    for _ in range(5):
        os.read(reading, 1)
        seen.append("short")
        os.write(writing, b"x")

here, there = os.pipe(), os.pipe()
for one in (*here, *there):
    os.set_blocking(one, False)
from gevent.os import nb_read, nb_write
os.read, os.write = nb_read, nb_write
os.write(here[1], b"x")
jobs = [gevent.spawn(take, name) for name in "abc"]
jobs += [gevent.spawn(short, here[0], there[1]), gevent.spawn(short, there[0], here[1])]
gevent.joinall(jobs, raise_error=False)
print(",".join(seen))
"""


def test_everything_comes_once_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "SLICE_SECONDS", 0)

    assert list(in_turns(range(3))) == [[0], [1], [2]]


def test_what_is_quickly_made_comes_together() -> None:
    assert sum(len(made) for made in in_turns(range(1000))) == 1000
    assert list(in_turns([])) == []


def test_work_that_breaks_off_leaves_what_it_made_and_the_turn_to_others() -> None:
    def broken() -> Iterator[int]:
        yield 1
        yield 2
        raise LookupError

    met: list[int] = []
    with pytest.raises(LookupError):
        for made in in_turns(broken()):
            met += made

    assert met == [1, 2]
    assert list(in_turns([1])) == [[1]]


def test_whoever_stops_reading_leaves_the_turn_to_others() -> None:
    stopped = in_turns(range(10**9))
    next(stopped)

    assert list(in_turns([1])) == [[1]]


def test_short_work_is_done_long_before_long_work_is() -> None:
    seen = subprocess.run([sys.executable, "-c", UNDER_GEVENT], check=True, capture_output=True, text=True).stdout
    order = seen.strip().split(",")

    assert order.count("short") >= 9
    assert "short" not in order[len(order) // 2 :]
    assert set(order[:20]) > {"a", "b", "c"}


def test_pieces_that_take_long_give_way_after_each(monkeypatch: pytest.MonkeyPatch) -> None:
    paused = list[float]()
    monkeypatch.setattr("plugin.turns.time.sleep", paused.append)
    now = iter(range(100))
    monkeypatch.setattr("plugin.turns.time.monotonic", lambda: float(next(now)))

    assert list(giving_way("abc")) == ["a", "b", "c"]
    assert paused == [turns.PAUSE_SECONDS] * 3


def test_pieces_that_take_no_time_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    paused = list[float]()
    monkeypatch.setattr("plugin.turns.time.sleep", paused.append)
    monkeypatch.setattr("plugin.turns.time.monotonic", lambda: 0.0)

    assert list(giving_way(range(1000))) == list(range(1000))
    assert paused == []
