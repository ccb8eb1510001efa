"""The HTTP surface: requests that schemathesis makes of docs/openapi.json, asked of the application itself."""

import json
import logging
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.core.result import Ok

from plugin.platforms import find_testkit
from plugin.storage import open_store
from plugin.storage.db.migrate import migrate
from tests.fuzz.searching import SLOWEST, Found, where
from tests.support.databases import settings_for
from tests.support.own_time import own_time
from tests.support.web.description import DESCRIPTION, all_platforms

TARGET: Final = "HTTP surface"
STRANGER_EVERY: Final = 8  #: one request in so many comes without a token


@contextmanager
def running() -> Iterator[tuple[Flask, dict[str, str]]]:
    """The application with a shop of each platform, and a good token for the addresses that begin with the platform's name."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        configured = settings_for(f"sqlite:///{folder}/plugin.db")
        migrate(configured)
        with closing(open_store(configured)) as store:
            app, shops = all_platforms(store, configured)
            _compile_templates(app)
            yield app, {f"/{name}": find_testkit(name).token(shop) for name, shop in shops.items()}
    logging.disable(logging.NOTSET)


def _compile_templates(app: Flask) -> None:
    """As they are in a process that has served each page once."""
    for name in app.jinja_env.list_templates(extensions=["html", "xml", "txt"]):
        if not name.startswith("letters/"):  # for another environment, which has the words they are written in
            app.jinja_env.get_template(name)


def ask_everything(found: Found, requests: int, chosen: int) -> None:
    """Ask every operation the same number of times; an answer of 500 or above but 503, or none within a second, is a fault."""
    surface = schemathesis.openapi.from_dict(json.loads(DESCRIPTION.read_text()))
    operations = [read.ok() for read in surface.get_all_operations() if isinstance(read, Ok)]
    with running() as (app, tokens):
        for operation in operations:
            _ask(found, operation, app, tokens, requests=max(1, requests // len(operations)), chosen=chosen)


def _ask(found: Found, operation: Any, app: Flask, tokens: dict[str, str], *, requests: int, chosen: int) -> None:
    asked = 0

    @seed(chosen)
    @settings(
        max_examples=requests, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        nonlocal asked
        asked += 1
        token = next((token for prefix, token in tokens.items() if operation.path.startswith(prefix)), "none")
        try:
            with own_time() as spent:
                answer = _answer(case, app, None if asked % STRANGER_EVERY == 0 else token)
        except Exception as error:  # noqa: BLE001 what this program is there to find
            found.blame(TARGET, where(error), f"{operation.label} {chosen}:{asked}")
            return
        seconds = spent.seconds
        found.note(TARGET, f"{answer // 100}xx", seconds)
        if answer >= 500 and answer != 503:
            found.blame(TARGET, f"answer {answer}", f"{operation.label} {chosen}:{asked}")
        if seconds > SLOWEST:
            found.blame(TARGET, "took too long", f"{operation.label} {chosen}:{asked} {seconds:.1f} s")

    ask()


def _answer(case: Any, app: Flask, token: str | None) -> int:
    """The status of the answer, read to its end."""
    made = case.as_transport_kwargs(base_url="http://localhost")
    headers = {name: value for name, value in dict(made.get("headers") or {}).items() if name.lower() != "authorization"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    with app.test_client() as client:
        answer = client.open(
            made["url"].removeprefix("http://localhost"), method=made["method"], query_string=made.get("params"),
            headers=headers, json=made.get("json"), data=made.get("data"), buffered=True,
        )  # fmt: skip
    return int(answer.status_code)
