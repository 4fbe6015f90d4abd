// The page's script: takes the steps that the server sends. What people do, fixi sends (https://fixiproject.org).
import "./suggest.js";
import { writeMoments } from "./dates.js";

const { screen } = document.body.dataset;
const find = (id) => document.getElementById(id);
const listen = (kind, listener) => document.addEventListener(kind, listener);

// --- Drawing: what somebody typed or opened stays, unless the app set another initial value

Object.assign(Idiomorph.defaults.callbacks, {
  beforeNodeMorphed({ value, checked, dataset: { initial } = {} }, drawn) {
    if (initial !== undefined && initial === drawn.dataset.initial) Object.assign(drawn, { value, checked });
  },
  beforeAttributeUpdated: (name) => !["open", "inert"].includes(name),
});

function take(steps) {
  const start = performance.now(), around = document.activeElement.parentElement.closest("[tabindex]");
  for (const { do: step, id, with: given } of steps) {
    if (step === "morph") Idiomorph.morph(find(id), ...given);
    else find(id)?.[step](...given); // a method of elements, such as insertAdjacentHTML, remove and, of modals, show
  }
  document.dispatchEvent(new Event("fx:process")); // fixi hears of new elements only, not of changed ones
  writeMoments();
  if (document.activeElement === document.body) around?.focus(); // what had the focus has gone
  performance.measure("drawing", { start });
}

// --- Acting

window.fixiCfg = { swap: "none", transition: false, headers: { Screen: screen } };
listen("fx:config", ({ target, detail: { cfg } }) => {
  const typing = cfg.trigger.type === "keydown" && cfg.trigger.key !== "Enter";
  cfg.drop = typing || target.open === false || target.left; // a row that closes needs no JSON, a modal is left once
  target.left = target.matches(".leave");
  cfg.preventTrigger = !typing && cfg.trigger.type !== "click"; // what is pressed may open or close something as well
});
listen("fx:before", ({ target }) => target.matches(".composer") && !find("replay") && target.reset());

listen("change", ({ target }) => find(target.closest("[data-confirm]")?.dataset.confirm)?.showModal());
listen("click", ({ target }) => target.closest("a, button")?.closest("[popover]")?.hidePopover());
listen("keydown", ({ key, target }) => {
  if (key === "Escape") target.closest(".over, .confirm, :popover-open")?.querySelector(".leave")?.click();
});
listen("input", ({ target }) => target.id === "replay-at" && location.replace(target.dataset.url + target.value));

// --- Going elsewhere: what is there comes over the stream, in its order. Old browsers load the page again.

window.navigation?.addEventListener("navigate", (event) => {
  const { pathname, search } = new URL(event.destination.url), { canIntercept, hashChange, formData } = event;
  if (!canIntercept || hashChange || formData || event.navigationType === "reload" || pathname !== "/") return;
  const look = `/page/look?screen=${screen}&${search.slice(1)}`;
  const handler = () => fetch(look).then(({ ok }) => ok || location.reload());
  event.intercept({ focusReset: "manual", scroll: "manual", handler });
});

// The first paint doesn't wait for any of this; the first steps bring the rest of long channels.
requestAnimationFrame(() => setTimeout(() => {
  writeMoments();
  const stream = new EventSource(`/page/stream?screen=${screen}`);
  stream.onmessage = ({ data }) => take(JSON.parse(data));
  stream.addEventListener("gone", () => location.reload());
}));

setInterval(writeMoments, 1000);
setInterval(() => find("replay-plays")?.checked && location.replace(find("replay-on").href), 1000);
