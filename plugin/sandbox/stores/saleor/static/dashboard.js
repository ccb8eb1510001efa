// The pretend Saleor dashboard: frames the app and speaks AppBridge's messages with it.
import { ask, attempt, enable, find, remembered } from "/static/host.js";

const { appId, appUrl, apiUrl, path, saleorVersion, dashboardVersion } = document.body.dataset;
const REFRESH_BEFORE_MS = 30_000; // the dashboard fetches another token half a minute before the end of the last
const claims = (token) => JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
const HTTP = /^https?:\/\//;

if (appId) openApp();

document.addEventListener("click", (event) => {
  const { install, uninstall } = event.target.dataset ?? {};
  if (install) {
    attempt(async () => {
      const done = await ask("/dashboard/pretend/install", { manifestUrl: install });
      if (!done.path) throw new Error(done.message);
      location.assign(done.path);
    });
  }
  if (uninstall) {
    attempt(async () => {
      await ask("/dashboard/pretend/uninstall", { id: uninstall });
      location.assign("/dashboard/");
    });
  }
});

enable();

async function openApp() {
  const frame = find("app");
  const origin = new URL(appUrl).origin;
  let token = "";
  let timer = 0;
  let isGreeted = false; // the frame has heard the language, the theme and the path: it hears of them once, and of changes

  const post = (type, payload) => frame.contentWindow.postMessage({ type, payload }, origin);
  const deepPath = () => location.pathname.slice(path.length) || "/";
  const theme = remembered("theme", () => { wear(); post("theme", { theme: theme.value }); });
  const locale = remembered("locale", () => post("localeChanged", { locale: locale.value }));
  const staff = remembered("staff", () => attempt(start));

  function wear() {
    document.documentElement.dataset.theme = theme.value;
  }

  async function renew() {
    clearTimeout(timer);
    // GUESS token_by_http
    const given = await ask("/dashboard/pretend/token", { id: appId, staff: staff.value });
    token = given.token;
    const { iat, exp } = claims(token);
    const lifeMs = (exp - iat) * 1000;
    // GUESS short_life
    timer = setTimeout(() => attempt(refresh), lifeMs > REFRESH_BEFORE_MS ? lifeMs - REFRESH_BEFORE_MS : lifeMs / 2);
  }

  async function refresh() {
    await renew();
    post("tokenRefresh", { token });
  }

  function source() {
    const context = new URLSearchParams({ // GUESS feature_flags
      domain: new URL(apiUrl).host, saleorApiUrl: apiUrl, id: appId, theme: theme.value, featureFlags: "",
    });
    const deep = deepPath();
    const query = [location.search.slice(1), context.toString()].filter(Boolean).join("&");
    return `${appUrl.replace(/\/$/, "")}${deep === "/" ? "" : deep}?${query}`;
  }

  // The real one's router hears of what the browser's history does, and not of what updateRouting pushes. The frame is loaded
  // anew where the path it knows is another than before; from where the frame is, that is one more entry of the history.
  let routed = "";
  function route() {
    if (deepPath() === routed) return;
    routed = deepPath();
    isGreeted = false;
    frame.src = source();
  }

  async function start() {
    wear();
    await renew();
    routed = deepPath();
    frame.src = source();
  }

  const shakeHands = () => post("handshake", { token, version: 1, saleorVersion, dashboardVersion });

  const ACTIONS = {
    notifyReady: shakeHands,
    notification: ({ status, title, text, apiMessage }) => {
      const notice = document.createElement("li");
      notice.dataset.status = status;
      notice.textContent = [title, text, apiMessage].filter(Boolean).join(": ");
      find("notices").append(notice);
    },
    // GUESS update_routing
    updateRouting: ({ newRoute }) => {
      const wanted = `${path}${newRoute === "/" ? "" : newRoute}`;
      if (wanted !== location.pathname) history.pushState(null, "", wanted);
    },
    // GUESS redirect
    redirect: ({ to, newContext }) => {
      const target = HTTP.test(to) ? to : `/dashboard${to}`;
      if (newContext) window.open(target, "_blank", "noopener");
      else if (!HTTP.test(to) || window.confirm("Leave the dashboard?")) location.assign(target);
    },
    // GUESS permissions_refused
    requestPermissions: ({ redirectPath }) => {
      const refused = new URLSearchParams({ error: "USER_DENIED_PERMISSIONS" });
      frame.src = `${source()}&${refused}&redirectUrl=${encodeURIComponent(redirectPath ?? "")}`;
    },
  };

  window.addEventListener("message", ({ origin: from, data }) => {
    if (from !== origin || !data?.type || !data.payload?.actionId) return;
    const act = ACTIONS[data.type];
    if (!act) return; // GUESS unplayed_actions
    act(data.payload);
    post("response", { actionId: data.payload.actionId, ok: true });
  });

  frame.addEventListener("load", () => {
    if (!frame.src) return;
    shakeHands();
    if (isGreeted) return;
    isGreeted = true;
    post("localeChanged", { locale: locale.value });
    post("theme", { theme: theme.value });
    post("redirect", { path: location.pathname }); // as the real one does, with what stands before the app's own path
  });

  document.addEventListener("visibilitychange", () => { if (!document.hidden && token) attempt(refresh); });
  window.addEventListener("popstate", route);
  find("life").addEventListener("change", () => attempt(async () => {
    await ask("/dashboard/pretend/tokens", { life: Number(find("life").value) });
    await refresh();
  }));
  find("spoil").addEventListener("click", () => attempt(async () => {
    await ask("/dashboard/pretend/tokens", { spoiled: 1 });
    await refresh();
  }));

  await attempt(start);
}
