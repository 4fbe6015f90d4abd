// The page's script: takes the steps that the server sends, and sends what people do as control calls.
import { localize, showTime } from "./dates.js";
import { choose, suggest } from "./suggest.js";

const screen = document.body.dataset.screen;
const find = (id) => document.getElementById(id);

// --- Drawing -----------------------------------------------------------------------------------------------------

const callbacks = {
  // What somebody typed or chose stays, unless the app set another initial value.
  beforeNodeMorphed: (old, drawn) =>
    !(old.matches?.("input, textarea, select") && old.dataset.initial !== undefined && old.dataset.initial === drawn.dataset?.initial),
  beforeAttributeUpdated: (name, node) => !(name === "open" && node.matches("details, dialog")) && !(name === "inert"),
};

function take(steps) {
  const began = performance.now();
  const follow = [...document.querySelectorAll("[role=log]")].filter((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 40);
  const focused = document.activeElement?.id;
  for (const { do: what, id, after, html } of steps) {
    const element = find(id);
    if (what === "drop") element?.remove();
    else if (!element) continue;
    else if (what === "put") Idiomorph.morph(element, localize(html), { morphStyle: "outerHTML", callbacks });
    else if (after) find(after).after(localize(html));
    else element.prepend(localize(html));
  }
  settle(follow, focused);
  showTime();
  window.drawings = [...(window.drawings ?? []).slice(-99), performance.now() - began];
}

// After drawing: logs stay at their end, a modal gets the focus and gives it back, what lies under it can't be reached.
const openers = new Map();
function settle(follow, focused) {
  for (const pane of document.querySelectorAll(".pane")) {
    const modal = pane.querySelector(".over"), main = pane.querySelector(".main");
    const form = modal?.querySelector("form");
    if (form && modal.dataset.shown !== form.id) {
      if (!main.inert) openers.set(pane.id, focused);
      modal.dataset.shown = form.id;
      (form.querySelector("[autofocus]") ?? form.querySelector(".modal-blocks :is(input, select, textarea, button, a)") ?? form.querySelector("footer button")).focus();
    }
    if (main?.inert && !modal) queueMicrotask(() => find(openers.get(pane.id))?.focus());
    for (const part of pane.querySelectorAll(".main, .places")) part.inert = Boolean(modal);
  }
  for (const log of document.querySelectorAll("[role=log]")) {
    if (follow.includes(log) || !log.dataset.placed) log.scrollTop = log.scrollHeight;
    log.dataset.placed = true;
  }
}

function listen() {
  const stream = new EventSource(`/page/stream?screen=${screen}`);
  stream.onmessage = (event) => take(JSON.parse(event.data));
  stream.addEventListener("gone", () => location.reload());
}

async function look(query, push = true) {
  const answer = await fetch(`/page/look?screen=${screen}&${query}`);
  if (!answer.ok) return location.assign(`/?${query}`);
  const { url, steps } = await answer.json();
  if (push) history.pushState(null, "", url);
  take(steps);
}

// --- Acting ------------------------------------------------------------------------------------------------------

async function send(call, body) {
  const answer = await fetch(`/control/${call}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return answer.json().catch(() => ({ ok: false, error: `the sandbox answered ${answer.status}` }));
}

const who = (element) => element.closest(".pane").dataset.person;

// Where an element is: in a message, a view or the composer, as the control calls name it.
function place(element) {
  const { surface, channel, messageTs, viewId, threadTs } = element.closest("[data-surface]").dataset;
  if (surface === "view") return { view_id: viewId };
  return { channel, ...(messageTs && { message_ts: messageTs }), ...(threadTs && { thread_ts: threadTs }) };
}

function say(element, answer) {
  const outcome = (element.closest(".pane") ?? find("side")).querySelector(".outcome");
  const trouble = answer.ok || answer.errors && Object.keys(answer.errors).length ? "" : answer.error ?? "";
  outcome.textContent = trouble === "" ? "" : `⚠ ${trouble}`;
}

function value(element) {
  if (element.dataset.many !== undefined) return [...element.querySelectorAll(":checked")].map((box) => box.value);
  if (element.getAttribute("role") === "radiogroup") return element.querySelector(":checked")?.value ?? null;
  if (element.type === "datetime-local") return element.value ? Math.floor(new Date(element.value) / 1000) : null;
  return element.dataset.suggest ? element.dataset.value : element.dataset.value ?? element.value ?? null;
}

const valued = (element) => element.matches("input, select, textarea, .choices") || element.dataset.value !== undefined;

async function use(element) {
  const { action, block, confirm } = element.dataset;
  if (confirm && !(await agreed(find(confirm)))) return;
  const body = { user: who(element), action_id: action, block_id: block, ...place(element) };
  say(element, await send("click", valued(element) ? { ...body, value: value(element) } : body));
}

const agreed = (dialog) => new Promise((resolve) => {
  dialog.returnValue = "";
  dialog.onclose = () => resolve(dialog.returnValue === "yes");
  dialog.showModal();
});

async function submit(form) {
  const values = {};
  for (const field of form.querySelectorAll("[data-action]:is(input, select, textarea, .choices)")) (values[field.dataset.block] ??= {})[field.dataset.action] = value(field);
  const answer = await send("submit", { user: who(form), ...place(form), values });
  const errors = answer.errors ?? {};
  for (const spot of form.querySelectorAll("[data-error]")) {
    spot.textContent = spot.dataset.error ? errors[spot.dataset.error] ?? "" : answer.error ?? "";
    spot.parentElement.querySelector("[data-action]")?.setAttribute("aria-invalid", Boolean(spot.dataset.error && spot.textContent));
  }
  form.querySelector("[aria-invalid=true]")?.focus();
}

async function write(form) {
  const field = form.elements.text, text = field.value.trim();
  if (!text) return;
  field.value = "";
  suggest(field);
  const [, command, rest] = /^\/(\S+)\s*(.*)$/s.exec(text) ?? [];
  const body = { user: who(form), ...place(form) };
  say(form, await send(command ? "command" : "say", command ? { ...body, command: `/${command}`, text: rest } : { ...body, text }));
}

async function call(element) {
  const body = JSON.parse(element.dataset.body ?? "{}");
  for (const field of element.elements ?? []) if (field.name) body[field.name] = field.dataset.number === undefined ? field.value : Number(field.value);
  say(element, await send(element.dataset.call, body));
}

// --- Listening ---------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='/?']");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    link.closest("[popover]")?.hidePopover();
    return look(new URL(link.href).search.slice(1));
  }
  const element = event.target.closest("[data-action], [data-do], [data-go], [data-shortcut], button[data-call]");
  if (!element || element.matches("input, select, textarea, .choices")) return;
  if (element.closest("[popover]")?.matches(":popover-open")) element.closest("[popover]").hidePopover();
  if (element.dataset.go) return look(`${location.search.slice(1)}&go=${encodeURIComponent(element.dataset.go)}`);
  if (element.dataset.call) return call(element);
  if (element.dataset.do) return send("close", { user: who(element), ...place(element) }).then((answer) => say(element, answer));
  if (element.dataset.shortcut) return send("shortcut", { user: who(element), callback_id: element.dataset.shortcut, ...(element.dataset.on && place(element)) }).then((answer) => say(element, answer));
  use(element);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog") return;
  event.preventDefault();
  if (form.matches(".client")) open(form.elements.address.value, "_blank", "noopener");
  else if (form.matches(".composer")) write(form);
  else if (form.matches(".modal")) submit(form);
  else call(form);
});

document.addEventListener("change", (event) => {
  const field = event.target.closest(".choices") ?? event.target;
  if (field.dataset.recording !== undefined) return field.files[0]?.text().then(play);
  if (field.dataset.live !== undefined && field.dataset.suggest === undefined) use(field);
});

async function play(text) {
  const answer = await (await fetch("/page/recordings", { method: "POST", body: text })).json();
  if (answer.ok) location.assign(answer.url);
  else say(find("side"), answer);
}

document.addEventListener("input", (event) => {
  if (event.target.dataset.suggest) suggest(event.target);
  if (event.target.dataset.at !== undefined) look(`${event.target.dataset.at}&at=${event.target.value}`);
});
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (field.dataset?.suggest && choose(event)) return;
  const modal = field.closest?.(".over");
  if (event.key === "Escape" && modal && !field.closest("dialog, [popover]:popover-open")) modal.querySelector("[data-do=close]").click();
  if (event.key === "Enter" && field.dataset?.live !== undefined && field.matches("input:not([data-suggest], [type=checkbox], [type=radio])")) { event.preventDefault(); use(field); }
});
document.addEventListener("chosen", (event) => { if (event.target.dataset.live !== undefined) use(event.target); });
document.addEventListener("toggle", async (event) => {
  const body = event.target.open && event.target.querySelector?.(":scope > [data-load]");
  if (body) body.replaceChildren(localize(await (await fetch(body.dataset.load)).text()));
}, true);
window.addEventListener("popstate", () => look(location.search.slice(1), false));

localize(document.body);
settle([], "");
showTime();
setInterval(showTime, 1000);
listen();
