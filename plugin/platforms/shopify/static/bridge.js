// What our pages ask of the Shopify admin around them, over Shopify's App Bridge, which is loaded before this script.
//   host.ready              settles when tokens can be had
//   host.token()            a token that is good now: App Bridge renews it by itself
//   host.unsaved(isSo)      the admin's save bar shows, or goes; its buttons press those of <ui-save-bar>, and they the form's
//   host.toast(text)        the admin says so for a moment
//   host.allow(scopes)      the admin asks the merchant for optional scopes, "one another"; whether all were granted
// App Bridge follows our history by itself. The page's title and the way back stand in the admin's own title bar, which App
// Bridge fills from <s-page>; our own stay for whoever reads without seeing.
// https://shopify.dev/docs/api/app-home/latest/app-bridge-web-components/title-bar
// The event "host:open" with detail.path: somebody chose a page in the admin's own menu.
(() => {
  "use strict";
  const bridge = () => window.shopify;
  if (!bridge()?.idToken || window.top === window) return;

  const BAR = "unsaved";
  let isShown = false;
  function unsaved(isSo) {
    if (isSo === isShown) return;
    isShown = isSo;
    bridge().saveBar[isSo ? "show" : "hide"](BAR);
  }

  window.host = {
    ready: Promise.resolve(bridge().ready),
    token: () => bridge().idToken(),
    unsaved,
    toast: (text) => bridge().toast.show(text),
    allow: async (scopes) => (await bridge().scopes.request(scopes.split(" "))).result === "granted-all",
  };

  // ---- the admin's title bar
  const bar = Object.assign(document.createElement("s-page"), { hidden: true });
  document.documentElement.dataset.titled = ""; // before anything is drawn: nothing may move

  function wayBack(link) {
    const told = Object.assign(document.createElement("s-link"), { slot: "breadcrumb-actions", textContent: link.textContent });
    told.setAttribute("href", link.getAttribute("href"));
    return told;
  }

  function entitle() {
    const title = [...document.querySelectorAll("#page h1")].find((one) => one.checkVisibility());
    if (!title) return;
    title.classList.add("unseen");
    bar.setAttribute("heading", title.textContent.trim().replace(/\s+/g, " "));
    const back = document.querySelector("#page .head .back");
    bar.replaceChildren(...(back ? [wayBack(back)] : []));
    if (!bar.isConnected) document.body.append(bar);
  }
  document.addEventListener("htmx:after:process", entitle);

  // App Bridge says which link of the admin's menu was chosen; left alone it would load that address anew, without the
  // query that says whose admin we are in.
  const follow = (event) => {
    const path = event.target?.closest?.("s-link, a")?.getAttribute("href");
    if (!path?.startsWith("/")) return;
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("host:open", { detail: { path } }));
  };
  document.addEventListener("shopify:navigate", follow);
  document.addEventListener("click", (event) => {
    if (event.target?.closest?.("s-app-nav, s-page")) follow(event);
  });
})();
