// Lists that open under a field while one types: commands and mentions in the composer, options that the app supplies.
import Combobox from "./combobox.js";

const list = (field) => document.getElementById(field.getAttribute("aria-controls"));
const keys = new WeakMap(), latest = new WeakMap();

// Ask the server what the field may become; `told` says where the field is.
export async function suggest(field, told) {
  const asked = {};
  latest.set(field, asked);
  if (field.dataset.value) field.dataset.value = "";
  if (field.value.length < (field.dataset.least ?? 1)) return show(field, "");
  const answer = await fetch(`${field.dataset.suggest}?${new URLSearchParams({ ...told, text: field.value })}`);
  const html = await answer.text();
  if (latest.get(field) === asked && document.activeElement === field) show(field, html);
}

function show(field, html) {
  const box = list(field);
  keys.get(field)?.stop();
  box.replaceChildren(document.createRange().createContextualFragment(html));
  box.hidden = !html;
  if (!box.querySelector("[role=option]")) return;
  keys.set(field, new Combobox(field, box));
  keys.get(field).start();
}

// Close the list; with a text, the field gets it.
export function close(field, text) {
  latest.delete(field);
  if (text !== undefined) field.value = text;
  show(field, "");
}

document.addEventListener("combobox-commit", ({ target: option }) => {
  const field = document.querySelector(`[aria-controls="${CSS.escape(option.parentElement.id)}"]`), { insert, value } = option.dataset;
  close(field, insert ?? option.querySelector("strong").textContent);
  if (value !== undefined) field.dataset.value = value;
  field.dispatchEvent(new CustomEvent(insert === undefined ? "chosen" : "input", { bubbles: true }));
});
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-suggest][aria-expanded=true]");
  if (event.key === "Escape" && field) { event.stopPropagation(); close(field); }
  if (event.key === "Tab" && field?.dataset.suggest === "/page/offers" && !field.getAttribute("aria-activedescendant")) keys.get(field).navigate(1);
}, true);
document.addEventListener("mousedown", (event) => { if (event.target.closest(".suggested [role=option]")) event.preventDefault(); });
document.addEventListener("focusout", ({ target }) => { if (target.dataset?.suggest) close(target); });
