"""The stylesheet and the one small script of the page: it renews what stands there, and says when it cannot."""

from typing import Final

SCRIPT: Final = """
const main = document.querySelector("main[data-live]");
let renewed = Date.now();

// What somebody presses, or types into, is not replaced under their hands.
const held = () => main.querySelector(":active, :is(input, select, textarea):focus");

const put = (fresh) => {
  const focused = main.querySelector(":focus");
  main.replaceChildren(...fresh.childNodes);
  const same = focused && [...main.querySelectorAll("a, button")].find((each) => each.isEqualNode(focused));
  same?.focus({ preventScroll: true });
};

const renew = async () => {
  if (Date.now() - renewed > 3 * main.dataset.live * 1000) main.classList.add("stale");
  if (document.hidden || held()) return;
  try {
    const answer = await fetch(location.pathname, { credentials: "same-origin", signal: AbortSignal.timeout(5000) });
    if (answer.redirected) return location.reload();
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (held()) return;
    put(page.querySelector("main"));
    document.title = page.title;
    renewed = Date.now();
    main.classList.remove("stale");
  } catch { main.classList.add("stale"); }
};

if (main) {
  setInterval(renew, main.dataset.live * 1000);
  document.addEventListener("visibilitychange", renew);
}
"""
STYLE: Final = """
:root {
  color-scheme: light dark;
  --bg: #f4f6f4; --card: #fff; --ink: #17211e; --soft: #586560; --line: #dbe2de; --edge: #7d8a85;
  --brand: #0a6a5c; --strong: #075346; --on-brand: #fff;
  --done: #17663f; --done-bg: #e3f3e9; --done-dot: #2b9a63;
  --moving: #1d4f9e; --moving-bg: #e6eefb; --moving-dot: #3b78d8;
  --waiting: #755000; --waiting-bg: #fdf1d3; --waiting-dot: #d99a13;
  --action: #a3231b; --action-bg: #fce8e6; --action-dot: #d8463c;
  --ended: #4b5652; --ended-bg: #e9edeb; --ended-dot: #8b9793;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #0f1413; --card: #171d1b; --ink: #e7ecea; --soft: #9dabb0; --line: #2a3330; --edge: #6b7974;
    --brand: #5ccbb5; --strong: #86dccb; --on-brand: #06231d;
    --done: #84d8a8; --done-bg: #152a1f; --done-dot: #3fae76;
    --moving: #a3c5ff; --moving-bg: #18243a; --moving-dot: #5b91e6;
    --waiting: #f0c873; --waiting-bg: #2d2511; --waiting-dot: #d9a53a;
    --action: #ffa59d; --action-bg: #371b19; --action-dot: #e2665d;
    --ended: #b3bfba; --ended-bg: #232a28; --ended-dot: #77837f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--bg); color: var(--ink); overflow-wrap: anywhere; font-variant-numeric: tabular-nums;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
}
header { display: flex; align-items: center; gap: 1rem; padding: .7rem clamp(1rem, 4vw, 2.5rem);
  border-bottom: 1px solid var(--line); background: var(--card); }
header form { margin-left: auto; }
.brand { font-weight: 740; font-size: 1.25rem; letter-spacing: -.02em; color: var(--brand); text-decoration: none; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 2.5rem) 4rem; }
main:focus { outline: none; }
h1 { font-size: 1.5rem; line-height: 1.2; font-weight: 680; letter-spacing: -.01em; margin: 0 0 .4rem; }
h2 { font-size: 1.08rem; font-weight: 650; margin: 1.75rem 0 .6rem; }
h3 { font-size: 1.02rem; font-weight: 650; margin: 0 0 .3rem; display: flex; flex-wrap: wrap; gap: .6rem;
  justify-content: space-between; align-items: center; }
p { margin: 0 0 .6rem; }
ul { margin: 0; padding: 0; list-style: none; }
a { color: var(--brand); text-underline-offset: .18em; }
:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px; border-radius: 6px; }
.skip { position: absolute; left: -999px; top: 0; background: var(--card); padding: .6rem 1rem; z-index: 9; }
.skip:focus { left: 0; }
.soft { color: var(--soft); } .bad { color: var(--action); } .lead { font-size: 1.1rem; margin: 0 0 1rem; }
.state .lead { margin: 0; }
.mono { font-family: ui-monospace, Menlo, Consolas, "Liberation Mono", monospace; font-size: .92em; }
.num { text-align: right; white-space: nowrap; }
.age, .hint { font-size: .86rem; color: var(--soft); margin: .5rem 0 0; }
.stale > * { opacity: .5; } .stale .age { color: var(--action); }
.stale::before { content: "O que se vê aqui é de antes: nada de novo chega do gateway. Veja se ele está rodando.";
  display: block; padding: .9rem 1.2rem; margin: 0 0 1rem; border-radius: 12px; font-weight: 600;
  color: var(--action); background: var(--action-bg); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem 1.2rem;
  position: relative; }
main > .card + .card { margin-top: 1rem; }
.card > :last-child, .state > :last-child { margin-bottom: 0; }
.card > h2:first-child { margin-top: 0; }
.narrow { max-width: 26rem; margin: 8vh auto; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); gap: 1rem; }
.two { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; margin: 1rem 0; }
.state { border-radius: 12px; padding: 1.2rem; margin-bottom: 1rem; border-left: 6px solid var(--dot); }
.state.done { background: var(--done-bg); } .state.waiting { background: var(--waiting-bg); }
.state.action { background: var(--action-bg); }
.done { --dot: var(--done-dot); } .moving { --dot: var(--moving-dot); } .waiting { --dot: var(--waiting-dot); }
.action { --dot: var(--action-dot); } .ended { --dot: var(--ended-dot); }
.findings { display: grid; gap: .6rem; margin-bottom: 1rem; }
.findings:empty { display: none; }
.alert, .notice { border-radius: 10px; padding: .7rem 1rem; margin: 0 0 1rem; }
.findings .alert { margin: 0; } .alert p { margin: 0; } .alert .remedy { color: var(--ink); }
.alert .soft, .alert a { color: inherit; }
.alert.action { background: var(--action-bg); color: var(--action); }
.alert.waiting { background: var(--waiting-bg); color: var(--waiting); }
.alert.moving { background: var(--moving-bg); color: var(--moving); }
.notice { background: var(--done-bg); color: var(--done); font-weight: 560; }
.badge { display: inline-flex; align-items: center; gap: .4rem; padding: .1rem .6rem; border-radius: 99px;
  font-size: .86rem; font-weight: 620; white-space: nowrap; vertical-align: middle; }
.badge::before { content: ""; width: .5rem; height: .5rem; border-radius: 50%; background: var(--dot); }
.badge.done { color: var(--done); background: var(--done-bg); }
.badge.moving { color: var(--moving); background: var(--moving-bg); }
.badge.action { color: var(--action); background: var(--action-bg); }
.badge.ended { color: var(--ended); background: var(--ended-bg); }
h1 .badge { font-size: 1rem; }
td .badge { white-space: normal; }
.stretched { color: inherit; text-decoration: none; }
.stretched::after { content: ""; position: absolute; inset: 0; }
.card:has(.stretched):hover { border-color: var(--edge); }
.facts { margin: .4rem 0 0; }
.facts > div { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: .75rem; padding: .35rem 0;
  border-top: 1px solid var(--line); }
.facts > div:first-child { border-top: 0; }
.facts dt { color: var(--soft); font-size: .92rem; } .facts dd { margin: 0; }
.tight > div { grid-template-columns: minmax(0, 1fr) auto; } .tight dd { text-align: right; }
.bar { display: block; width: 100%; min-width: 5rem; height: .5rem; border-radius: 99px; background: var(--line);
  margin: .25rem 0; }
.bar rect { fill: var(--dot); }
.told li { padding: .5rem 0; border-top: 1px solid var(--line); } .told li:first-child { border-top: 0; }
.empty { color: var(--soft); padding: 1.1rem; border: 1.5px dashed var(--line); border-radius: 12px; }
.crumb { font-size: .9rem; }
.list { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--card);
  border: 1px solid var(--line); border-radius: 12px; }
.list th { text-align: left; font-size: .82rem; color: var(--soft); padding: .55rem 1rem; font-weight: 600; }
.list th.num { text-align: right; }
.list td { padding: .6rem 1rem; border-top: 1px solid var(--line); }
.list td .soft { font-size: .88rem; }
.sums { margin-top: .8rem; border: 0; } .sums th, .sums td { padding-left: 0; }
label { display: block; font-weight: 560; font-size: .92rem; margin: .6rem 0 .25rem; }
input { font: inherit; width: 100%; min-height: 2.75rem; padding: .5rem .7rem; color: var(--ink); background: var(--bg);
  border: 1px solid var(--edge); border-radius: 8px; }
.acts { margin: .9rem 0 0; display: flex; flex-wrap: wrap; gap: .7rem; }
button, .button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .5rem 1.1rem; border-radius: 10px;
  cursor: pointer; border: 1px solid transparent; background: var(--brand); color: var(--on-brand);
  text-decoration: none;  display: inline-flex; align-items: center; }
form > button { margin-top: .9rem; }
button:hover, .button:hover { background: var(--strong); }
.small { min-height: 2.2rem; padding: .2rem .8rem; font-size: .92rem; }
button.danger { background: transparent; color: var(--action); border-color: currentcolor; }
button.danger:hover { background: var(--action-bg); }
button.link { background: none; color: var(--brand); padding: 0; margin: 0; min-height: 2rem; font-weight: 500;
  text-decoration: underline; }
@media (max-width: 40rem) {
  h1 { font-size: 1.35rem; }
  .two { grid-template-columns: minmax(0, 1fr); }
  .list, .list tbody, .list tr, .list td { display: block; }
  .list { background: none; border: 0; }
  .list thead { display: none; }
  .list tr { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: .7rem 1rem;
    margin-bottom: .6rem; }
  .list td { padding: .1rem 0; border: 0; text-align: left; }
  .list td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); font-size: .88rem; }
  .sales tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 .75rem; }
  .sales td[data-label]::before { display: none; }
  .sales td.total { order: 1; text-align: left; font-weight: 640; } .sales td.what { order: 2; }
  .sales td.when { order: 3; } .sales td.till { order: 4; text-align: right; }
  .sales td.where { order: 5; grid-column: 1 / -1; }
  .sales td:is(.where, .till, .when) { color: var(--soft); font-size: .9rem; }
  .sales td.till[data-label]::before { display: inline; }
  .sums tr { display: grid; grid-template-columns: 1fr 1fr; padding: .5rem 0; margin: 0; }
  .list.sums tr { border-width: 1px 0 0; border-radius: 0; }
  .sums td:first-child { grid-column: 1 / -1; font-weight: 600; }
  .sums td:first-child::before { display: none; }
  .sums td.num { font-size: .92rem; }
  .facts:not(.tight) > div { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
"""
