// What asks by itself, again and again (data-poll): it takes nobody's attention, and a time without an answer is said beside it.
export const isPoll = (ctx) => Boolean(ctx?.sourceElement?.matches?.("[data-poll]"));

const note = (ctx) => ctx.sourceElement.querySelector("[data-poll-note]");

export function reached(ctx) {
  if (note(ctx)) note(ctx).hidden = true;
}

export function missed(ctx) {
  const place = note(ctx);
  if (!place) return;
  const { pollNote, pollEnded } = place.dataset;
  place.textContent = [401, 403].includes(ctx.response?.status) ? pollEnded : pollNote;
  place.hidden = false;
}
