// A box with data-selects="form" ticks all boxes of that form, and says whether all, some or none are ticked.
const boxes = (all) => [...document.querySelectorAll(`input[type=checkbox][form="${all.dataset.selects}"]`)];

function tell(all) {
  const chosen = boxes(all).filter((box) => box.checked).length;
  all.checked = chosen > 0 && chosen === boxes(all).length;
  all.indeterminate = chosen > 0 && !all.checked;
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-selects]")) for (const box of boxes(target)) box.checked = target.checked;
  for (const all of document.querySelectorAll("[data-selects]")) tell(all);
});
