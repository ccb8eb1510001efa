"""axe-core's findings about a document; npm brings it."""

from functools import cache
from typing import Any, Final

from playwright.sync_api import Frame

from tests.browsing import from_npm

# WCAG 2.2 AA and what axe calls best practice.
RUN: Final = """
async (rules) => (await axe.run(document, { resultTypes: ["violations"], ...(rules.length && { runOnly: rules }) })).violations
  .flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) =>
    ({ id, help, target: target.join(" "), failureSummary })))
"""


@cache
def _source() -> str:
    return from_npm("axe-core/axe.min.js").read_text(encoding="utf-8")


def axe(frame: Frame, *rules: str) -> list[str]:
    """What is wrong, one sentence each; a whole document is asked, so give the app's frame and not the admin around it.

    `rules` are the only ones asked for; without any, all of them.
    """
    frame.evaluate(f"() => {{ if (!window.axe) {{ {_source()} }} }}")
    found: list[dict[str, Any]] = frame.evaluate(RUN, list(rules))
    return [f"{one['id']}: {one['help']} at {one['target']}. {one['failureSummary']}" for one in found]
