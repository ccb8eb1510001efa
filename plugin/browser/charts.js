// Charts of what stands in the table beside them.
import uPlot from "uplot/dist/uPlot.esm.js";

const HEIGHT = 220;
const drawn = new Map();

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function draw(box) {
  const { labels, series } = JSON.parse(box.dataset.chart);
  const axis = { stroke: color("--soft"), grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line"), width: 1 } };
  const bars = uPlot.paths.bars({ size: [0.6, 40] });
  const stacked = series.map((_, index) => labels.map((_, at) => series.slice(index).reduce((sum, one) => sum + one.values[at], 0)));
  box.replaceChildren();
  drawn.set(box, new uPlot({
    width: box.clientWidth, height: HEIGHT, cursor: { show: false }, legend: { show: false },
    scales: { x: { time: false, range: [-0.5, labels.length - 0.5] }, y: { range: (_, low, high) => [0, Math.max(high, 1)] } },
    axes: [{ ...axis, grid: { show: false }, incrs: [1, 2, 3, 4, 6, 7], values: (_, ticks) => ticks.map((at) => labels[at] ?? "") }, { ...axis, size: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 1e4, 1e5, 1e6] }],
    series: [{}, ...series.map(({ label, ink }) => ({ label, fill: color(ink), stroke: color(ink), width: 0, paths: bars, points: { show: false } }))],
  }, [labels.map((_, at) => at), ...stacked], box));
}

export function charts() {
  for (const [box, chart] of drawn) {
    if (box.isConnected) continue;
    chart.destroy();
    drawn.delete(box);
  }
  for (const box of document.querySelectorAll("[data-chart]")) if (!drawn.has(box)) draw(box);
}

const again = () => { for (const box of drawn.keys()) if (box.isConnected) draw(box); };
window.addEventListener("resize", again);
new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
