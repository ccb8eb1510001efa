// The pretend Shopify admin: frames the app, gives it id tokens, shows its navigation and keeps the address in step.
import { ask, attempt, enable, find, remembered } from "/static/host.js";

const { base, api, appUrl, entry } = document.body.dataset;
const frame = find("app");

if (frame) openApp();

find("install")?.addEventListener("click", () => attempt(async () => {
  const done = await ask(`${api}/install`, {});
  location.assign(done.path);
}));

enable();

async function openApp() {
  const origin = new URL(appUrl).origin;
  const post = (told) => frame.contentWindow.postMessage({ pretend: "shopify", ...told }, origin);
  const theme = remembered("theme", wear);
  const locale = remembered("locale", () => attempt(open));

  // A frame's document prefers the colour scheme its element has.  GUESS frame_scheme
  function wear() {
    document.documentElement.dataset.theme = theme.value;
    frame.style.colorScheme = theme.value;
  }

  async function open() {
    const path = location.pathname.slice(base.length) || entry; // GUESS admin_path
    const query = location.search.slice(1);
    const { src } = await ask(`${api}/frame`, { path, query, locale: locale.value });
    frame.src = src;
  }

  function showNav(items) {
    const rows = items.filter((item) => !item.isHome).map(({ label, href }) => {
      const link = document.createElement("a");
      link.href = `${base}${href}`;
      link.textContent = label;
      link.addEventListener("click", (event) => {
        event.preventDefault();
        post({ type: "follow", href });
      });
      const row = document.createElement("li");
      row.append(link);
      return row;
    });
    find("nav").replaceChildren(...rows);
    markNav();
  }

  function markNav() {
    for (const link of find("nav").querySelectorAll("a")) {
      if (new URL(link.href).pathname === location.pathname) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  const MESSAGES = {
    token: async ({ id }) => post({ type: "answer", id, ...(await ask(`${api}/token`, {})) }),
    scopes: async ({ id, scopes }) => post({ type: "answer", id, ...(await ask(`${api}/scopes`, { scopes })) }),
    location: ({ path, query }) => {
      const own = path === entry || path === `${entry}/` ? "" : path;
      history.replaceState(null, "", `${base}${own}${query ? `?${query}` : ""}`);
      markNav();
    },
    nav: ({ items }) => showNav(items),
    title: ({ title, back }) => {
      find("title").textContent = title;
      find("back").textContent = back;
      find("back").hidden = !back;
    },
    saveBar: ({ isShown }) => { find("save").hidden = !isShown; },
    toast: ({ text }) => {
      const row = document.createElement("li");
      row.textContent = text;
      find("notices").append(row);
    },
  };

  window.addEventListener("message", ({ origin: from, source, data }) => {
    if (from !== origin || source !== frame.contentWindow || data?.pretend !== "shopify") return;
    attempt(async () => MESSAGES[data.type]?.(data));
  });

  frame.addEventListener("load", () => { find("save").hidden = true; });
  find("back").addEventListener("click", () => post({ type: "back" }));
  find("keep").addEventListener("click", () => post({ type: "save" }));
  find("discard").addEventListener("click", () => post({ type: "discard" }));
  find("uninstall").addEventListener("click", () => attempt(async () => {
    await ask(`${api}/uninstall`, {});
    location.assign(base);
  }));
  find("life").addEventListener("change", () => attempt(() => ask(`${api}/tokens`, { life: Number(find("life").value) })));
  find("spoil").addEventListener("click", () => attempt(() => ask(`${api}/tokens`, { spoiled: 1 })));

  wear();
  await attempt(open);
}
