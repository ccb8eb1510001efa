// A field with data-combobox="id" is a combobox (ARIA 1.2) over the options of that list; without this script it is a plain field.
// An option is found by its value, by its text, and by its data-also: other names it goes by.
import { page } from "./showing.js";

const MOST = 8; // options shown at a time
let open = null; // { field, list, options, at }

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();

function fitting(field) {
  const typed = plain(field.value);
  const all = [...(document.getElementById(field.dataset.combobox)?.options ?? [])];
  if (field.dataset.same) all.unshift(new Option("", field.dataset.same)); // a word that means something in this field
  const found = all.filter((option) => plain(`${option.value} ${option.text} ${option.dataset.also ?? ""}`).includes(typed));
  // Whose name or code begins like that comes first.
  const begins = (option) => [option.value, option.text].some((text) => plain(text).startsWith(typed));
  return [...found.filter(begins), ...found.filter((option) => !begins(option))].slice(0, MOST);
}

function close() {
  if (!open) return;
  open.field.setAttribute("aria-expanded", "false");
  open.field.removeAttribute("aria-activedescendant");
  open.field.removeAttribute("aria-controls");
  open.list.remove();
  open = null;
}

function place({ field, list }) {
  const { left, right, bottom, top, width } = field.getBoundingClientRect();
  list.style.minWidth = `${width}px`;
  const height = list.offsetHeight;
  const isBelow = bottom + height < innerHeight || top < height;
  list.style.top = `${isBelow ? bottom + 2 : top - height - 2}px`;
  const start = getComputedStyle(field).direction === "rtl" ? right - list.offsetWidth : left;
  list.style.left = `${Math.max(4, Math.min(start, innerWidth - list.offsetWidth - 4))}px`;
}

function mark(at) {
  open.at = at;
  [...open.list.children].forEach((item, number) => {
    item.setAttribute("aria-selected", String(number === at));
    if (number === at) item.scrollIntoView({ block: "nearest" });
  });
  if (at < 0) open.field.removeAttribute("aria-activedescendant");
  else open.field.setAttribute("aria-activedescendant", open.list.children[at].id);
}

function show(field) {
  close();
  const options = fitting(field);
  if (!options.length) return;
  const list = document.createElement("ul");
  list.id = "combobox-list";
  list.className = "options";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.getAttribute("aria-label") ?? field.labels[0]?.textContent ?? "");
  list.append(...options.map((option, number) => {
    const item = document.createElement("li");
    item.id = `combobox-option-${number}`;
    item.setAttribute("role", "option");
    item.setAttribute("translate", "no");
    item.textContent = option.text && option.text !== option.value ? `${option.text} · ${option.value}` : option.value;
    return item;
  }));
  page().append(list);
  open = { field, list, options, at: -1 };
  field.setAttribute("aria-expanded", "true");
  field.setAttribute("aria-controls", list.id);
  mark(-1);
  place(open);
}

function take(number) {
  const { field, options } = open;
  field.value = options[number].value;
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  close(); // what was typed by us is no question
}

const isOurs = (target) => target instanceof HTMLInputElement && "combobox" in target.dataset;

document.addEventListener("input", (event) => isOurs(event.target) && event.isTrusted && show(event.target));
document.addEventListener("focusout", ({ target }) => open?.field === target && close());
document.addEventListener("scroll", (event) => open && !open.list.contains(event.target) && place(open), { capture: true, passive: true });
addEventListener("resize", close);

// Before the field loses its focus.
document.addEventListener("mousedown", (event) => {
  const item = open && event.target.closest?.("#combobox-list [role=option]");
  if (isOurs(event.target) && document.activeElement === event.target && !open) return show(event.target);
  if (!item) return;
  event.preventDefault();
  take([...open.list.children].indexOf(item));
});

const KEYS = {
  ArrowDown: (field) => (open ? mark((open.at + 1) % open.options.length) : show(field) ?? (open && mark(0))),
  ArrowUp: (field) => (open ? mark((open.at < 1 ? open.options.length : open.at) - 1) : show(field) ?? (open && mark(open.options.length - 1))),
  Enter: () => open && open.at >= 0 && take(open.at),
  Escape: () => open && close(),
};

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (!isOurs(target) || event.ctrlKey || event.metaKey || event.isComposing) return;
  if (key === "Tab" && open && open.at >= 0) return take(open.at);
  if (!(key in KEYS) || ((key === "Enter" || key === "Escape") && !(open && (key === "Escape" || open.at >= 0)))) return;
  event.preventDefault();
  event.stopPropagation();
  KEYS[key](target);
}, { capture: true });

function prepare() {
  for (const field of document.querySelectorAll("input[data-combobox]:not([role])")) {
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("list"); // the browser's own list would stand over ours
  }
  if (open && !open.field.isConnected) close();
}
document.addEventListener("htmx:after:process", prepare);
