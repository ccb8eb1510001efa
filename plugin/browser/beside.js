// A message that comes apart from its field, <p id="email-error" data-beside="email">, goes beside it and is read with it.
const placed = new WeakMap(); // the place that was answered into: what its last answer put beside fields

function release({ message, field, described }) {
  message.remove();
  field.removeAttribute("aria-invalid");
  if (described) field.setAttribute("aria-describedby", described);
  else field.removeAttribute("aria-describedby");
}

function put(message, form) {
  const field = form.querySelector(`[name="${CSS.escape(message.dataset.beside)}"]:not([type=hidden])`);
  if (!field) return null; // nothing to see of it here: the message stays where it came
  document.querySelectorAll(`[id="${message.id}"]`).forEach((other) => other !== message && other.remove());
  const described = (field.getAttribute("aria-describedby") ?? "").replace(message.id, "").trim();
  field.closest(".field").append(message);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", `${message.id} ${described}`.trim());
  return { message, field, described };
}

export function beside(target) {
  const form = target.closest?.("form");
  if (!form) return;
  (placed.get(target) ?? []).forEach(release);
  const now = [...target.querySelectorAll("[data-beside]")].map((message) => put(message, form)).filter(Boolean);
  placed.set(target, now);
  // Who pressed a button waits for its answer; who goes on typing is left alone.
  if (now.length && document.activeElement?.matches("button, body")) now[0].field.focus();
}
