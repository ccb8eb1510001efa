"""The whole sandbox as `make run` starts it, for browser tests."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from plugin.sandbox.places import Places
from plugin.sandbox.stores.shopify.admin_page import address_of
from plugin.sandbox.stores.shopify.demo_shop import ADDRESS, NEWCOMER
from tests.support.journeys.running import CHECKOUT, inherited, until

PORTS = len(Places(host="127.0.0.1", port=0).parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSandbox:
    """Where everything of it is."""

    places: Places
    database_url: str = ""

    @property
    def shopify(self) -> str:
        """The app in the admin of the demo shop."""
        return address_of(self.places.store_urls("shopify")[0], ADDRESS)

    @property
    def shopify_newcomer(self) -> str:
        """The same in a shop that has not installed it yet."""
        return address_of(self.places.store_urls("shopify")[0], NEWCOMER)

    @property
    def saleor(self) -> str:
        return f"{self.places.store_urls('saleor')[0]}/dashboard/"

    @property
    def saleor_newcomer(self) -> str:
        return f"{self.places.store_urls('saleor')[1]}/dashboard/"

    def received(self) -> list[dict[str, object]]:
        """What the pretend SendPulse got so far."""
        found: list[dict[str, object]] = requests.get(f"{self.places.events}/pretend/received", timeout=5).json()
        return found


@contextmanager
def running_sandbox(
    folder: Path, *, checkout: Path | None = CHECKOUT, python: Path | str = sys.executable, ports: int = PORTS
) -> Iterator[RunningSandbox]:
    """Start it over a database of its own; without a checkout as it is installed. Takes up to a minute and a half."""
    places = Places(host="127.0.0.1", port=free_ports(ports))
    environ = inherited(is_covered=False)
    environ |= {"DATABASE_URL": f"sqlite:///{folder}/sandbox.db", "PORT": str(places.port)}
    environ |= {"PYTHONPATH": str(checkout)} if checkout else {}
    with (folder / "out").open("wb") as out:
        command = [python, "-m", "plugin", "sandbox"]
        process = subprocess.Popen(command, env=environ, cwd=folder, stdout=out, stderr=out)
        try:
            until(lambda: _is_open(process, folder / "out"), "the sandbox says what to open", seconds=90)
            yield RunningSandbox(places=places, database_url=environ["DATABASE_URL"])
        finally:
            process.terminate()
            process.wait(30)


def _is_open(process: "subprocess.Popen[bytes]", said: Path) -> bool:
    assert process.poll() is None, f"The sandbox ended by itself:\n{said.read_text()}"
    return "Open http" in said.read_text()


def free_ports(count: int) -> int:
    """The first of so many ports in a row nobody listens at, below those the system gives to connections."""
    places = list(range(23_000, 32_000 - count, count))
    mine = os.getpid() % len(places)  # tests that run at once begin to look at different places
    for first in [*places[mine:], *places[:mine]]:
        probes = [socket.socket() for _ in range(count)]
        try:
            for number, probe in enumerate(probes):
                probe.bind(("127.0.0.1", first + number))
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
        return first
    raise AssertionError(f"no {count} ports in a row are free")
