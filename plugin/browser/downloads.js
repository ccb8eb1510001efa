// A link with data-download: a plain download would come without the token.
import { send } from "./sending.js";
import * as trouble from "./trouble.js";

const named = (answer) => /filename="?([^";]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];

async function download(link) {
  const answer = await send(link.href);
  if (!answer.ok) return trouble.refused(answer);
  const address = URL.createObjectURL(await answer.blob());
  const hidden = Object.assign(document.createElement("a"), { href: address, download: named(answer) ?? "download" });
  document.body.append(hidden);
  hidden.click();
  hidden.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-download]");
  if (!link) return;
  event.preventDefault();
  event.stopPropagation();
  download(link).catch(trouble.failed);
}, { capture: true });
