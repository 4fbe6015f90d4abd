// The page's script: takes the steps that the server sends, and sends what people do as control calls.
import { localize, showTime } from "./dates.js";
import { close, suggest } from "./suggest.js";

const screen = document.body.dataset.screen;
const find = (id) => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// --- Drawing: what somebody typed or chose stays, unless the app set another initial value ------------------------

const callbacks = {
  beforeNodeMorphed: (old, drawn) => !(old.matches?.("input, textarea, select") && old.dataset.initial !== undefined && old.dataset.initial === drawn.dataset?.initial),
  beforeAttributeUpdated: (name, node) => !(name === "open" && node.matches("details, dialog")) && !["inert", "data-placed"].includes(name),
};

function take(steps) {
  const start = performance.now(), focused = document.activeElement?.id, logs = all("[role=log]");
  const follow = logs.filter((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 40);
  const top = (element) => element.getBoundingClientRect().top; // the browser keeps the place, except at the top
  const firsts = logs.filter((log) => !log.scrollTop).flatMap((log) => all(".message:first-of-type", log)).map((first) => [first, top(first)]);
  for (const { do: what, id, after, html } of steps) {
    const element = find(id);
    if (what === "drop") element?.remove();
    else if (what === "put") element && Idiomorph.morph(element, localize(html), { morphStyle: "outerHTML", callbacks });
    else if (after) find(after)?.after(localize(html));
    else element?.prepend(localize(html));
  }
  for (const [first, before] of firsts) if (first.isConnected) first.parentElement.scrollTop += top(first) - before;
  settle(follow, focused);
  showTime();
  performance.measure("drawing", { start });
}

// Logs stay at their end, a modal gets the focus and gives it back, and what lies under it can't be reached.
const openers = new Map();
function settle(follow, focused) {
  for (const pane of all(".pane")) {
    const form = pane.querySelector(".modal"), under = all(".main, .places", pane);
    if (form && !form.dataset.placed) {
      if (!under.some((part) => part.inert)) openers.set(pane.id, focused);
      form.dataset.placed = true;
      (form.querySelector("[autofocus]") ?? form.querySelector(".modal-blocks :is(input, select, textarea, button, a)") ?? form.querySelector("footer button")).focus();
    } else if (!form && under.some((part) => part.inert)) queueMicrotask(() => find(openers.get(pane.id))?.focus());
    for (const part of under) part.inert = Boolean(form);
  }
  for (const field of all("[aria-invalid=true]")) field.setAttribute("aria-invalid", field.closest(".block").querySelector(".error").textContent !== "");
  for (const log of all("[role=log]")) {
    if (follow.includes(log) || !log.dataset.placed) log.scrollTop = log.scrollHeight;
    log.dataset.placed = true;
  }
}

async function look(query, push = true) {
  const answer = await fetch(`/page/look?screen=${screen}&${query}`);
  if (!answer.ok) return location.assign(`/?${query}`);
  const { url } = await answer.json(); // what is drawn comes over the stream, in its order
  if (push) history[query.includes("&at=") ? "replaceState" : "pushState"](null, "", url);
}

// --- Acting: `data-call` names a control call, `data-body` has arguments for it and for all that stands within ----

function told(element) {
  const around = element.parentElement?.closest("[data-body]");
  return { ...(around && told(around)), ...JSON.parse(element.dataset.body ?? "{}") };
}

function value(field) {
  const ticked = all(":checked", field).map((box) => box.value);
  if (field.matches(".choices")) return field.dataset.many === undefined ? ticked[0] ?? null : ticked;
  if (field.type === "datetime-local") return field.value ? Math.floor(new Date(field.value) / 1000) : null;
  return field.type === "checkbox" ? field.checked : field.dataset.value ?? field.value;
}

function entered(element) {
  if (!element.matches("form")) return element.matches("input, select, textarea, .choices") ? { value: value(element) } : {};
  const body = Object.fromEntries(all("[name]:not(.choices *)", element).map((field) => [field.name, value(field)]));
  for (const field of all("[data-body]:is(input, select, textarea, .choices)", element)) {
    const { block_id, action_id } = told(field);
    ((body.values ??= {})[block_id] ??= {})[action_id] = value(field);
  }
  return body;
}

const agreed = (dialog) => new Promise((resolve) => {
  dialog.returnValue = "";
  dialog.onclick = ({ target }) => target.matches("button") && dialog.close(target.value);
  dialog.onclose = () => resolve(dialog.returnValue === "yes");
  dialog.showModal();
});

async function act(element) {
  let { call, confirm } = element.dataset, body = { ...told(element), ...entered(element) };
  const outcome = (element.closest(".pane") ?? find("side")).querySelector(".outcome");
  if (new URLSearchParams(location.search).get("play")) return report(element, outcome, { error: "This is a recording. Leave it to do something." });
  if (confirm && !(await agreed(find(confirm)))) return;
  if (call === "say") {
    const typed = body.text.trim(), [, command, text] = /^(\/\S+)\s*(.*)$/s.exec(typed) ?? [];
    if (!typed) return;
    [call, body] = command ? ["command", { ...body, command, text }] : [call, { ...body, text: typed }];
    close(element.elements.text, "");
  }
  const answer = await fetch(`/control/${call}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  report(element, outcome, await answer.json().catch(() => ({ error: `the sandbox answered ${answer.status}` })));
}

function report(element, outcome, { ok, error, errors = {} }) {
  for (const spot of all("[data-error]", element)) {
    spot.textContent = errors[spot.dataset.error] ?? "";
    spot.parentElement.querySelector("[data-body]")?.setAttribute("aria-invalid", spot.textContent !== "");
  }
  const trouble = ok || Object.keys(errors).length ? "" : `⚠ ${error}`;
  (element.querySelector(".trouble") ?? outcome).textContent = trouble;
  element.querySelector("[aria-invalid=true]")?.focus();
}

// --- Listening ---------------------------------------------------------------------------------------------------

const listen = (kind, listener, early) => document.addEventListener(kind, listener, early);

listen("click", (event) => {
  const target = event.target.closest("a[href^='/?'], [data-thread], [data-call]:is(a, button)"), { call, thread } = target?.dataset ?? {};
  if (!target || (!call && (event.ctrlKey || event.metaKey || event.shiftKey))) return;
  target.closest("[popover]:popover-open")?.hidePopover();
  if (call) return act(target);
  event.preventDefault();
  look(thread ? `${location.search.slice(1)}&thread=${thread}` : new URL(target.href).search.slice(1));
});
listen("submit", (event) => {
  event.preventDefault();
  if (event.target.dataset.call) act(event.target);
  else open(event.target.elements.address.value, "_blank", "noopener");
});
listen("change", async ({ target }) => {
  const field = target.closest(".choices") ?? target;
  if (field.dataset.call && field.dataset.suggest === undefined && field.dataset.enter === undefined) return act(field);
  if (field.type !== "file") return;
  const answer = await (await fetch("/page/recordings", { method: "POST", body: field.files[0] })).json();
  if (answer.ok) location.assign(answer.url);
  else report(field, find("outcome-side"), answer);
});
listen("chosen", ({ target }) => target.dataset.call && act(target));
listen("input", ({ target }) => {
  if (target.dataset.suggest) suggest(target, told(target));
  if (target.id === "replay-at") look(location.search.slice(1).replace(/&at=\d+/, `&at=${target.value}`));
});
listen("focusin", ({ target }) => target.dataset?.suggest && !target.value && suggest(target, told(target)));
listen("keydown", (event) => {
  const modal = event.target.closest?.(".modal");
  if (event.key === "Escape" && modal && !event.target.closest("dialog, [popover]:popover-open")) modal.querySelector("[data-call=close]").click();
  if (event.key === "Enter" && event.target.matches?.("[data-call][data-enter]")) { event.preventDefault(); act(event.target); }
});
listen("toggle", async ({ target }) => {
  const body = target.open && target.querySelector?.(":scope > [data-load]");
  if (body) body.replaceChildren(localize(await (await fetch(body.dataset.load)).text()));
}, true);
window.addEventListener("popstate", () => look(location.search.slice(1), false));

// The first step has the rest of long channels: it comes after the first paint.
requestAnimationFrame(() => setTimeout(() => {
  const stream = new EventSource(`/page/stream?screen=${screen}`);
  stream.onmessage = (event) => take(JSON.parse(event.data));
  stream.addEventListener("gone", () => location.reload());
}));
localize(document.body);
settle([], "");
showTime();
setInterval(() => {
  showTime();
  if (find("replay-plays")?.checked) find("replay-on").click();
}, 1000);
