// A form with data-save has a save bar that shows once something differs, and asks before what was typed is left.
import { ask } from "./asking.js";

const written = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
const first = new WeakMap();

function look(form) {
  if (!first.has(form)) first.set(form, written(form));
  form.toggleAttribute("data-dirty", "unsaved" in form.dataset || first.get(form) !== written(form));
}

const forms = () => document.querySelectorAll("form[data-save]");
const dirty = () => document.querySelector("form[data-save][data-dirty]");

document.addEventListener("htmx:after:process", () => forms().forEach(look));
for (const change of ["input", "change"]) {
  document.addEventListener(change, ({ target }) => {
    const form = target.form?.closest?.("form[data-save]");
    if (form) look(form);
  });
}
document.addEventListener("reset", ({ target }) => setTimeout(() => target.matches("form[data-save]") && look(target)));

// Parts of a form that another field decides on: data-when="send=name other=x" is shown when one of them is so.
function unfold(form) {
  for (const part of form.querySelectorAll("[data-when]")) {
    const isWanted = part.dataset.when.split(" ").some((term) => {
      const [name, value] = term.split("=");
      return [...new FormData(form).getAll(name)].includes(value);
    });
    part.hidden = !isWanted;
  }
}
const unfoldAll = () => document.querySelectorAll("form").forEach(unfold);
document.addEventListener("htmx:after:process", unfoldAll);
document.addEventListener("change", unfoldAll);
document.addEventListener("reset", () => setTimeout(unfoldAll));

window.addEventListener("beforeunload", (event) => dirty() && event.preventDefault());

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || link.target || link.matches("[data-download]") || event.ctrlKey || event.metaKey || !dirty()) return;
  event.preventDefault();
  event.stopPropagation();
  ask(document.getElementById("question").dataset.leave).then((isYes) => {
    if (!isYes) return;
    dirty()?.removeAttribute("data-save");
    link.click();
  });
}, { capture: true });
