"""What is laid out wrongly in a page: words broken in two, labels beside nothing, rows that are uneven, sideways scrolling."""

from playwright.sync_api import Frame

# Words of buttons, labels and headings that are broken in two, and cells that stand on two lines beside their label on a
# narrow screen. A label there is written by the style sheet, where it is measured, and not seen.
CROOKED = r"""() => {
  const WORD = /[\p{L}\p{N}_]+/gu;
  const isOurs = ({ parentElement: holder }) =>
    !holder.closest("[translate=no], .unseen, option") && !(holder.closest("thead")?.offsetWidth < 2);
  const isBroken = (text, word) => {
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
  };
  const texts = (element) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), found = [];
    while (walker.nextNode()) found.push(walker.currentNode);
    return found.filter(isOurs);
  };
  const said = [...document.querySelectorAll("button, .button, label, legend, th, dt, h1, h2, h3, summary")].flatMap(texts);
  const broken = said.flatMap((text) =>
    [...text.data.matchAll(WORD)].filter((word) => isBroken(text, word)).map(([word]) => word));
  const labelled = [...document.querySelectorAll(".lists td[data-label]")];
  const pen = document.createElement("canvas").getContext("2d");
  const room = (cell) => {
    const beside = document.createRange();
    beside.selectNodeContents(cell);
    const [all, rest] = [cell, beside].map((part) => part.getBoundingClientRect());
    const both = document.dir === "rtl" ? all.right - rest.right : rest.left - all.left;
    return both - parseFloat(getComputedStyle(cell).columnGap);
  };
  const isTooLong = (cell) => {
    const style = getComputedStyle(cell, "::before");
    pen.font = style.font;
    const isShown = style.content !== "none" && cell.hasChildNodes();
    return isShown && cell.dataset.label.match(WORD).some((word) => pen.measureText(word).width > room(cell));
  };
  const parts = ({ childNodes }) => [...childNodes].filter((node) => node.nodeType === Node.ELEMENT_NODE || node.data?.trim());
  return [...broken.map((word) => `broken: ${word}`),
    ...labelled.filter(isTooLong).map((cell) => `broken: ${cell.dataset.label}`),
    ...labelled.filter((cell) => parts(cell).length > 1).map((cell) => `in parts: ${cell.dataset.label}`)];
}"""
# Fields of one row of a list that begin or end at different places on a narrow screen.
UNEVEN = """() => [...document.querySelectorAll(".lists tr")].flatMap((row) => {
  const fields = [...row.querySelectorAll("td[data-label] :is(input, select)")].map((field) => field.getBoundingClientRect());
  const places = new Set(fields.map(({ left, right }) => `${Math.round(left)} to ${Math.round(right)}`));
  return places.size > 1 ? [`fields from ${[...places].join(" and from ")}`] : [];
})"""
# Short words of data, such as a language or an address, that are broken in two where a line of their own would hold them.
BROKEN_DATA = r"""() => {
  const lines = (text, word) => {
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
  };
  const cells = [...document.querySelectorAll("td [translate=no], td[translate=no]")].filter((cell) => cell.checkVisibility());
  return cells.flatMap((cell) => [...cell.childNodes]).filter((node) => node.nodeType === Node.TEXT_NODE)
    .flatMap((text) => [...text.data.matchAll(/[\w@.]{2,24}/gu)].filter((word) => lines(text, word) > 1))
    .map(([word]) => `broken: ${word}`);
}"""
# Texts in a column so narrow that they stand in a tower of short lines.
SQUASHED = """() => [...document.querySelectorAll("p, dd, dt, td, th, li, legend, summary, label")]
  .filter((one) => one.checkVisibility() && one.textContent.trim().length > 24)
  .filter((one) => !one.closest(".unseen") && !(one.closest("thead")?.offsetWidth < 2))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 2 && width < 96 && height > 2 * width)
  .map(([one]) => `squashed: ${one.textContent.trim().slice(0, 40)}`)"""
NARROW = 640  #: up to here lists stand in one column each, and long data is broken anywhere


def crooked(document: Frame, width: int) -> list[str]:
    """What is wrong at this width of the document's window."""
    looks = [CROOKED, SQUASHED, UNEVEN if width <= NARROW else BROKEN_DATA]
    found = [said for look in looks for said in document.evaluate(look)]
    wide: int = document.evaluate("document.documentElement.scrollWidth")
    return found if wide <= width else [*found, f"{wide} px wide in {width} px"]
