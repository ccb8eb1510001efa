"""A smaller story that fails as well."""

from collections.abc import Callable, Sequence
from datetime import datetime

from tests.support.orders.playing import Company, Fault, play
from tests.support.orders.telling import Telling


def shrunk(company: Company, told: Sequence[Telling], new_database: Callable[[], str], began: datetime) -> Fault | str:
    """The same life with as few of its webhooks as still show a fault; in words when it does not fail alone."""

    def fault_of(some: Sequence[Telling]) -> Fault | None:
        return next(iter(play(company, some, new_database(), began).faults(company.rules, began)), None)

    fault = fault_of(told)
    if fault is None:
        return f"order {told[0].life.number} fails only among the others"
    for one in told:
        fewer = [each for each in fault.told if each is not one]
        fault = (fault_of(fewer) if fewer else None) or fault
    return fault
