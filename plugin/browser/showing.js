// The place of a page, and what stands at an address put into it.
import htmx from "htmx.org/dist/htmx.esm.js";

export const page = () => document.getElementById("page");

export const load = (path) => htmx.ajax("GET", path, { source: page(), target: "#page", swap: "innerHTML" });
