// The page's script: makes the changes that the server sends. What people do, fixi sends (https://fixiproject.org).
import "./suggest.js";
import { writeMoments } from "./dates.js";

const { screen } = document.body.dataset;
const find = (id) => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const listen = (kind, listener) => document.addEventListener(kind, listener);

// --- Drawing: what somebody typed or opened stays, unless the app set another initial value

const callbacks = {
  beforeNodeMorphed(old, drawn) {
    const { value, checked, dataset } = old;
    if (dataset?.initial !== undefined && dataset.initial === drawn.dataset.initial) Object.assign(drawn, { value, checked });
  },
  beforeAttributeUpdated: (name) => name !== "open",
};

function take(changes) {
  const start = performance.now(), around = document.activeElement.parentElement.closest("[tabindex]");
  for (const part of all("[inert]")) part.inert = false; // so that it can get the focus back
  for (const { do: change, id, html = "" } of changes) {
    const element = find(id), drawn = document.createRange().createContextualFragment(html);
    if (change === "remove") element?.close?.();
    if (change === "morph") Idiomorph.morph(element, drawn, { morphStyle: "outerHTML", callbacks });
    else element?.[change](drawn); // after, prepend or remove
  }
  settle();
  if (document.activeElement === document.body) around?.focus(); // what had the focus has gone
  performance.measure("drawing", { start });
}

// A modal takes the focus, and gives it back when it closes; what lies under it can't be reached.
function settle() {
  for (const modal of all(".over:not([open])")) modal.show();
  for (const part of all(".pane:has(.over) :is(.main, .places)")) part.inert = true;
  document.dispatchEvent(new Event("fx:process"));
  writeMoments();
}

// --- Acting

window.fixiCfg = { swap: "none", transition: false, headers: { Screen: screen } };
listen("fx:config", ({ target, detail: { cfg } }) => {
  const typing = cfg.trigger.type === "keydown" && cfg.trigger.key !== "Enter";
  cfg.drop = typing || target.open === false; // a row that closes needs no JSON
  cfg.preventTrigger = !typing && cfg.trigger.type !== "click"; // what is pressed may open or close something as well
});
listen("fx:before", ({ target }) => target.matches(".composer") && target.reset());

listen("change", ({ target }) => find(target.closest("[data-confirm]")?.dataset.confirm)?.showModal());
listen("click", ({ target }) => target.closest("a, button")?.closest("[popover]")?.hidePopover());
listen("keydown", ({ key, target }) => {
  if (key === "Escape") target.closest(".over, .confirm, :popover-open")?.querySelector(".leave")?.click();
});
listen("input", ({ target }) => target.id === "replay-at" && location.replace(target.dataset.url + target.value));

// --- Going elsewhere: what is there comes over the stream, in its order. Old browsers load the page again.

window.navigation?.addEventListener("navigate", (event) => {
  const { pathname, search } = new URL(event.destination.url), { canIntercept, hashChange, formData, navigationType } = event;
  if (!canIntercept || hashChange || formData || navigationType === "reload" || pathname !== "/") return;
  event.intercept({ focusReset: "manual", scroll: "manual", handler: async () => {
    const answer = await fetch(`/page/look?screen=${screen}&${search.slice(1)}`);
    if (!answer.ok) location.reload();
  } });
});

// The first paint doesn't wait for any of this; the first change has the rest of long channels.
requestAnimationFrame(() => setTimeout(() => {
  settle();
  const stream = new EventSource(`/page/stream?screen=${screen}`);
  stream.onmessage = ({ data }) => take(JSON.parse(data));
  stream.addEventListener("gone", () => location.reload());
}));
setInterval(() => {
  writeMoments();
  if (find("replay-plays")?.checked) location.replace(find("replay-on").href);
}, 1000);
