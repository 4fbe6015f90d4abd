// Writes moments in the browser's own zone and language; the world's clock may be ahead of the machine's.
const FORMATS = JSON.parse(document.body.dataset.formats), FULL = { dateStyle: "full", timeStyle: "medium" };
const known = {}; // formatters are slow to make
const relative = () => known.relative ??= new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const daysOf = (date) => Math.floor((date / 60000 - date.getTimezoneOffset()) / 1440);

function write(date, now, { near, ago, ...options }) {
  const days = daysOf(date) - daysOf(now), seconds = (date - now) / 1000;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1);
  if (ago) return relative().format(Math.round(seconds / size), unit);
  if (near && Math.abs(days) <= 1) return relative().format(days, "day");
  return (known[JSON.stringify(options)] ??= new Intl.DateTimeFormat(undefined, options)).format(date);
}

export function writeMoments() {
  const clock = document.getElementById("clock"), now = new Date(Date.now() + clock.dataset.ahead * 1000);
  clock.dateTime = now.toISOString();
  for (const time of document.querySelectorAll("time[data-format]")) {
    const date = new Date(time.dateTime);
    const said = (token, name) => (FORMATS[name] ? write(date, now, FORMATS[name]) : token);
    const written = time.dataset.format.replace(/\{(\w+)\}/g, said);
    if (time.textContent !== written) time.textContent = written;
    time.title ||= write(date, now, FULL);
  }
}
