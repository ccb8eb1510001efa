"""A worker driven by hand: what is due is done here and now, so that a test says when."""

from plugin.worker import Worker
from plugin.workpool import Item, WorkPool


def work_once(pool: WorkPool[Item]) -> int:
    """Claim what is due and work on it; how much that was."""
    claimed = pool.claim(pool.slots)
    for item in claimed:
        pool.work(item)
    return len(claimed)


def prepare(worker: Worker) -> int:
    """Do everything but sending that is due, each stage until it has nothing left; how much that was."""
    return _drained(worker.translating) + _drained(worker.expiring) + _drained(worker.planning)


def drain(worker: Worker) -> int:
    """Do everything that is due; how much that was."""
    done = 0
    while step := prepare(worker) + work_once(worker.delivering):
        done += step
    return done


def _drained(pool: WorkPool[Item]) -> int:
    done = 0
    while step := work_once(pool):
        done += step
    return done
