// After content has come: where the reader's attention goes, and what a screen reader hears.
const heard = () => document.getElementById("heard");

export function arrive(ctx, page) {
  markHere();
  const isPage = ctx.target === page;
  // What stood there before is known already: a part that comes in beside it takes nobody back to it.
  const come = ctx.target?.isConnected ? ctx.target : document;
  const done = come.querySelector("[data-toast]");
  if (done) window.host?.toast?.(done.textContent.trim());
  const wrong = come.querySelector("[aria-invalid=true]");
  const news = come.querySelector("[data-news]");
  if (wrong) return focus(wrong, news);
  const place = isPage ? page.querySelector("[data-focus]") ?? page.querySelector("h1") : news;
  if (isPage) document.title = page.querySelector("h1")?.textContent.trim() || document.title;
  if (place && (isPage || !document.activeElement || document.activeElement === document.body)) focus(place, news);
  else if (news) heard().textContent = news.textContent.trim();
}

function focus(place, news) {
  if (!place.matches("a[href], button, input, select, textarea, [tabindex]")) place.tabIndex = -1;
  place.focus();
  heard().textContent = (news ?? place).textContent?.trim() ?? "";
}

const plain = (path) => path.replace(/\/$/, "");

// Which of the links leads to where we are, or to the list that this page belongs to.
function markHere() {
  const here = plain(location.pathname);
  const links = [...document.querySelectorAll("[data-nav] a")].map((link) => [link, plain(new URL(link.href).pathname)]);
  const inside = links.filter(([, path]) => here === path || here.startsWith(`${path}/`));
  const [nearest, path] = inside.sort((one, other) => other[1].length - one[1].length)[0] ?? [];
  for (const [link] of links) link.removeAttribute("aria-current");
  nearest?.setAttribute("aria-current", path === here ? "page" : "true");
}
