// Lists that open under a field while one types: commands and mentions in the composer, options that the app supplies.

const list = (field) => document.getElementById(field.getAttribute("aria-controls"));
const options = (field) => [...list(field).querySelectorAll("[role=option]")];
const latest = new WeakMap();

function address(field) {
  const pane = field.closest(".pane").dataset.person, text = encodeURIComponent(field.value);
  if (field.dataset.suggest === "composer") return `/page/offers?user=${pane}&text=${text}`;
  const { channel = "", messageTs = "", viewId = "" } = field.closest("[data-surface]").dataset;
  return `/page/options?user=${pane}&channel=${channel}&message_ts=${messageTs}&view_id=${viewId}&action_id=${encodeURIComponent(field.dataset.action)}&block_id=${encodeURIComponent(field.dataset.block)}&text=${text}`;
}

export async function suggest(field) {
  const least = Number(field.dataset.least ?? 1), asked = {};
  latest.set(field, asked);
  if (field.dataset.suggest === "options") field.dataset.value = "";
  if (field.value.length < least) return show(field, "");
  const html = await (await fetch(address(field))).text();
  if (latest.get(field) === asked) show(field, html);
}

function show(field, html) {
  const box = list(field);
  box.replaceChildren(document.createRange().createContextualFragment(html));
  options(field).forEach((option, number) => (option.id = `${box.id}-${number}`));
  box.hidden = !box.children.length;
  field.setAttribute("aria-expanded", String(options(field).length > 0));
  mark(field, null);
}

function mark(field, option) {
  for (const one of options(field)) one.setAttribute("aria-selected", String(one === option));
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function take(field, option) {
  if (option.dataset.insert !== undefined) field.value = option.dataset.insert;
  else [field.value, field.dataset.value] = [option.querySelector("strong").textContent, option.dataset.value];
  show(field, "");
  field.focus();
  if (field.dataset.suggest === "composer") suggest(field);
  else field.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
}

// Move about in the list by keys; return whether the key was meant for it.
export function choose(event) {
  const field = event.target, all = options(field), here = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "Escape" && all.length) { event.stopPropagation(); show(field, ""); return true; }
  if (!all.length) return false;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    mark(field, all.at((here + (event.key === "ArrowDown" ? 1 : here < 0 ? 0 : -1)) % all.length));
    return true;
  }
  if ((event.key === "Tab" && field.dataset.suggest === "composer") || (event.key === "Enter" && here >= 0)) {
    event.preventDefault();
    take(field, all[Math.max(here, 0)]);
    return true;
  }
  return false;
}

document.addEventListener("mousedown", (event) => {
  const option = event.target.closest(".suggested [role=option]");
  if (!option) return;
  event.preventDefault();
  take(document.querySelector(`[aria-controls="${CSS.escape(option.parentElement.id)}"]`), option);
});
document.addEventListener("focusin", (event) => { if (event.target.dataset?.suggest === "options" && !event.target.value) suggest(event.target); });
document.addEventListener("focusout", (event) => { if (event.target.dataset?.suggest) show(event.target, ""); });
