// Lists that open under a field while one types: commands and mentions in the composer, options that the app supplies.
import Combobox from "./combobox.js";

const keys = new WeakMap();
const list = (field) => document.getElementById(field.getAttribute("aria-controls"));
const chosen = (field) => list(field).parentElement.querySelector("[type=hidden]");
const on = (kind, act, early) => document.addEventListener(kind, (event) => event.target.role === "combobox" && act(event.target, event), early);

function show(field) {
  keys.get(field)?.stop();
  keys.set(field, new Combobox(field, list(field)));
  if (list(field).querySelector("[role=option]")) keys.get(field).start();
}

function close(field) {
  list(field).replaceChildren();
  show(field);
}

on("fx:config", (field, { detail: { cfg } }) => {
  if (chosen(field)) chosen(field).value = "";
  Object.assign(cfg, { body: new FormData(), typed: field.value, target: list(field), swap: "innerHTML" });
  cfg.body.set("text", field.value);
});
on("fx:after", (field, event) => event.detail.cfg.typed === field.value || event.preventDefault());
on("fx:swapped", show);
on("focusin", (field) => field.value || field.dispatchEvent(new Event("input")));
on("focusout", close);
on("keydown", (field, event) => {
  if (event.key === "Escape" && list(field).firstChild) { event.stopPropagation(); close(field); }
  if (event.key === "Tab" && field.name === "text" && !field.hasAttribute("aria-activedescendant")) keys.get(field)?.navigate(1);
}, true);
document.addEventListener("reset", ({ target }) => close(target.elements.text));
document.addEventListener("mousedown", (event) => event.target.closest(".suggested [role=option]") && event.preventDefault());
document.addEventListener("combobox-commit", ({ target: option }) => {
  const field = document.querySelector(`[aria-controls="${CSS.escape(option.parentElement.id)}"]`), { insert, value } = option.dataset;
  field.value = insert ?? option.firstChild.textContent;
  close(field);
  if (value) chosen(field).value = value;
  (chosen(field) ?? field).dispatchEvent(new Event(value ? "change" : "input"));
});
