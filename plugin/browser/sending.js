// Every request carries a token that was fresh when it left; one that is refused is sent once more with another.
// An admin that gives no token must not keep a form waiting for longer than whoever asks has patience.
const ended = (signal) => new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));

async function once(address, request, again) {
  const headers = new Headers(request.headers);
  headers.set("Authorization", `Bearer ${await Promise.race([window.host.token(again), ended(request.signal)])}`);
  headers.set("Accept-Language", document.documentElement.lang);
  headers.set("HX-Request", "true");
  return fetch(address, { ...request, headers, redirect: "error", credentials: "omit" });
}

export async function send(address, request = {}) {
  const answer = await once(address, request, false);
  return answer.status === 401 ? once(address, request, true) : answer;
}
