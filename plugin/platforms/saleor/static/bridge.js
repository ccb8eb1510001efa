// What our pages ask of the Saleor dashboard around them: the few messages of its App Bridge that we need.
//   host.ready              settles with the first token
//   host.token(again)       a token that is good now; `again` after one was refused
//   host.toast(text)        the dashboard says so for a moment
//
// The dashboard is not told our address (`updateRouting`). For each that it is told it adds an entry of its own to the history
// beside ours, which its router does not hear of: a step back then changes its address and not the page, or loads the frame
// anew as one entry more. A sandboxed frame may take back neither. Untold, one step is one entry, ours, and Back goes there.
// What it says of its own address (`redirect`) is where the frame was opened: no news, and to follow it would lead back there.
//
// Only window.parent is listened to. Its origin is not compared with the referrer, as Saleor's own SDK does: after one
// step inside the frame the referrer is ourselves. The token is judged by the server.
(() => {
  "use strict";
  const entry = document.querySelector('meta[name="saleor-entry"]')?.content ?? "";
  if (window.parent === window || !entry) return;

  const EARLY_SECONDS = 10;
  const PATIENCE_MS = 5000;
  let token = "";
  let dashboard = "";
  let waiting = [];
  let actions = 0;

  const say = (type, payload = {}) => {
    actions += 1;
    const actionId = `${Date.now()}-${actions}`;
    window.parent.postMessage({ type, payload: { ...payload, actionId } }, dashboard || "*");
  };

  const secondsLeft = () => {
    try {
      const claims = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
      return claims.exp - Date.now() / 1000;
    } catch {
      return 0;
    }
  };

  // The dashboard answers with a handshake, which carries the token it has; a newer one it sends when it fetched it.
  const another = () =>
    new Promise((resolve) => {
      const old = token;
      const timer = setTimeout(() => resolve(token), PATIENCE_MS);
      const serve = (fresh) => {
        if (fresh === old) return waiting.push(serve);
        clearTimeout(timer);
        resolve(fresh);
      };
      waiting.push(serve);
      say("notifyReady");
    });

  const take = (event, fresh) => {
    token = fresh;
    dashboard = event.origin;
    const served = waiting;
    waiting = [];
    for (const serve of served) serve(token);
  };

  const show = (theme) => {
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  };

  // The dashboard tells its language after the document was written in the browser's: then it is written once more.
  // It says by whom, for a dashboard the server has not heard of: the browser names ourselves as the page that asks.
  const speak = (origin, locale) => {
    const address = new URL(window.location.href);
    if (!locale || locale === document.documentElement.lang || locale === address.searchParams.get("locale")) return;
    address.searchParams.set("locale", locale);
    address.searchParams.set("dashboard", origin);
    window.location.replace(address);
  };

  let arrived;
  const ready = new Promise((resolve) => (arrived = resolve));

  const heard = {
    handshake: (event, { token: fresh }) => {
      take(event, fresh);
      arrived();
    },
    tokenRefresh: (event, { token: fresh }) => take(event, fresh),
    theme: (_, { theme }) => show(theme),
    localeChanged: ({ origin }, { locale }) => speak(origin, locale),
  };

  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || typeof event.data?.type !== "string") return;
    if (Object.hasOwn(heard, event.data.type)) heard[event.data.type](event, event.data.payload ?? {});
  });

  // So that the server learns which dashboard may frame these pages.
  document.addEventListener("htmx:config:request", ({ detail }) => {
    const headers = detail?.ctx?.request?.headers;
    if (headers && dashboard) headers["Saleor-Dashboard"] = dashboard;
  });

  window.host = {
    ready,
    toast: (text) => say("notification", { status: "success", title: text }),
    token: async (again) => (again || secondsLeft() < EARLY_SECONDS ? another() : token),
  };

  say("notifyReady");
})();
