// What went wrong is said in a banner that stays; what was typed stays too, because nothing is put in its place.
const banner = () => document.getElementById("trouble");

// `wayOut`: whether a link to Home is of use.
export function say(text, wayOut = false) {
  banner().querySelector("p").textContent = text;
  banner().querySelector("a").hidden = !wayOut;
  banner().hidden = false;
  banner().scrollIntoView({ block: "nearest" });
}

export function over() {
  banner().hidden = true;
}

export async function refused(answer) {
  const words = banner().dataset;
  if (answer.status === 401) return say(words.ended);
  if (answer.status === 403 || answer.status === 429) return say((await answer.text()) || words.ended, true);
  if (answer.status === 404 && isAstray()) return;
  return say({ 404: words.missing, 405: words.missing, 413: words.large }[answer.status] ?? words.broken, true);
}

// Where no page has come yet, one takes its place that says so.
function isAstray() {
  const astray = document.getElementById("astray");
  astray?.removeAttribute("hidden");
  astray?.querySelector("h1").focus();
  return Boolean(astray);
}

export function failed(error) {
  if (error?.name !== "AbortError") say(banner().dataset.offline);
}
