"""How fast a page shows what it is about, and whether it jumps: measured by the browser itself."""

from dataclasses import dataclass
from typing import Final

from playwright.sync_api import BrowserContext, Frame

from tests.support.browsing import wait_until

# In every document, before its own scripts. A frame's own document has its own figures.
WATCH: Final = """
window.__vitals = { lcp: 0, cls: 0, what: "" };
new PerformanceObserver((list) => {
  for (const { startTime, element } of list.getEntries())
    Object.assign(window.__vitals, { lcp: startTime, what: element?.outerHTML.slice(0, 80) ?? "" });
}).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__vitals.cls += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """Of one document."""

    lcp_seconds: float  #: after the document was asked for
    cls: float
    what: str  #: the beginning of the element that was painted last and largest

    def __str__(self) -> str:
        return f"LCP {self.lcp_seconds:.3f} s, CLS {self.cls:.4f}, painted {self.what}"


def watch(context: BrowserContext) -> None:
    """Measure in every document the context opens from here on."""
    context.add_init_script(WATCH)


def vitals(frame: Frame) -> Vitals:
    """What was measured in this document so far; call it once everything is there."""
    wait_until(frame, "window.__vitals.lcp > 0")
    told = frame.evaluate("window.__vitals")
    return Vitals(lcp_seconds=told["lcp"] / 1000, cls=told["cls"], what=told["what"])


def bytes_loaded(frame: Frame) -> list[tuple[str, int]]:
    """Each answer of the document and of what it loaded so far: address, and bytes over the wire with headers."""
    # https://www.w3.org/TR/resource-timing/#dom-performanceresourcetiming-transfersize
    told: list[tuple[str, int]] = frame.evaluate(
        "['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind)).map((e) => [e.name, e.transferSize])"
    )
    return [(address, size) for address, size in told]
