// A page that stays open is looked at anew when what its reader sees has changed: what he may no longer read leaves his screen.
"use strict";

{
  const seen = document.body.dataset.live;
  const EVERY = 15000;

  async function look() {
    try {
      const answer = await fetch("/live", { cache: "no-store", redirect: "manual" });
      const changed = answer.ok ? (await answer.text()) !== seen : answer.type === "opaqueredirect" || answer.status === 401;
      // Words that are being written are the writer's: they stay until he leaves the form.
      const writes = answer.ok && document.activeElement?.closest("form.ask");
      if (changed && !writes) location.reload();
    } catch {
      // The server cannot be reached: the next look will tell.
    }
  }

  setInterval(look, EVERY);
  window.addEventListener("focus", look);
  window.addEventListener("pageshow", look);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
}
