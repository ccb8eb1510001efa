"""A transaction on PostgreSQL under gevent: its answers come at once, and what takes long keeps nobody waiting."""

import subprocess
import sys
from pathlib import Path

from tests.support.databases import empty

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
from gevent import monkey
monkey.patch_all()
import sys, threading, time
from plugin.storage.db import prompt_wait
from plugin.storage.db.engine import Database
from plugin.storage.db.prompt_wait import PromptConnection
from sqlalchemy import text
from tests.support.databases import settings_for

database = Database(settings_for(sys.argv[1]))
turns, ready = [], prompt_wait._ready

def compute():
    while not turns or turns[-1] != "over":
        turns.append("other")
        time.sleep(0)

with database.write() as connection:
    assert isinstance(connection.connection.dbapi_connection, PromptConnection)
    connection.execute(text("SELECT 1"))
    other = threading.Thread(target=compute)
    other.start()
    time.sleep(0)
    before = len(turns)
    found = [connection.execute(text(f"SELECT {number}")).scalar() for number in range(20)]
    quick = len(turns) - before
    connection.execute(text("SELECT pg_sleep(0.2)"))
    slow = len(turns) - before - quick
prompt_wait._ready = None  # nobody who listens looks there
with database.engine.connect() as connection:
    raw = connection.connection.dbapi_connection
    raw.autocommit = True
    heard = len(turns)
    assert list(raw.notifies(timeout=0.1)) == []
    heard = len(turns) - heard
    connection.invalidate()
prompt_wait._ready = ready
try:
    with database.write() as connection:
        connection.execute(text("SELECT 1 / 0"))
except Exception as error:
    told = type(error).__name__
turns.append("over")
other.join()
print(found == list(range(20)), quick < slow, slow > 10, heard > 10, told)
"""


def test_answers_come_before_others_go_on_and_a_long_wait_lets_them(migrated_postgresql: str) -> None:
    empty(migrated_postgresql)

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, migrated_postgresql], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stdout.split() == ["True", "True", "True", "True", "StorageDown"], done.stderr


def test_without_gevent_the_driver_waits_by_itself(migrated_postgresql: str) -> None:
    program = PROGRAM.replace("monkey.patch_all()", "").split("turns, ready = ")[0]
    program += "\nwith database.read() as c: c.execute(text('SELECT 1')); print(type(c.connection.dbapi_connection).__name__)"

    done = subprocess.run(
        [sys.executable, "-c", program, migrated_postgresql], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stdout.split() == ["Connection"], done.stderr
