// Notices that the server is gone or was restarted, says so, and comes back with what was there.
"use strict";

(() => {
  const KEY = "footnote-restore";
  const EVERY = 4000; // milliseconds between two looks, and while the server is gone
  const EVERY_WHEN_DOWN = 1000;
  let instance = null;
  let down = false;
  let leaving = false;
  let timer;

  const notice = document.createElement("div");
  notice.id = "connection";
  notice.setAttribute("role", "alert");
  document.body.append(notice);

  async function check() {
    clearTimeout(timer);
    try {
      const reply = await fetch(`${footnote.base}/api/health`, { cache: "no-store" });
      const health = await reply.json();
      if (instance === null) instance = health.instance;
      // Gradio forgets a page that disconnects, so even one that was only cut off must load again.
      if (down || health.instance !== instance) return comeBack();
    } catch {
      if (!leaving) lost();
    }
    timer = setTimeout(check, down ? EVERY_WHEN_DOWN : EVERY);
  }

  function lost() {
    if (down) return;
    down = true;
    document.body.classList.add("disconnected");
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = footnote.say("try_again");
    again.addEventListener("click", check);
    notice.replaceChildren(`${footnote.say("not_running_start")} `, again);
  }

  function comeBack() {
    leaving = true;
    const area = document.querySelector("#question-box textarea");
    const waiting = document.querySelector(".turn[aria-busy] .question");
    const stored = new URLSearchParams(location.search).has("conversation");
    const turns = stored ? [] : [...document.querySelectorAll(".turn:not([aria-busy])")];
    sessionStorage.setItem(KEY, JSON.stringify({
      text: area?.value || waiting?.textContent || "",
      turns: turns.map((turn) => turn.outerHTML).join(""),
    }));
    location.reload();
  }

  // --- after the page was loaded again ---------------------------------------------------------
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  sessionStorage.removeItem(KEY);
  function restore() {
    const area = document.querySelector("#question-box textarea");
    if (!area) return requestAnimationFrame(restore);
    if (kept.turns) {
      // These turns are this server's own HTML, as it was on this very page.
      const before = document.createElement("div");
      before.id = "before-restart";
      before.innerHTML = kept.turns;
      for (const actions of before.querySelectorAll(".turn-actions")) actions.remove();
      const note = document.createElement("p");
      note.className = "page-note";
      note.textContent = footnote.say("restarted");
      before.append(note);
      document.querySelector("#past").before(before);
    }
    if (kept.text) window.footnoteChat.fill(kept.text);
  }
  if (kept) restore();

  // --- Gradio says in a toast, which is hidden, that a question did not reach the server ---------------
  new MutationObserver(async () => {
    const toast = document.querySelector(".toast-body:not([data-seen])");
    if (!toast) return;
    toast.dataset.seen = "";
    await check();
    if (!down && !leaving)
      window.footnoteChat.busy(footnote.say("busy"));
  }).observe(document.body, { childList: true, subtree: true });

  window.addEventListener("pagehide", () => (leaving = true));
  window.addEventListener("online", check);
  document.addEventListener("visibilitychange", () => document.hidden || check());
  check();
})();
