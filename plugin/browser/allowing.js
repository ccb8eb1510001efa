// A button with data-allow="…" has the store's admin ask whoever looks at it to let this app see more, and says what came of it.
const DONE = { true: "allowed", false: "declined" };

async function outcome(name) {
  if (!window.host?.allow) return "alone";
  try {
    return DONE[Boolean(await window.host.allow(name))];
  } catch {
    return "declined";
  }
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("button[data-allow]");
  if (!button) return;
  button.disabled = true;
  const said = await outcome(button.dataset.allow);
  button.disabled = said === "allowed";
  const status = button.parentElement.querySelector("[role=status]");
  if (status) status.textContent = button.dataset[said];
});
