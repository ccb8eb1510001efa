// The admin around us: `window.host`, which each platform's own script puts there.
//   ready: Promise        settles when tokens can be had
//   token(again): Promise<string>   a token that is good now; `again` after one was refused
//   unsaved(isSo)         optional: the admin shows a save bar of its own, whose buttons press ours, or takes it away
//   toast(text)           optional: the admin says that something is done
//   allow(name): Promise<boolean>   optional: the admin asks the merchant to let this app see more
const PATIENCE_MS = 5000;
const LOOK_MS = 50;

const asked = () => window.host?.ready;

function appeared() {
  return new Promise((resolve) => {
    const look = () => (asked() ? resolve(asked()) : setTimeout(look, LOOK_MS));
    look();
  });
}

// Alone there is nobody to let us in: an explanation takes the page's place, and a menu would lead nowhere.
function stand(isAlone) {
  document.getElementById("alone")?.toggleAttribute("hidden", !isAlone);
  for (const menu of document.querySelectorAll("[data-nav]")) menu.hidden = isAlone;
  if (isAlone) document.getElementById("astray")?.setAttribute("hidden", "");
}

// Calls `found` when the host answers, whenever that is. A page in no frame is alone for certain, another one when it has
// waited too long.
export function whenHost(found) {
  const alone = () => stand(true);
  const timer = setTimeout(alone, PATIENCE_MS);
  if (window.parent === window && !window.host) alone();
  appeared().then(() => {
    clearTimeout(timer);
    stand(false);
    return found();
  }, alone);
}
