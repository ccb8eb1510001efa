// A button with data-copy="id" copies the text of that element. Where the clipboard is refused, as to a frame whose admin does
// not pass it on, the older way is tried; where that is refused too, the text is left marked, to be copied by hand.
const SAID_MS = 4000;

function mark(element) {
  element.closest("details")?.setAttribute("open", "");
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

// Browsers that can say so are asked: whoever tries in vain gets a complaint on the console.
const isLet = () => document.featurePolicy?.allowsFeature("clipboard-write") ?? true;

async function copied(element) {
  try {
    if (!isLet()) throw new Error("refused");
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    mark(element);
    return byCommand(element.textContent);
  }
}

// The command copies what is marked, as it looks: what it means is put in its place.
function byCommand(text) {
  const exactly = (event) => {
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  };
  document.addEventListener("copy", exactly);
  const isCopied = document.execCommand("copy");
  document.removeEventListener("copy", exactly);
  return isCopied;
}

function say(button, text) {
  const before = (button.dataset.label ??= button.textContent);
  button.textContent = text;
  const status = document.getElementById("copied");
  if (status) status.textContent = text;
  setTimeout(() => {
    button.textContent = before;
    if (status) status.textContent = "";
  }, SAID_MS);
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("button[data-copy]");
  const element = button && document.getElementById(button.dataset.copy);
  if (!element) return;
  say(button, (await copied(element)) ? button.dataset.copied : button.dataset.marked);
});
