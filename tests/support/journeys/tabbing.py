"""Tab through every control of a page in its admin: each has the focus in sight, uncovered, with an outline that shows."""

from typing import Any, Final

from tests.support.journeys.merchant import Merchant

MOST: Final = 900  #: the largest matrix has some 300 controls
# Something in the first form that can be saved is changed, so that its save bar shows; and changed back.
CHANGE: Final = """() => {
  const fields = ":is(input[type=text], input:not([type]), input[type=checkbox], textarea)";
  const field = document.querySelector(`form[data-save] ${fields}`);
  if (!field) return;
  if (field.type === "checkbox") field.checked = !field.checked;
  else field.value = field.dataset.before === undefined ? `${field.dataset.before = field.value}x` : field.dataset.before;
  if (field.type !== "checkbox" && field.value === field.dataset.before) delete field.dataset.before;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}"""
# The controls that Tab must reach: of radio buttons of one name, one.
BEGIN: Final = """() => {
  const every = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches(":disabled, .unseen, [tabindex='-1']"));
  const groups = new Set();
  window.tabs = { reached: new Set(), wanted: every.filter((one) => {
    if (one.type !== "radio") return true;
    const group = `${one.form?.id} ${one.name}`;
    return !groups.has(group) && groups.add(group);
  }) };
  scrollTo(0, 0);
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
}"""
NAMED: Final = """(one) => one.getAttribute("aria-label") || one.labels?.[0]?.textContent.trim().slice(0, 40)
  || one.textContent.trim().slice(0, 40) || one.name || one.outerHTML.slice(0, 60)"""
# Where the focus is; null once it has left the document. What is focused inside a letter's own frame is not asked about.
LOOK: Final = (
    """() => {
  const one = document.activeElement;
  if (!document.hasFocus() || !one || one === document.body || one === document.documentElement) return null;
  const named = """
    + NAMED
    + """;
  if (tabs.reached.has(one) || one.tagName === "IFRAME") return { name: named(one), points: [], wrong: [] };
  tabs.reached.add(one);
  const [{ left, right, ...edges }] = [...one.getClientRects()].map((rect) => rect.toJSON());
  // What is higher than the window, as a whole list may be, is in sight where part of it is.
  const isHigh = edges.height > innerHeight / 2;
  const top = isHigh ? Math.max(edges.top, 0) : edges.top, bottom = isHigh ? Math.min(edges.bottom, innerHeight) : edges.bottom;
  const points = [[left + 4, top + 2], [left + 4, (top + bottom) / 2],
    [Math.min(left + 40, right - 2), Math.min(bottom - 2, top + 30)]];
  const isFree = ([x, y]) => {
    const above = document.elementFromPoint(x, y);
    return above && (one.contains(above) || above.contains(one) || above.closest("label")?.control === one);
  };
  const style = getComputedStyle(one);
  const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  const canvas = document.createElement("canvas").getContext("2d");
  const brightness = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  let ground = one.parentElement;
  while (ground.parentElement && getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
  const both = [style.outlineColor, getComputedStyle(ground).backgroundColor].map(brightness).sort((less, more) => more - less);
  const contrast = (both[0] + 0.05) / (both[1] + 0.05);
  return { name: named(one), points, wrong: [
    ...(points.every(isFree) ? [] : ["covered"]), ...(isOutlined ? [] : ["no outline"]),
    ...(isOutlined && style.outlineStyle !== "auto" && contrast < 3 ? [`outline of contrast ${contrast.toFixed(1)}`] : [])] };
}"""
)
MISSED: Final = f"""() => {{
  const named = {NAMED};
  const groups = new Set([...tabs.reached].filter((one) => one.type === "radio").map((one) => one.name));
  const isMissed = (one) => one.isConnected && !tabs.reached.has(one) && !(one.type === "radio" && groups.has(one.name));
  return tabs.wanted.filter(isMissed).map((one) => `not reached by Tab: ${{named(one)}}`);
}}"""
# Nothing of the admin is before the frame there, and it is in the window.
IN_SIGHT: Final = """(points) => {
  const frame = document.querySelector("#app"), { left, top } = frame.getBoundingClientRect();
  return points.every(([x, y]) => document.elementFromPoint(left + x, top + y) === frame);
}"""


def tabbed(merchant: Merchant) -> tuple[int, list[str]]:
    """How many controls the focus came to, from the first to the last of the app, and what was wrong."""
    document, found, count = merchant.document, [], 0
    document.evaluate(CHANGE)
    merchant.page.locator("#app").focus()
    document.evaluate(BEGIN)
    for _ in range(MOST):
        merchant.presses("Tab")
        at: dict[str, Any] | None = document.evaluate(LOOK)
        if at is None:
            break
        if at["points"]:
            count += 1
            is_in_sight = merchant.page.evaluate(IN_SIGHT, at["points"])
            found += [f"{wrong}: {at['name']}" for wrong in [*at["wrong"], *([] if is_in_sight else ["out of sight"])]]
    else:
        found.append(f"{MOST} times Tab did not lead out of the page")
    found += document.evaluate(MISSED)
    document.evaluate(CHANGE)
    return count, found
