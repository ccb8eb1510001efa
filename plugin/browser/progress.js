// How far a table is that comes row by row: how many rows are written, and of how many once that is known.
import { send } from "./sending.js";

const QUOTE = 0x22, NEW_LINE = 0x0a;
const TAIL = 2000; // bytes at the end in which a table says that it broke off
const number = (value) => value.toLocaleString(document.documentElement.lang);

export class Progress {
  constructor(element) {
    this.element = element;
    this.bar = element.querySelector("progress");
    this.told = element.querySelector("[data-told]");
    this.stop = element.querySelector("[data-stop]");
    this.stopper = new AbortController();
    this.stopping = this.stopper.signal;
    this.lines = 0;
    this.inQuotes = false;
    this.tail = new Uint8Array();
    this.stop.onclick = () => this.stopper.abort();
    this.stop.hidden = false;
    this.bar.removeAttribute("value");
    element.hidden = false;
    this.tell();
    this.ask();
  }

  async ask() {
    try {
      const answer = await send(this.element.dataset.rows, { signal: this.stopping });
      if (!answer.ok) return;
      this.all = (await answer.json()).rows;
      if (!this.stopping.aborted) this.tell();
    } catch {
      return; // without it the rows are counted all the same
    }
  }

  // Without the head, and the line that says that it broke off.
  get written() {
    return Math.max(0, this.lines - 1 - this.isCut());
  }

  came(bytes) {
    for (const byte of bytes) {
      if (byte === QUOTE) this.inQuotes = !this.inQuotes;
      else if (byte === NEW_LINE && !this.inQuotes) this.lines++;
    }
    this.tail = new Uint8Array([...this.tail, ...bytes.slice(-TAIL)].slice(-TAIL));
    this.tell();
  }

  isCut() {
    return new TextDecoder().decode(this.tail).trimEnd().endsWith(`"${this.element.dataset.cut}"`);
  }

  tell() {
    const { counting, counted } = this.element.dataset;
    this.told.textContent = this.words(this.all === undefined ? counting : counted);
    if (this.all) Object.assign(this.bar, { max: this.all, value: Math.min(this.written, this.all) });
  }

  words(text) {
    return text.replace("{written}", number(this.written)).replace("{all}", number(this.all ?? 0));
  }

  done() {
    this.isDone = true;
    Object.assign(this.bar, { max: 1, value: 1 });
    document.getElementById("heard").textContent = this.told.textContent = this.words(this.element.dataset.done);
  }

  broken() {
    return this.words(this.element.dataset.broken);
  }

  // What was done stays to be read; nothing moves for it. Answers whether the focus was in what goes.
  over() {
    const wasHere = document.activeElement === this.stop;
    this.stopper.abort();
    this.element.hidden = !this.isDone;
    this.stop.hidden = true;
    return wasHere;
  }
}
