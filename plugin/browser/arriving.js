// After content has come: where the reader's attention goes, and what a screen reader hears.
const heard = () => document.getElementById("heard");

export function arrive(ctx, page) {
  markHere();
  const isPage = ctx.target === page;
  const wrong = document.querySelector("[aria-invalid=true]");
  const news = document.querySelector("[data-news]");
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

// Which of the links leads to where we are.
function markHere() {
  for (const link of document.querySelectorAll("[data-nav] a")) {
    if (plain(new URL(link.href).pathname) === plain(location.pathname)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}
