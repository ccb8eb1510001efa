// Charts of what stands in the table beside them: a bar for each row, read by pointer or arrow keys, leading where its row does.
import uPlot from "uplot/dist/uPlot.esm.js";

const HEIGHT = 240;
const AIR = 12; // px around a text
const STEPS = [1, 2, 3, 4, 6, 7, 12, 14];
const COUNTS = Array.from({ length: 13 }, (_, power) => [1, 2, 5].map((one) => one * 10 ** power)).flat();
const FORMS = { hour: { hour: "numeric", minute: "2-digit" }, day: { month: "short", day: "numeric" } };
const LONG = { hour: { weekday: "short", hour: "numeric", minute: "2-digit" }, day: { weekday: "long", month: "long", day: "numeric" } };
const MOVES = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -7, PageUp: 7, Home: -Infinity, End: Infinity };
const drawn = new Map();

const style = () => getComputedStyle(document.documentElement);
const color = (name) => style().getPropertyValue(name).trim();

// A language or a time zone that the browser does not know is no reason to show nothing.
function formatted(make) {
  for (const language of [document.documentElement.lang, "en"]) {
    try { return make(language); } catch { /* the next one */ }
  }
  return make(undefined);
}
const numbers = () => formatted((language) => new Intl.NumberFormat(language, { maximumFractionDigits: 0 }));
function dates(form, timeZone) {
  try {
    return formatted((language) => new Intl.DateTimeFormat(language, { ...form, timeZone }));
  } catch {
    return dates(form, "UTC");
  }
}

function widest(texts, font) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = font;
  return Math.ceil(Math.max(0, ...texts.map((text) => pen.measureText(text).width)));
}

function told(box, { times, unit, zone, series }) {
  const number = numbers(), date = dates(LONG[unit], zone);
  return (at) => {
    const counts = series.filter(({ values }) => values[at]).map(({ label, values }) => `${label}: ${number.format(values[at])}`);
    return [date.format(new Date(times[at])), ...(counts.length ? counts.reverse() : [box.dataset.none])];
  };
}

// The words stand above the bar, and never outside the chart.
function shows(box, chart, tip, lines, at) {
  tip.hidden = at == null;
  if (tip.hidden) return;
  tip.replaceChildren(...lines.map((text) => Object.assign(document.createElement("span"), { textContent: text })));
  const middle = chart.over.offsetLeft + chart.valToPos(at, "x");
  const left = Math.max(0, Math.min(middle - tip.offsetWidth / 2, box.clientWidth - tip.offsetWidth));
  tip.style.insetInlineStart = `${left}px`;
}

function axes(labels, font) {
  const look = { stroke: color("--soft"), font, ticks: { stroke: color("--line"), width: 1 } };
  const number = numbers(), room = widest(labels, font) + AIR;
  const x = { ...look, grid: { show: false }, incrs: STEPS, space: room, size: 34, values: (_, ticks) => ticks.map((at) => labels[at] ?? "") };
  const y = {
    ...look, grid: { stroke: color("--line"), width: 1 }, incrs: COUNTS, space: 36,
    values: (_, ticks) => ticks.map((count) => number.format(count)),
    size: (_, texts) => widest(texts ?? [], font) + AIR + 10, // ticks take 10
  };
  return { x, y, side: room / 2 };
}

function draw(box) {
  const chart = JSON.parse(box.dataset.chart);
  const { times, unit, zone, series } = chart;
  const font = `12px ${getComputedStyle(box).fontFamily}`;
  const short = dates(FORMS[unit], zone);
  const { x, y, side } = axes(times.map((time) => short.format(new Date(time))), font);
  const bars = uPlot.paths.bars({ size: [0.6, 40] });
  const stacked = series.map((_, index) => times.map((_, at) => series.slice(index).reduce((sum, one) => sum + one.values[at], 0)));
  const tip = Object.assign(document.createElement("p"), { className: "tip small", hidden: true });
  tip.setAttribute("aria-hidden", "true"); // the chart's value says it
  const words = told(box, chart);
  const look = (plot) => shows(box, plot, tip, plot.cursor.idx == null ? [] : words(plot.cursor.idx), plot.cursor.idx);
  drawn.get(box)?.plot.destroy();
  box.replaceChildren();
  const plot = new uPlot({
    width: box.clientWidth, height: HEIGHT, legend: { show: false }, padding: [AIR, side, 0, 0],
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    hooks: { setCursor: [look] },
    scales: { x: { time: false, range: [-0.5, times.length - 0.5] }, y: { range: (_, low, high) => [0, Math.max(high, 1)] } },
    axes: [x, y],
    series: [{}, ...series.map(({ label, ink }) => ({ label, fill: color(ink), stroke: color(ink), width: 0, paths: bars, points: { show: false } }))],
  }, [times.map((_, at) => at), ...stacked], box);
  box.append(tip);
  plot.over.addEventListener("click", () => opens(box, plot.cursor.idx));
  drawn.set(box, { plot, words });
  reads(box, Number(box.getAttribute("aria-valuenow")));
}

// The bar's row leads to what it counts; a bar of nothing leads nowhere.
const opens = (box, at) => document.getElementById(box.dataset.rows)?.tBodies[0].rows[at]?.querySelector("th a")?.click();

function reads(box, at) {
  box.setAttribute("aria-valuenow", at);
  box.setAttribute("aria-valuetext", drawn.get(box).words(at).join(", "));
}

const points = (plot, at) => plot.setCursor(at == null ? { left: -10, top: -10 } : { left: plot.valToPos(at, "x"), top: 0 });

function pressed(event) {
  const box = event.target.closest?.("[data-chart]");
  if (!box || !drawn.has(box) || event.ctrlKey || event.metaKey || event.altKey) return;
  const { plot } = drawn.get(box), last = plot.data[0].length - 1, now = Number(box.getAttribute("aria-valuenow"));
  if (event.key === "Enter") opens(box, now);
  else if (event.key === "Escape") points(plot, null);
  else if (event.key in MOVES) {
    const at = Math.max(0, Math.min(last, now + MOVES[event.key]));
    reads(box, at);
    points(plot, at);
  } else return;
  event.preventDefault();
}

export function charts() {
  for (const [box, { plot }] of drawn) {
    if (box.isConnected) continue;
    plot.destroy();
    drawn.delete(box);
  }
  for (const box of document.querySelectorAll("[data-chart]")) if (!drawn.has(box)) draw(box);
}

const again = () => { for (const box of drawn.keys()) if (box.isConnected) draw(box); };
document.addEventListener("keydown", pressed);
document.addEventListener("focusout", ({ target }) => drawn.has(target) && points(drawn.get(target).plot, null));
window.addEventListener("resize", again);
new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
