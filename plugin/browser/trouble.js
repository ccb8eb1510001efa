// What went wrong is said in a banner that stays; what was typed stays too, because nothing is put in its place.
const banner = () => document.getElementById("trouble");

export function say(text) {
  banner().querySelector("p").textContent = text;
  banner().hidden = false;
  banner().scrollIntoView({ block: "nearest" });
}

export function over() {
  banner().hidden = true;
}

export async function refused(answer) {
  const words = banner().dataset;
  if (answer.status === 401) return say(words.ended);
  if (answer.status === 403 || answer.status === 429) return say((await answer.text()) || words.ended);
  return say({ 404: words.missing, 413: words.large }[answer.status] ?? words.broken);
}

export function failed(error) {
  if (error?.name !== "AbortError") say(banner().dataset.offline);
}
