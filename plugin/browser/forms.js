// A form with data-save knows when something in it differs; its save bar, if it has one, shows then.
import { afterRows } from "./busy.js";
import { load } from "./showing.js";

const written = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
const first = new WeakMap();
const abandoned = new WeakSet(); // what was typed there may be lost: somebody said so

function look(form) {
  if (!first.has(form)) first.set(form, written(form));
  const wasDirty = "dirty" in form.dataset;
  const isDirty = form.toggleAttribute("data-dirty", "unsaved" in form.dataset || first.get(form) !== written(form));
  // The bar that comes must not cover where somebody types.
  if (isDirty && !wasDirty && form.contains(document.activeElement)) document.activeElement.scrollIntoView({ block: "nearest" });
  tell();
}

// A host may have a save bar of its own: the form's then stays away, and the host's buttons press the form's.
function tell() {
  if (!window.host?.unsaved) return;
  document.documentElement.dataset.savebar = "host";
  const form = dirty();
  window.host.unsaved(Boolean(form?.querySelector(".savebar")));
}

document.addEventListener("click", ({ target }) => {
  const wish = target.closest?.("[data-bar]")?.dataset.bar;
  if (wish && dirty()) afterRows(dirty(), () => dirty()?.querySelector(`.savebar [type=${wish}]`)?.click());
});

const forms = () => [...document.querySelectorAll("form[data-save]")];

// The form whose changes would be lost with the page.
export const dirty = () => forms().find((form) => "dirty" in form.dataset && !abandoned.has(form));
export function abandon() {
  forms().forEach((form) => abandoned.add(form));
  tell();
}

document.addEventListener("htmx:after:process", () => {
  forms().forEach(look);
  tell(); // also where the form is gone with its page
});
for (const change of ["input", "change"]) {
  document.addEventListener(change, ({ target }) => {
    const form = target.form?.closest?.("form[data-save]");
    if (!form) return;
    abandoned.delete(form);
    look(form);
  });
}
document.addEventListener("reset", ({ target }) => setTimeout(() => target.matches("form[data-save]") && look(target)));

// What came back unsaved holds what was typed: what is stored is fetched anew.
document.addEventListener("reset", (event) => {
  if (!event.target.matches("form[data-save][data-unsaved]")) return;
  event.preventDefault();
  event.stopPropagation();
  load(event.target.getAttribute("action"));
}, { capture: true });

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
