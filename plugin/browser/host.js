// The admin around us: `window.host`, which each platform's own script puts there.
//   ready: Promise        settles when tokens can be had
//   token(again): Promise<string>   a token that is good now; `again` after one was refused
//   navigate(path)        optional: our address changed
const PATIENCE_MS = 5000;
const LOOK_MS = 50;

const asked = () => window.host?.ready;

function appeared() {
  return new Promise((resolve) => {
    const look = () => (asked() ? resolve(asked()) : setTimeout(look, LOOK_MS));
    look();
  });
}

// Calls `found` when the host answers, whenever that is; and `alone` once when it takes too long.
export function whenHost(found, alone) {
  const timer = setTimeout(alone, PATIENCE_MS);
  appeared().then(() => {
    clearTimeout(timer);
    document.getElementById("alone")?.setAttribute("hidden", "");
    return found();
  }, alone);
}
