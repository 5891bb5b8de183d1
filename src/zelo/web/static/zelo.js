// Makes the pages live. Every page works without it: this only spares reloads, asks before acts, and copies.
"use strict";

document.documentElement.classList.add("js");

const clockOffset = Date.now() - Date.parse(document.body.dataset.now);
const BETWEEN_REFRESHES_MS = 1000;
const EVERY_MS = 20000;
const COPIED_MS = 2000;

// Ages: a server's instant as "há 12 s", told by the server's clock.
function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86400)} d`;
}

function tellAges() {
  const now = Date.now() - clockOffset;
  for (const time of document.querySelectorAll("time[data-age], time[data-ago]")) {
    const ago = `há ${span(now - Date.parse(time.dateTime))}`;
    if ("ago" in time.dataset) { time.textContent = ago; continue; }
    time.dataset.shown ??= time.textContent;
    time.textContent = `${time.dataset.shown} (${ago})`;
  }
}

// A live region: when something of the company has changed, its fragment is fetched again and put in its place.
function live(region) {
  let events = null, timer = null, last = 0, stale = false;

  async function refresh() {
    timer = null;
    last = Date.now();
    try {
      const answer = await fetch(region.dataset.live, { credentials: "same-origin" });
      if (answer.redirected || answer.status === 404) { location.reload(); return; }
      if (!answer.ok) { stale = true; return; }
      const html = await answer.text();
      stale = false;
      if (!busy(region)) swap(region, html);
    } catch { stale = true; }
    region.classList.toggle("stale", stale);
    tellAges();
  }

  function soon() {
    if (timer === null && !busy(region)) timer = setTimeout(refresh, Math.max(0, last + BETWEEN_REFRESHES_MS - Date.now()));
  }

  function listen() {
    if (document.hidden) { events?.close(); events = null; return; }
    if (events !== null) return;
    events = new EventSource(region.dataset.events);
    events.onmessage = soon;
    events.onopen = () => region.classList.remove("stale");
    events.onerror = () => region.classList.add("stale");
  }

  document.addEventListener("visibilitychange", listen);
  window.addEventListener("pagehide", () => events?.close());
  setInterval(() => { if (!document.hidden) soon(); }, EVERY_MS);
  listen();
}

// Nobody is interrupted while filling something in, being asked, or reading what an act came to.
function busy(region) {
  return region.querySelector("details.act[open], input[type=checkbox]:checked, [data-copied]") !== null || document.querySelector("dialog[open]") !== null;
}

function swap(region, html) {
  const versions = new Map([...region.querySelectorAll("[data-key]")].map((row) => [row.dataset.key, row.dataset.version]));
  const open = new Set([...region.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent));
  const focused = region.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  region.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  for (const row of region.querySelectorAll("[data-key]")) {
    if (versions.size && versions.get(row.dataset.key) !== row.dataset.version) row.classList.add("fresh");
  }
  for (const summary of region.querySelectorAll("details > summary")) {
    if (open.has(summary.textContent)) summary.parentElement.open = true;
  }
  askFirst(region);
  if (focused) [...region.querySelectorAll("a")].find((a) => a.getAttribute("href") === focused)?.focus({ preventScroll: true });
}

// Acts that cannot be undone are asked about; without this script a checkbox asks.
function askFirst(root) {
  for (const form of root.querySelectorAll("form[data-confirm]")) form.noValidate = true;
}

function confirmFirst(form) {
  const dialog = document.getElementById("confirmar");
  document.getElementById("confirmar-texto").textContent = form.dataset.confirm;
  const answered = (event) => {
    const answer = event.target.dataset.answer;
    if (!answer) return;
    dialog.close();
    if (answer !== "sim") return;
    for (const box of form.querySelectorAll("input[name=certeza]")) box.checked = true;
    form.dataset.sure = "sim";
    form.requestSubmit();
  };
  dialog.addEventListener("click", answered);
  dialog.addEventListener("close", () => dialog.removeEventListener("click", answered), { once: true });
  dialog.showModal();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.confirm && form.dataset.sure !== "sim") {
    event.preventDefault();
    confirmFirst(form);
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch { // a browser that has no clipboard here, or does not give it
    getSelection().selectAllChildren(button.previousElementSibling);
    return;
  }
  if (button.dataset.copied) return;
  button.dataset.copied = button.textContent;
  button.textContent = "Copiado";
  setTimeout(() => { button.textContent = button.dataset.copied; delete button.dataset.copied; }, COPIED_MS);
});

askFirst(document);
for (const region of document.querySelectorAll("[data-live]")) live(region);
tellAges();
setInterval(tellAges, 1000);
