// Questions before something is done: a frame of another site may not open the browser's own dialogue.
const dialog = () => document.getElementById("question");

export function ask(text, { yes, no }) {
  const box = dialog();
  box.querySelector("p").textContent = text;
  box.querySelector("[value=yes]").textContent = yes;
  box.querySelector("[value=no]").textContent = no;
  box.returnValue = "";
  box.showModal();
  return new Promise((resolve) => box.addEventListener("close", () => resolve(box.returnValue === "yes"), { once: true }));
}

document.addEventListener("htmx:confirm", (event) => {
  event.preventDefault();
  const { ctx, issueRequest, dropRequest } = event.detail;
  const asked = ctx.sourceElement;
  const yes = (asked.querySelector("button:not([type=button])") ?? asked).textContent.trim(); // what was pressed, once more
  ask(ctx.confirm, { yes, no: dialog().dataset.cancel }).then((isYes) => (isYes ? issueRequest() : dropRequest()));
});
