// The privacy switch, filters that go along to the next notebook, and a word when a newer build is published.
const page = document.documentElement;
const EVERY = 20_000; // milliseconds

function show(isPrivate) {
  page.classList.toggle("private", isPrivate);
  for (const button of document.querySelectorAll("[data-privacy]")) {
    button.setAttribute("aria-pressed", String(isPrivate));
    button.textContent = isPrivate ? "Show amounts" : "Hide amounts";
  }
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-privacy]")) {
    const isPrivate = !page.classList.contains("private");
    localStorage.setItem("farthing-private", isPrivate ? "1" : "");
    show(isPrivate);
  }
  const link = event.target.closest(".f-nav a");
  if (link && link.pathname.startsWith("/notebooks/")) {
    const kept = new URLSearchParams(location.search);
    for (const name of [...kept.keys()]) if (!["period", "currency", "account", "category"].includes(name)) kept.delete(name);
    link.search = kept;
  }
});

// Vega draws the brush of a chart without words for those who hear the page; the marks that it picks have theirs.
const charts = new WeakSet();
function hush(chart) {
  for (const part of chart.shadowRoot.querySelectorAll(".pick_brush, .pick_brush_bg")) part.setAttribute("aria-hidden", "true");
}

// A place in the page that the address names is there only once its cell has answered, and moves as charts above it are
// drawn; so it is led to until that has settled, or until whoever looks goes elsewhere.
const SETTLES = 4_000; // milliseconds
let wanted, reached;
function want() {
  wanted = decodeURIComponent(location.hash.slice(1));
  reached = 0;
}
function lead() {
  const place = wanted && document.querySelector(`#root [id="${CSS.escape(wanted)}"]`);
  if (!place || document.getElementById("f-first")) return;
  reached ||= Date.now();
  if (Date.now() - reached > SETTLES) wanted = "";
  else place.scrollIntoView();
}
want();
addEventListener("hashchange", want);
for (const move of ["wheel", "touchmove", "keydown", "pointerdown"]) addEventListener(move, () => { wanted = ""; }, { passive: true });
setInterval(lead, 200);

new MutationObserver(() => {
  for (const chart of document.querySelectorAll("marimo-vega")) {
    if (!chart.shadowRoot || charts.has(chart)) continue;
    charts.add(chart);
    hush(chart);
    new MutationObserver(() => hush(chart)).observe(chart.shadowRoot, { childList: true, subtree: true });
  }
  const first = document.getElementById("f-first");
  if (first && document.querySelector(first.querySelector(".f-cards") ? "#root .f-cards, #root .f-note" : "#root .f-standing, #root .f-note")) first.remove();
  const button = document.querySelector("[data-privacy]");
  const menu = document.querySelector("button[aria-haspopup=menu]:not([aria-label])"); // marimo's own has no name
  if (menu && !menu.textContent.trim()) menu.setAttribute("aria-label", "Menu");
  const isPrivate = page.classList.contains("private");
  if (button && (button.getAttribute("aria-pressed") === "true") !== isPrivate) show(isPrivate);
}).observe(page, { childList: true, subtree: true });

// Should no cell ever answer, marimo's own words on that are below.
setTimeout(() => document.getElementById("f-first")?.remove(), 20_000);

setInterval(async () => {
  const shown = document.querySelector("[data-edition]")?.dataset.edition;
  if (!shown || document.hidden || document.querySelector(".f-new")) return;
  const answer = await fetch("/api/edition").catch(() => null);
  const { edition } = answer?.ok ? await answer.json() : {};
  if (!edition || edition === shown || document.querySelector(".f-new")) return;
  const button = Object.assign(document.createElement("button"), { textContent: "Show it", type: "button" });
  button.addEventListener("click", () => location.reload());
  const box = Object.assign(document.createElement("div"), { className: "f-note f-new", role: "status" });
  box.setAttribute("role", "status");
  box.append("A newer build is published.", button);
  document.body.append(box);
}, Number(new URLSearchParams(location.search).get("watch")) || EVERY);
