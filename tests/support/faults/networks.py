"""A machine with a network of its own: a namespace of the kernel, joined to this one by wires that can be pulled."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache

from tests.support.faults.proxy import cuttable_way_to


class Elsewhere:
    """The namespace; it is there as long as the process that holds it."""

    def __init__(self, holder: int) -> None:
        self._holder = holder
        self.enter = ("nsenter", "--target", str(holder), "--net")  #: a command in front of one that runs there
        _run(*self.enter, "ip", "link", "set", "lo", "up")

    def wire(self, name: str, number: int) -> str:
        """Join it to this machine; the address this machine has on that wire."""
        here, there = f"10.213.{number}.1", f"10.213.{number}.2"
        _run("ip", "link", "add", name, "type", "veth", "peer", "name", "far", "netns", str(self._holder))
        _run(*self.enter, "ip", "link", "set", "far", "name", name)
        _run("ip", "address", "add", f"{here}/30", "dev", name)
        _run("ip", "link", "set", name, "up")
        _run(*self.enter, "ip", "address", "add", f"{there}/30", "dev", name)
        _run(*self.enter, "ip", "link", "set", name, "up")
        return here

    def pull(self, name: str) -> None:
        """From now on not a packet passes, and nobody is told."""
        _run("ip", "link", "set", name, "down")

    def plug_in(self, name: str) -> None:
        _run("ip", "link", "set", name, "up")


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """Another network; gone at the end with its wires."""
    with subprocess.Popen(
        ["unshare", "--net", "sh", "-c", "echo ready; exec sleep infinity"], stdout=subprocess.PIPE
    ) as holder:
        try:
            assert holder.stdout
            assert holder.stdout.readline() == b"ready\n"
            yield Elsewhere(holder.pid)
        finally:
            holder.kill()


@contextmanager
def reachable(ports: dict[int, str]) -> Iterator[dict[int, int]]:
    """Ports of this machine's loopback, each at another address of it: loopback port → port there."""
    with ExitStack() as stack:
        yield {port: stack.enter_context(cuttable_way_to(port, host=host)).port for port, host in ports.items()}


@cache
def may_be_made() -> bool:
    """Whether this process may make networks: as root, where the kernel lets it."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("ip", "unshare", "nsenter"))):
        return False
    tried = ["unshare", "--net", "ip", "link", "add", "tried", "type", "veth", "peer", "name", "other"]
    return subprocess.run(tried, capture_output=True, timeout=10).returncode == 0


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=10)
