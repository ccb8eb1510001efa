// A link with data-download: a plain download would come without the token. Its value may name an element that tells how far
// it is, by rows; its data-rows is where to ask how many there will be. A form with data-download asks by POST.
import { send } from "./sending.js";
import { Progress } from "./progress.js";
import * as trouble from "./trouble.js";

const AT_ONCE = 1 << 20; // bytes kept in memory; what is more, the browser may put on its disk
const named = (answer) => /filename="?([^";]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];

async function download(link, progress) {
  const form = link.matches("form") && { method: "POST", body: new FormData(link) };
  const answer = await send(link.href ?? link.action, { signal: progress?.stopping, ...form });
  if (!answer.ok) return trouble.refused(answer);
  trouble.over();
  const content = progress ? await read(answer, progress) : await answer.blob();
  if (!content) return trouble.say(progress.broken());
  save(content, named(answer) ?? "download");
  progress?.done();
}

// All of it; undefined when it broke off on the way.
async function read(answer, progress) {
  const reader = answer.body.getReader();
  let [kept, some, bytes] = [[], [], 0];
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      progress.came(next.value);
      some.push(next.value);
      bytes += next.value.length;
      if (bytes > AT_ONCE) [kept, some, bytes] = [[...kept, new Blob(some)], [], 0];
    }
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return undefined;
  }
  return progress.isCut() ? undefined : new Blob([...kept, ...some], { type: answer.headers.get("Content-Type") });
}

function save(content, name) {
  const address = URL.createObjectURL(content);
  const hidden = Object.assign(document.createElement("a"), { href: address, download: name });
  document.body.append(hidden);
  hidden.click();
  hidden.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

async function start(link) {
  const shown = document.getElementById(link.dataset.download);
  const progress = shown && new Progress(shown);
  link.setAttribute("aria-disabled", "true");
  try {
    await download(link, progress);
  } catch (error) {
    trouble.failed(error);
  }
  link.removeAttribute("aria-disabled");
  if (progress?.over()) link.focus();
}

for (const [name, selector] of [["click", "a[data-download]"], ["submit", "form[data-download]"]]) {
  document.addEventListener(name, (event) => {
    const link = event.target.closest?.(selector);
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    if (!link.hasAttribute("aria-disabled")) start(link);
  }, { capture: true });
}
