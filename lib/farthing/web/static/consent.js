// Watches a consent until it is ready and then starts a sync. Without scripts the page reloads itself and has
// a button.
const page = document.getElementById("consent");
const address = `/api/consents/${encodeURIComponent(page.dataset.reference)}`;

async function watch() {
  const before = page.dataset.state;
  for (let seconds = 2; ; seconds = Math.min(seconds * 1.4, 20)) { // GoCardless counts calls a minute
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok) continue;
    const now = await answer.json();
    if (`${now.status} ${now.ready}` !== before) return location.reload();
  }
}

async function sync() {
  const told = document.getElementById("sync");
  document.getElementById("start").hidden = true;
  told.textContent = "Starting a sync…";
  for (let tries = 0; tries < 8; tries++) { // for Prefect may be starting itself
    const answer = await fetch(`${address}/sync`, { method: "POST" }).catch(() => null);
    const url = answer?.ok ? (await answer.json()).url : null;
    if (url) {
      const link = Object.assign(document.createElement("a"), { href: url, textContent: "Watch it in Prefect" });
      return told.replaceChildren("A sync has been started. ", link, ".");
    }
    told.innerHTML = "To bring the transactions, run <code>farthing sync</code> in a terminal.";
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }
}

if (page.dataset.waits) watch();
else if (page.dataset.ready) sync();
