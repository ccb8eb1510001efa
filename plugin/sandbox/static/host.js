// What all pretend admins need: asking their own server, and switches that are remembered.
export const find = (id) => document.getElementById(id);

export async function ask(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`The sandbox answered ${answer.status}.`);
  return answer.json();
}

export async function attempt(work) {
  const message = find("message");
  message.textContent = "";
  try {
    return await work();
  } catch (error) {
    message.textContent = error instanceof TypeError ? "The sandbox does not answer; is it still running?" : error.message;
    return undefined;
  }
}

// Buttons come disabled: before this script listens, a click would be lost.
export function enable() {
  document.querySelectorAll("button[disabled]").forEach((button) => { button.disabled = false; });
}

// A switch keeps its choice over a reload; this is the admin's own window, so it may store.
export function remembered(id, changed) {
  const select = find(id);
  const kept = localStorage.getItem(id);
  if (kept && [...select.options].some((option) => option.value === kept)) select.value = kept;
  select.addEventListener("change", () => {
    localStorage.setItem(id, select.value);
    changed();
  });
  return select;
}
