"use strict";
// All that runs in the browser. The pages work without it: times stay in UTC, and a page shows how it was when it was sent.

// Text of this server becomes elements here and nowhere else; all values in it were escaped when it was rendered.
const policy = window.trustedTypes ? trustedTypes.createPolicy("hilum", {createHTML: text => text}) : {createHTML: text => text};
const parse = text => new DOMParser().parseFromString(policy.createHTML(text), "text/html").body;
const byId = id => document.getElementById(id);

// Every time in the reader's zone.
const localise = root => root.querySelectorAll("time[datetime]").forEach(each => {
  const when = new Date(each.dateTime), far = Math.abs(Date.now() - when) > 20 * 3600e3;
  const second = "seconds" in each.dataset ? {second: "2-digit"} : {}, day = far ? {year: "numeric", month: "short", day: "numeric"} : {};
  each.textContent = when.toLocaleString([], {...day, hour: "2-digit", minute: "2-digit", ...second});
  each.title = when.toString();
});

// A fold fetches its content each time it is opened, also when it comes anew with its part.
document.addEventListener("toggle", async ({target: fold}) => {
  if (!fold.open || !fold.dataset.fetch) return;
  const reply = await fetch(fold.dataset.fetch).catch(() => null), inner = fold.querySelector(".fetched");
  if (reply?.ok) inner.replaceChildren(...parse(await reply.text()).childNodes);
  localise(inner);
}, true);

// A part takes the place of the old one with its id. What is open stays open, and the focus stays where it is.
const replace = html => {
  const fresh = parse(html).firstElementChild, old = byId(fresh.id), focused = document.activeElement;
  const mark = old.contains(focused) && ["id", "href", "aria-label"].find(each => focused.hasAttribute(each));
  const again = mark && `[${mark}="${CSS.escape(focused.getAttribute(mark))}"]`, onSummary = old.contains(focused) && focused.closest("summary");
  old.querySelectorAll("details[open]").forEach(each => {
    const fold = fresh.querySelector("#" + CSS.escape(each.id)), inner = each.querySelector(".fetched");
    if (fold) fold.open = true;
    if (fold && inner) fold.querySelector(".fetched").replaceWith(inner);
  });
  localise(fresh);
  old.replaceWith(fresh);
  if (again || onSummary) fresh.querySelector(again || `#${CSS.escape(onSummary.parentElement.id)} > summary`)?.focus({preventScroll: true});
  const {title, icon} = fresh.dataset;
  if (title && byId("said").textContent !== title) byId("said").textContent = document.title = title;
  if (icon) byId("icon").href = icon;
};

// The page says in words whether it is live. The server is heard every 15 seconds, or the connection counts as broken.
const tell = (words, look) => { if (byId("live").textContent !== words) byId("live").textContent = words; byId("live").className = look; };
const listen = () => {
  const source = new EventSource(document.body.dataset.live), clock = byId("live").nextElementSibling;
  const stale = () => tell("Not live. Shown as of", "not-live");
  const broken = () => { source.close(); clearTimeout(watch); stale(); setTimeout(listen, 5e3); };
  const heard = () => { clearTimeout(watch); watch = setTimeout(broken, 40e3); tell("live", "live"); clock.dateTime = new Date().toISOString(); localise(clock.parentElement); };
  let watch = setTimeout(broken, 40e3);
  source.addEventListener("part", event => { heard(); replace(event.data); });
  source.addEventListener("tick", heard);
  source.addEventListener("stale", stale);
  source.onerror = broken;
};
localise(document);
if (document.body.dataset.live && byId("live")) listen();
