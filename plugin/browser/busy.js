// What was asked for is not asked for again before it is answered: its buttons say so, and pressing them does nothing.
const underWay = new WeakSet(); // forms, and buttons that ask by themselves
const next = new WeakMap(); // form whose rows are being added, moved or removed -> what is done after that
const sends = (button) => button.matches("[hx-post]") || (button.type === "submit" && button.form && !button.closest("dialog"));
const isBusy = (button) => underWay.has(button) || underWay.has(button.form);

// A host's own save bar does not look busy: what is pressed there while a row is on its way counts once the row is there. While
// the form is being saved it is the second press of a double click.
export function afterRows(form, act) {
  if (!underWay.has(form)) act();
  else if (next.has(form)) next.set(form, act);
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

// The second press of a double click is none, also where another button has taken the place of the first meanwhile. Who
// adds rows to a form, or moves them, may press quickly.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button");
  if (!button || !sends(button)) return;
  if (isBusy(button) || (event.detail > 1 && !button.formNoValidate)) stop(event);
}, { capture: true });

document.addEventListener("submit", (event) => underWay.has(event.target) && stop(event), { capture: true });

// The form that was sent, or the button that asks by itself; what a page asks for unasked is nobody's.
function asking({ request, sourceElement, sourceEvent }) {
  if (request.method === "GET") return null;
  return sourceEvent?.type === "submit" ? sourceEvent.target : sourceElement?.closest?.("button");
}

function mark(place, isOn) {
  for (const button of place.matches("button") ? [place] : place.querySelectorAll("button")) {
    // Not `disabled`: that takes the focus away from whoever pressed it by the keyboard.
    button.toggleAttribute("data-busy", isOn);
    if (isOn) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const place = asking(ctx);
  if (!place) return;
  underWay.add(place);
  if (ctx.sourceEvent?.submitter?.formNoValidate) next.set(place, () => {});
  mark(place, true);
  document.getElementById("heard").textContent = document.getElementById("page").dataset.busy;
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const place = asking(ctx);
  if (!place) return;
  underWay.delete(place);
  mark(place, false);
  const act = next.get(place);
  next.delete(place);
  act?.();
});
