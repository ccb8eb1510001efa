// Before what was typed is left somebody is asked, whichever way leads away: a link, another form, the admin's menu, Back.
import { ask } from "./asking.js";
import { abandon, dirty } from "./forms.js";
import { load } from "./showing.js";

// Each entry of the history that is ours knows its number; a step back has happened when we hear of it, and is undone.
let step = history.state?.step ?? 0;
const there = () => history.state?.step ?? step;
const number = () => history.replaceState({ htmx: true, ...history.state, step }, "");
const address = () => location.pathname + location.search;

let isAsking = false;

async function mayLeave() {
  if (!dirty()) return true;
  if (isAsking) return false;
  isAsking = true;
  const words = document.getElementById("question").dataset;
  const isYes = await ask(words.leave, { yes: words.go, no: words.stay });
  isAsking = false;
  if (!isYes && there() !== step) history.go(step - there());
  if (!isYes) return false;
  abandon();
  step = there();
  return true;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || link.target || link.matches("[data-download]") || event.ctrlKey || event.metaKey || !dirty()) return;
  event.preventDefault();
  event.stopPropagation();
  mayLeave().then((isYes) => isYes && link.click());
}, { capture: true });

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!dirty() || dirty() === form || form.closest("dialog") || form.hasAttribute("hx-target")) return;
  event.preventDefault();
  event.stopPropagation();
  mayLeave().then((isYes) => isYes && form.requestSubmit(event.submitter));
}, { capture: true });

window.addEventListener("beforeunload", (event) => dirty() && event.preventDefault());

// How a host says that somebody chose a page in its own menu.
document.addEventListener("host:open", async ({ detail: { path } }) => {
  if (!(await mayLeave())) return number(); // a host that shows the address that was chosen hears of ours once more
  step += 1;
  history.pushState({ htmx: true, step }, "", path);
  load(path);
});

// The history keeps addresses, never content: that belongs to whoever has a token now.
document.addEventListener("htmx:before:history:restore", async (event) => {
  event.preventDefault();
  if (isAsking) return;
  if (there() === step) return number();
  if (!(await mayLeave())) return;
  step = there();
  load(address());
});

document.addEventListener("htmx:after:history:push", () => {
  step += 1;
  number();
});
document.addEventListener("htmx:after:history:replace", number);
number();
