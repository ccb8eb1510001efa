"""kill -9 of web, worker and database under load, twenty times each: what was lost, and what was repeated."""

import secrets
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench.environment import BenchEnvironment
from bench.report import Figure
from tests.support.faults.cluster import kill_in_rounds, running_site

ROUNDS, QUICK_ROUNDS = 20, 1  #: for each part that is killed


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """Not a speed: the promise, as often as it is worth believing. A seed that broke it is named in the table."""
    rounds, seed = QUICK_ROUNDS if environment.is_quick else ROUNDS, secrets.randbelow(10**6)
    with tempfile.TemporaryDirectory(prefix="plugin-kill-") as folder, running_site(database, Path(folder)) as site:
        verdict = kill_in_rounds(site, rounds, seed=seed)
    account, kills = verdict.account, len(verdict.rounds)
    how = f"{kills} kills, {verdict.acknowledged:,} acknowledged, {len(account.delivered):,} delivered; seed {seed}"
    on_their_way = f"{account.repeated} repeated, {account.uncertain} uncertain, {verdict.in_flight} on their way at the kills"
    figure = partial(Figure, part="kill -9", database=database, at_most=0)
    return [
        figure(what="acknowledged webhooks lost", value=len(account.lost), unit="webhooks", detail=how),
        figure(what="repeated without being marked", value=len(account.unmarked), unit="events", detail=how),
        figure(what="rounds that repeated more than was on its way", value=sum(each.is_beyond for each in verdict.rounds),
               unit="rounds", detail=on_their_way),
    ]  # fmt: skip
