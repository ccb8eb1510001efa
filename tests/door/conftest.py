"""One door for all tests of a module: two seconds for a request, little room, one trusted proxy."""

from collections.abc import Iterator

import pytest

from tests.support.door.served import Served, served

REQUEST_SECONDS = 2
PROXY = "127.0.0.9"
FILES = 400  #: leaves 144 connections, 36 for an address


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    log = tmp_path_factory.mktemp("door") / "door.log"
    given = {"REQUEST_SECONDS": str(REQUEST_SECONDS), "UNVERIFIED_MEGABYTES": "8", "TRUSTED_PROXIES": f"{PROXY}, ::1"}
    with served(log, files=FILES, **given) as door:
        yield door


@pytest.fixture
def door(running: Served) -> Iterator[Served]:
    yield running
    running.forget()
    assert "Traceback" not in running.log.read_text()
