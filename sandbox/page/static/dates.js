// Writes moments in the browser's own zone and language, relative to the world's clock, which may be ahead.

const ahead = () => Number(document.getElementById("clock")?.dataset.ahead ?? 0) * 1000;
const now = () => new Date(Date.now() + ahead());
const write = (options, format) => (date) => (format ??= new Intl.DateTimeFormat(undefined, options)).format(date);
const time = write({ hour: "numeric", minute: "2-digit" });
const present = write({ weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit", second: "2-digit" });
const DAY = 86400000;

// The word for a day near today, else the date: https://docs.slack.dev/messaging/formatting-message-text#date-formatting
function pretty(format) {
  return (date) => {
    const midnight = (one) => new Date(one.getFullYear(), one.getMonth(), one.getDate());
    const days = Math.round((midnight(date) - midnight(now())) / DAY);
    return Math.abs(days) <= 1 ? new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(days, "day") : format(date);
  };
}

function ago(date) {
  const seconds = Math.round((date - now()) / 1000);
  const [size, unit] = [[86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]].find(([size]) => Math.abs(seconds) >= size) ?? [1, "second"];
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}

const short = write({ month: "short", day: "numeric", year: "numeric" });
const medium = write({ month: "long", day: "numeric", year: "numeric" });
const long = write({ weekday: "long", month: "long", day: "numeric", year: "numeric" });
const FORMATS = {
  date_num: write({ year: "numeric", month: "2-digit", day: "2-digit" }),
  date_slash: write({ year: "numeric", month: "2-digit", day: "2-digit" }),
  date: medium, date_short: short, date_long: long,
  date_pretty: pretty(medium), date_short_pretty: pretty(short), date_long_pretty: pretty(long),
  day_divider_pretty: pretty(long), time, time_secs: write({ hour: "numeric", minute: "2-digit", second: "2-digit" }), ago,
};

function localized(element) {
  const date = new Date(element.dateTime);
  const text = element.dataset.format.replace(/\{(\w+)\}/g, (token, name) => FORMATS[name]?.(date) ?? token);
  if (element.textContent !== text) element.textContent = text;
  element.title = long(date) + ", " + FORMATS.time_secs(date);
}

// What the field of a date and a time takes: that moment in the browser's zone.
function chosen(seconds) {
  const at = new Date(seconds * 1000);
  return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

// Return HTML, or an element, with its moments written.
export function localize(html) {
  const root = typeof html === "string" ? document.createRange().createContextualFragment(html) : html;
  for (const element of root.querySelectorAll("time[data-format]")) localized(element);
  for (const field of root.querySelectorAll("input[data-seconds]")) if (field.dataset.seconds) field.setAttribute("value", chosen(field.dataset.seconds));
  return root;
}

// Show the world's time.
export function showTime() {
  const clock = document.getElementById("clock");
  if (clock) {
    clock.textContent = present(now());
    clock.dateTime = now().toISOString();
  }
}
