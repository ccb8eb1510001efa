"""The sandbox as `make run` starts it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from plugin.config import Settings
from plugin.domain.errors import Misconfigured
from plugin.sandbox.child import App, AppDied
from plugin.sandbox.places import Places
from plugin.sandbox.run import run
from tests.support.journeys.sandbox import PORTS, free_ports

READY_SECONDS = 60


def settings_at(port: int, host: str = "127.0.0.1") -> Settings:
    return Settings.from_environ({"HOST": host, "PORT": str(port)})


@contextmanager
def running(port: int, environ: dict[str, str]) -> Iterator[list[str]]:
    """The sandbox in a thread, ready; its words."""
    said, stopping = list[str](), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(run, settings_at(port), said.append, environ=environ, stopping=stopping)
        end = time.monotonic() + READY_SECONDS
        while not done.done() and time.monotonic() < end and not any("press Fire" in line for line in said):
            time.sleep(0.1)
        try:
            yield said
        finally:
            stopping.set()
            done.result()


def fire(page: str, store: str, event: str = "order_paid") -> dict[str, object]:
    """What the page shows of one fired webhook once it is settled."""
    wish = {"store": store, "event": event, "buyer": "zofia", "products": ["moss-teapot"]}
    number = requests.post(f"{page}/fire", json=wish, timeout=10).json()["id"]
    end = time.monotonic() + 20
    while time.monotonic() < end:
        [trace] = [found for found in requests.get(f"{page}/state", timeout=10).json()["traces"] if found["id"] == number]
        if trace["steps"] and trace["is_settled"]:
            return dict(trace["steps"][0])
        time.sleep(0.2)
    raise AssertionError(f"not settled: {trace}")


@contextmanager
def commanded(port: int, environ: dict[str, str], folder: Path) -> Iterator[list[str]]:
    """The same by its command, ended as an operator ends it; its words."""
    said: list[str] = []
    command = [sys.executable, "-m", "plugin", "sandbox"]
    with subprocess.Popen(
        command, env=environ | {"PORT": str(port)}, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        for line in process.stdout:
            said.append(line.rstrip())
            if "press Fire" in line:
                break
        try:
            yield said
        finally:
            process.send_signal(signal.SIGTERM)
            said += process.communicate(timeout=60)[0].splitlines()
    assert process.returncode == 0, said


def test_the_sandbox_comes_up_twice_over_one_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    port = free_ports(PORTS)
    environ = dict(os.environ) | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    environ.pop("DATABASE_URL", None)

    for started in (running(port, environ), commanded(port, environ, tmp_path)):
        with started as said:
            assert said[-1] == f"Open http://127.0.0.1:{port + 1} and press Fire."
            for store in ("shopify", "saleor"):
                assert fire(f"http://127.0.0.1:{port + 1}", store)["state"] == "delivered"
        assert said[-1] == "Stopped."
        Places.of(settings_at(port))  # every port is free again
    assert (tmp_path / "var" / "sandbox.db").is_file()
    assert (tmp_path / "var" / "sandbox.log").is_file()


def test_a_taken_port_is_named_with_a_way_out() -> None:
    port = free_ports(PORTS)
    with socket.create_server(("127.0.0.1", port + 4)), pytest.raises(Misconfigured) as refused:
        Places.of(settings_at(port))

    assert f"Port {port + 4} is needed for the pretend Shopify" in str(refused.value)
    assert f"PORT={port + 100}" in str(refused.value)


def test_the_last_port_leaves_no_room() -> None:
    with pytest.raises(Misconfigured, match="choose a lower one"):
        Places.of(settings_at(65_530))


def test_an_app_listening_everywhere_is_reached_at_this_machine() -> None:
    assert Places(host="0.0.0.0", port=8000).store_urls("saleor")[0] == "http://localhost:8005"


def test_only_the_pretend_saleor_may_install() -> None:
    allowed = Places(host="127.0.0.1", port=8000).environ()["SALEOR_ALLOWED_URLS"]

    assert allowed == r"^http://localhost:8005/graphql/$,^http://localhost:8006/graphql/$"


def an_app(tmp_path: Path, code: str) -> App:
    return App(os.environ, tmp_path / "log" / "app.log", command=(sys.executable, "-c", code))


def test_an_app_that_dies_is_reported_with_its_last_words(tmp_path: Path) -> None:
    app = an_app(tmp_path, "print('\\n'.join(f'line {n}' for n in range(40)) + '\\nno such table'); raise SystemExit(3)")

    with pytest.raises(AppDied) as died:
        app.wait_until_ready("http://127.0.0.1:9/readyz")

    assert "stopped with 3" in str(died.value)
    assert "no such table" in str(died.value)
    assert "line 10\n" not in str(died.value)


def test_an_app_that_never_gets_ready_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    app = an_app(tmp_path, "import time; time.sleep(60)")
    try:
        with pytest.raises(AppDied, match="within 1 seconds"):
            app.wait_until_ready("http://127.0.0.1:9/readyz", seconds=1)
    finally:
        app.stop()
    app.stop()
