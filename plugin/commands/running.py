"""serve, web, worker, migrate: what an operator keeps running."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from datetime import timedelta

import click
from gevent.monkey import is_module_patched

from plugin import gc_tuning
from plugin.commands.opened import services
from plugin.config import Settings
from plugin.web.gunicorn_options import gunicorn_arguments
from plugin.worker import Worker

RESTART_SECONDS = 1.0  #: a part that died is started again after this
ROLLED_OUT = timedelta(minutes=10)  #: by then no worker of the version before wants its own webhooks back in the shops
STOP_SECONDS = 30.0  #: a part that does not stop by itself is killed after this
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@click.command()
def migrate() -> None:
    """Update the database to this version; safe to repeat, even from several machines at once."""
    from plugin.storage.db.engine import Database
    from plugin.storage.db.migrate import migrate as run
    from plugin.storage.shops.platform_sync import request_sync_of_all

    settings = Settings.from_environ()
    run(settings)
    database = Database(settings)
    try:
        request_sync_of_all(database, at=database.now() + ROLLED_OUT)
    finally:
        database.close()
    click.echo("The database is up to date.")


@click.command()
def web() -> None:
    """Receive webhooks and serve pages, until SIGTERM."""
    settings = Settings.from_environ()
    services()
    _share_counters()
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *gunicorn_arguments(settings)])  # noqa: S606 our own command


@click.command()
def worker() -> None:
    """Process and send events, until SIGTERM; finishes first what it has begun."""
    if not is_module_patched("threading"):
        os.execv(sys.executable, [sys.executable, "-m", "gevent.monkey", "--module", "plugin", "worker"])  # noqa: S606 ours
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    worker = Worker(services())
    gc_tuning.freeze_after_start()
    worker.run(stopping)


@click.command()
@click.pass_context
def serve(ctx: click.Context) -> None:
    """Run web and worker together, after updating the database: all a small shop needs."""
    ctx.invoke(migrate)
    made = _share_counters()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    settings = Settings.from_environ()
    click.echo(f"Listening at http://{settings.host}:{settings.port}", err=True)
    try:
        _keep_running(("web", "worker"), stopping)
    finally:
        if made:
            shutil.rmtree(made, ignore_errors=True)


def _keep_running(parts: Sequence[str], stopping: threading.Event) -> None:
    """Run each part as a process of its own, start it again when it dies, stop all together."""
    running = {part: _start(part) for part in parts}
    while not stopping.wait(RESTART_SECONDS):
        for part, process in running.items():
            if process.poll() is not None:
                click.echo(f"{part} exited with {process.returncode}; restarting it", err=True)
                running[part] = _start(part)
    for process in running.values():
        process.terminate()
    for process in running.values():
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _start(part: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "plugin", part]
    return subprocess.Popen(command, start_new_session=True, preexec_fn=_end_with_parent)  # noqa: S603 our own command


def _end_with_parent() -> None:
    """Ask Linux to stop this process when `serve` is killed, so that no half of it stays behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _share_counters() -> str:
    """Give the processes of this machine one folder to count in; the folder when it had to be made, else ""."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        return ""
    made = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="sendpulse-plugin-counters-")
    return made
