"""Logs: what a line holds, and what leaves for Sentry."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
import structlog

from plugin.logs import configure


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def test_a_line_is_json_with_its_words_and_ids(capsys: pytest.CaptureFixture[str]) -> None:
    configure()

    structlog.get_logger().info("delivered", delivery=7)

    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["delivery"], line["level"]) == ("delivered", 7, "info")


def test_an_exception_is_reported_without_what_it_was_about() -> None:
    configure(sentry_dsn="http://key@127.0.0.1:9/1")
    sent: list[Any] = []
    sentry_sdk.get_client().options["before_send"] = lambda event, hint: sent.append(event)

    def work(secret: str) -> None:
        raise RuntimeError(f"a bug of {len(secret)}")

    try:
        work("".join(reversed("moc.elpmaxe@detnalp")))  # written so that the quoted source does not hold it
    except RuntimeError:
        structlog.get_logger().exception("stage failed", stage="plan")
    structlog.get_logger().info("delivered", delivery=7)
    sentry_sdk.get_client().close(timeout=0)

    [report] = sent
    assert report["exception"]["values"][0]["type"] == "RuntimeError"
    assert "planted@" not in json.dumps(report, default=str)
