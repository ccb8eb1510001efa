// Questions before something is done: a frame of another site may not open the browser's own dialogue.
const dialog = () => document.getElementById("question");

export function ask(text) {
  const box = dialog();
  box.querySelector("p").textContent = text;
  box.returnValue = "";
  box.showModal();
  return new Promise((resolve) => box.addEventListener("close", () => resolve(box.returnValue === "yes"), { once: true }));
}

document.addEventListener("htmx:confirm", (event) => {
  event.preventDefault();
  const { ctx, issueRequest, dropRequest } = event.detail;
  ask(ctx.confirm).then((isYes) => (isYes ? issueRequest() : dropRequest()));
});
