"""kill -9 at random points under load: nothing acknowledged is lost, and what was repeated is marked.

FAULT_ROUNDS says how many rounds there are for each part that is killed, FAULT_SEED repeats the points of an earlier run;
`make bench` makes twenty of each.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import require_postgresql
from tests.support.faults.cluster import ORDERS, Site, kill_in_rounds, running_site

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "2"))
SEED = int(os.environ.get("FAULT_SEED", secrets.randbelow(10**6)))


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    if request.param == "postgresql":
        require_postgresql()
    with running_site(request.param, tmp_path) as running:
        yield running


def test_no_acknowledged_webhook_is_lost_by_kill_9(site: Site) -> None:
    verdict = kill_in_rounds(site, ROUNDS, seed=SEED)

    assert verdict.acknowledged == ORDERS * len(verdict.rounds)
    assert verdict.account.lost == frozenset()
    assert verdict.account.explained == frozenset()
    assert verdict.account.unmarked == frozenset()
    assert sum(each.orphaned for each in verdict.rounds) == verdict.in_flight
    assert [each for each in verdict.rounds if each.is_beyond] == []
