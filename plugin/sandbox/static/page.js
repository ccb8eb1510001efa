// The sandbox page: sends what the form says and keeps the rows up to date.
"use strict";

const EVERY_MS = 700;
const find = (id) => document.getElementById(id);
const shown = new Map(); // row id -> its HTML as it came

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.error || `The sandbox answered ${answer.status}.`);
  return told;
}

async function act(button, path, body) {
  find("message").textContent = "";
  if (button) button.disabled = true;
  try {
    await post(path, body);
    await refresh();
  } catch (error) {
    find("message").textContent =
      error instanceof TypeError ? "The sandbox does not answer; is it still running?" : error.message;
  } finally {
    if (button) button.disabled = false;
  }
}

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // escaped by the server's templates
  return template.content.firstElementChild;
}

function show(rows) {
  const list = find("traces");
  const isFirst = shown.size === 0 && list.children.length > 0; // rows that came with the page
  [...rows].reverse().forEach((row) => {
    if (shown.get(row.id) === row.html) return;
    const old = list.querySelector(`[data-trace="${row.id}"]`);
    const fresh = element(row.html);
    if (old) {
      const hadFocus = old.contains(document.activeElement);
      old.replaceWith(fresh);
      if (hadFocus) fresh.querySelector("[data-again]")?.focus();
    } else {
      fresh.classList.add("fresh");
      list.prepend(fresh);
    }
    shown.set(row.id, row.html);
    if (!isFirst && fresh.dataset.settled === "true") find("heard").textContent = row.summary;
  });
  const known = new Set(rows.map((row) => String(row.id)));
  [...list.children].forEach((row) => {
    if (known.has(row.dataset.trace)) return;
    shown.delete(Number(row.dataset.trace));
    row.remove();
  });
  find("nothing").hidden = rows.length > 0;
}

async function refresh() {
  const answer = await fetch("/rows");
  if (!answer.ok) return;
  const told = await answer.json();
  show(told.rows);
  if (document.activeElement !== find("trouble")) find("trouble").value = told.trouble;
}

async function keepRefreshing() {
  if (!document.hidden) await refresh().catch(() => {}); // the next one may find it running again
  setTimeout(keepRefreshing, EVERY_MS);
}

find("wish").addEventListener("submit", (event) => {
  event.preventDefault();
  const products = [...document.querySelectorAll('input[name="product"]:checked')].map((box) => box.value);
  const wish = { products };
  ["store", "event", "buyer", "locale"].forEach((name) => { wish[name] = find(name).value; });
  act(find("fire"), "/fire", wish);
});

find("again").addEventListener("click", () => {
  const newest = find("traces").firstElementChild;
  if (newest) act(find("again"), "/again", { id: Number(newest.dataset.trace) });
  else find("message").textContent = "Nothing has been sent yet. Press Fire first.";
});

find("traces").addEventListener("click", (event) => {
  const button = event.target.closest("[data-again]");
  if (button) act(button, "/again", { id: Number(button.dataset.again) });
});

find("trouble").addEventListener("change", () => act(null, "/trouble", { trouble: find("trouble").value }));

find("store-trouble").addEventListener("change", () =>
  act(null, "/store-trouble", { trouble: find("store-trouble").value }));

find("buyer").addEventListener("change", () => {
  find("buyer-note").textContent = find("buyer").selectedOptions[0].dataset.note;
});

keepRefreshing();
