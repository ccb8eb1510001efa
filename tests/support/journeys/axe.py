"""axe-core's findings about a document; npm brings it."""

from functools import cache
from typing import Any, Final

from playwright.sync_api import Frame

from tests.support.browsing import from_npm

# WCAG 2.2 AA and what axe calls best practice.
RUN: Final = """
async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) =>
    ({ id, help, target: target.join(" "), failureSummary })))
"""


@cache
def _source() -> str:
    return from_npm("axe-core/axe.min.js").read_text(encoding="utf-8")


def axe(frame: Frame) -> list[str]:
    """What is wrong, one sentence each; a whole document is asked, so give the app's frame and not the admin around it."""
    if not frame.evaluate("Boolean(window.axe)"):
        frame.evaluate(f"() => {{ {_source()} }}")
    found: list[dict[str, Any]] = frame.evaluate(RUN)
    return [f"{one['id']}: {one['help']} at {one['target']}. {one['failureSummary']}" for one in found]
