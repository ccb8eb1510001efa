// The pages' own script: what stands at this address is fetched with the host's token and put into the document.
import htmx from "htmx.org/dist/htmx.esm.js";
import "uplot/dist/uPlot.min.css";
import { whenHost } from "./host.js";
import { send } from "./sending.js";
import * as trouble from "./trouble.js";
import { arrive } from "./arriving.js";
import { charts } from "./charts.js";
import { beside } from "./beside.js";
import { isPoll, missed, reached } from "./polling.js";
import { load, page } from "./showing.js";
import "./busy.js"; // before whoever else listens to clicks
import "./allowing.js";
import "./combobox.js";
import "./copying.js";
import "./downloads.js";
import "./forms.js";
import "./leaving.js";
import "./selecting.js";

htmx.config.includeIndicatorCSS = false;
htmx.config.defaultTimeout = 30000;

// A form that is refused comes back with its errors (422), or with what somebody else changed (409).
const isContent = (status) => status < 300 || status === 409 || status === 422;

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  ctx.fetch = send;
});

document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  if (isContent(ctx.response.status)) return isPoll(ctx) ? reached(ctx) : trouble.over();
  event.preventDefault();
  return isPoll(ctx) ? missed(ctx) : trouble.refused(ctx.response.raw);
});

document.addEventListener("htmx:error", ({ detail }) => (isPoll(detail.ctx) ? missed(detail.ctx) : trouble.failed(detail.error)));

// What a hand has resized carries a style; htmx would copy it as text, which the content security policy forbids.
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  for (const resized of ctx.target?.querySelectorAll?.("[id][style]") ?? []) resized.removeAttribute("style");
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!isPoll(ctx)) arrive(ctx, page());
  beside(ctx.target);
  charts();
});

whenHost(() => load(location.pathname + location.search));
