// Lists that open under a field while one types: commands and mentions in the composer, options that the app supplies.
import Combobox from "./combobox.js";

const list = (field) => document.getElementById(field.getAttribute("aria-controls"));
const choice = (field) => field.closest(".suggested").querySelector("[type=hidden]");
const keys = (field) => (field.keys ??= new Combobox(field, list(field)));
const on = (kind, act, early) =>
  document.addEventListener(kind, (event) => event.target.role === "combobox" && act(event.target, event), early);

function offer(field, options) {
  list(field).innerHTML = options;
  keys(field).stop();
  if (list(field).querySelector("[role=option]")) keys(field).start();
}

on("input", (field) => choice(field)?.setAttribute("value", ""));
on("fx:after", (field, { detail: { cfg: { body, text } } }) => {
  if (field.matches(":focus") && field.value === body.get(field.name)) offer(field, text); // neither left nor outdated
});
on("focusin", (field) => field.value || field.dispatchEvent(new Event("input")));
on("focusout", (field) => offer(field, ""));
on("keydown", (field, event) => {
  if (event.key === "Escape" && list(field).firstChild) { event.stopPropagation(); offer(field, ""); }
  const completes = event.key === "Tab" && field.name === "text";
  if (completes && !field.hasAttribute("aria-activedescendant")) keys(field).navigate(1);
}, true);
document.addEventListener("reset", ({ target }) => offer(target.elements.text, ""));
document.addEventListener("mousedown", (event) => event.target.closest("[role=option]") && event.preventDefault());
document.addEventListener("combobox-commit", ({ target }) => {
  const field = target.closest(".suggested").querySelector("[role=combobox]"), chosen = choice(field);
  field.value = target.dataset.insert;
  offer(field, "");
  chosen?.setAttribute("value", target.dataset.value);
  (chosen ?? field).dispatchEvent(new Event(chosen ? "change" : "input", { bubbles: true }));
});
