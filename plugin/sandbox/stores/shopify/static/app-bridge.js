// The pretend Shopify's App Bridge: as much of the real one's outside as this app's pages use.
// It talks to the pretend admin around the frame; the admin's origin is this script's own.
(() => {
  "use strict";

  const here = document.currentScript;
  const ADMIN = new URL(here.src).origin;
  const RETRY = "X-Shopify-Retry-Invalid-Session-Request";
  const LAUNCH = ["embedded", "hmac", "host", "id_token", "locale", "session", "shop", "timestamp"];
  const GIVE_UP_MS = 10_000;
  const apiKey = document.querySelector('meta[name="shopify-api-key"]')?.content ?? here.dataset.apiKey;
  if (!apiKey) throw new Error("App Bridge: there is no shopify-api-key in the head.");

  const query = new URLSearchParams(location.search);
  const waiting = new Map(); // number of a question -> what to do with its answer
  let asked = 0;

  const tell = (type, told = {}) => {
    if (window.parent !== window) window.parent.postMessage({ pretend: "shopify", type, ...told }, ADMIN);
  };

  function question(type, told = {}) {
    return new Promise((resolve, reject) => {
      const id = (asked += 1);
      waiting.set(id, resolve);
      tell(type, { id, ...told });
      setTimeout(() => waiting.delete(id) && reject(new Error("App Bridge: the admin does not answer.")), GIVE_UP_MS);
    });
  }

  const idToken = async () => (await question("token")).token;

  // ---- every request to the app carries a fresh token
  const plainFetch = window.fetch.bind(window);

  async function authorized(request, token) {
    const copy = new Request(request);
    copy.headers.set("Authorization", `Bearer ${token}`);
    return plainFetch(copy);
  }

  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    const isOurs = new URL(request.url).origin === location.origin; // GUESS fetch_own_origin
    if (!isOurs || request.headers.has("Authorization")) return plainFetch(input, init);
    const answer = await authorized(request.clone(), await idToken());
    if (answer.status !== 401 || answer.headers.get(RETRY) !== "1") return answer;
    return authorized(request, await idToken());
  };

  // ---- a document without a token: fetch one, come back with it
  function comeBack(address) {
    const target = new URL(address, location.origin);
    if (target.origin !== location.origin) return;
    idToken().then((token) => {
      target.searchParams.set("id_token", token);
      location.replace(target);
    });
  }

  // ---- the admin's address follows the frame's
  function report() {
    const own = new URLSearchParams(location.search);
    LAUNCH.forEach((name) => own.delete(name));
    tell("location", { path: location.pathname, query: own.toString() });
  }
  for (const name of ["pushState", "replaceState"]) {
    const plain = history[name].bind(history);
    history[name] = (...told) => { plain(...told); report(); };
  }
  window.addEventListener("popstate", report);

  // ---- <s-app-nav>: its links are shown by the admin
  const links = () => [...document.querySelectorAll("s-app-nav a, s-app-nav s-link")];

  function reportNav() {
    const items = links().map((link) => ({
      label: link.textContent.trim(), href: link.getAttribute("href") ?? "", isHome: link.getAttribute("rel") === "home",
    }));
    tell("nav", { items });
  }
  customElements.define("s-app-nav", class extends HTMLElement {
    connectedCallback() { this.style.display = "none"; }
  });

  // ---- <s-page heading>: the admin's title bar; what stands in it has one of its slots  GUESS title_bar
  const SLOTS = ["breadcrumb-actions", "primary-action", "secondary-actions", "accessory"];
  let toldTitle = "";

  function reportTitle() {
    const [bar, ...others] = document.querySelectorAll("s-page");
    if (!bar) return;
    if (others.length) throw new Error("App Bridge: there are two <s-page>.");
    const title = bar.getAttribute("heading");
    if (!title?.trim()) throw new Error("App Bridge: an <s-page> needs a heading.");
    const stray = [...bar.children].find((child) => !SLOTS.includes(child.slot));
    if (stray) throw new Error(`App Bridge: <${stray.localName} slot="${stray.slot}"> has no place in the title bar.`);
    const backs = bar.querySelectorAll("[slot=breadcrumb-actions]");
    if (backs.length > 1 || [...backs].some((back) => back.localName !== "s-link" || !back.getAttribute("href"))) {
      throw new Error("App Bridge: the way back is one <s-link> with an href.");
    }
    const told = { title, back: backs[0]?.textContent.trim() ?? "" };
    if (JSON.stringify(told) !== toldTitle) tell("title", told);
    toldTitle = JSON.stringify(told);
  }

  function goBack() {
    const link = document.querySelector("s-page [slot=breadcrumb-actions]");
    const isLeft = link && !link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    if (link && !isLeft) location.assign(link.getAttribute("href"));
  }

  // The app may load the page its own way.  GUESS nav_event
  function follow(href) {
    const link = links().find((one) => one.getAttribute("href") === href);
    const chosen = new CustomEvent("shopify:navigate", { bubbles: true, cancelable: true });
    if (!link || link.dispatchEvent(chosen)) location.assign(href);
  }

  // ---- <form data-save-bar>: the admin's save bar  GUESS save_bar
  const dirty = new Set();

  function setDirty(form, isDirty) {
    if (!form?.hasAttribute("data-save-bar")) return;
    if (isDirty) dirty.add(form);
    else dirty.delete(form);
    tell("saveBar", { isShown: dirty.size > 0 });
  }
  document.addEventListener("input", (event) => setDirty(event.target.form, true));
  document.addEventListener("change", (event) => setDirty(event.target.form, true));
  document.addEventListener("submit", (event) => setDirty(event.target, false));
  document.addEventListener("reset", (event) => setDirty(event.target, false));

  // ---- <ui-save-bar id>: shown and hidden by its id, never beside data-save-bar; its buttons are pressed  GUESS save_bar_element
  let shownBar = null;
  customElements.define("ui-save-bar", class extends HTMLElement {
    connectedCallback() { this.style.display = "none"; }
  });

  async function showBar(id, isShown) {
    const bar = document.getElementById(id);
    if (typeof id !== "string" || bar?.localName !== "ui-save-bar") throw new Error(`App Bridge: there is no <ui-save-bar id="${id}">.`);
    if (document.querySelector("form[data-save-bar]")) throw new Error("App Bridge: data-save-bar and ui-save-bar on one page.");
    if (!bar.querySelector("button[variant=primary]") || !bar.querySelector("button:not([variant])")) {
      throw new Error("App Bridge: a <ui-save-bar> needs a button to save and one to discard.");
    }
    shownBar = isShown ? bar : null;
    tell("saveBar", { isShown });
  }

  function pressed(wish) {
    if (shownBar) return shownBar.querySelector(wish === "save" ? "button[variant=primary]" : "button:not([variant])").click();
    return [...dirty].forEach((form) => (wish === "save" ? form.requestSubmit() : form.reset()));
  }

  // ---- what changes in the document, and what the admin says
  new MutationObserver(() => {
    reportNav();
    reportTitle();
    [...dirty].filter((form) => !form.isConnected).forEach((form) => setDirty(form, false));
  }).observe(document, { childList: true, subtree: true, attributeFilter: ["heading"] });

  window.addEventListener("message", ({ origin, source, data }) => {
    if (origin !== ADMIN || source !== window.parent || data?.pretend !== "shopify") return;
    if (data.type === "answer") {
      const resolve = waiting.get(data.id);
      waiting.delete(data.id);
      resolve?.(data);
    }
    if (data.type === "follow") follow(data.href);
    if (data.type === "back") goBack();
    if (data.type === "save" || data.type === "discard") pressed(data.type);
  });

  function toast(text) {
    if (typeof text !== "string" || !text) throw new TypeError("App Bridge: a toast says a text.");
    tell("toast", { text });
    return `toast-${(asked += 1)}`;
  }

  window.shopify = {
    // GUESS launch_on_links
    config: { apiKey, host: query.get("host"), shop: query.get("shop"), locale: query.get("locale") },
    environment: { embedded: window.parent !== window, mobile: false, intent: false },
    idToken,
    scopes: { request: async (scopes) => ({ result: (await question("scopes", { scopes })).result }) },
    ready: Promise.resolve(),
    loading: () => {},
    saveBar: { show: (id) => showBar(id, true), hide: (id) => showBar(id, false), leaveConfirmation: async () => {} },
    toast: { show: toast },
  };

  const reload = query.get("shopify-reload");
  if (reload !== null) comeBack(reload);
  else document.addEventListener("DOMContentLoaded", () => { report(); reportNav(); });
})();
