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

  const find = (selector) => document.querySelector(selector);
  const box = () => find("#question-box textarea");
  const notice = document.createElement("div");
  notice.id = "connection";
  notice.setAttribute("role", "alert");

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
    // Over the links to other pages, which lead nowhere now, and over nothing that is read.
    (find("#masthead") ?? document.body).append(notice);
  }

  function comeBack() {
    leaving = true;
    // The server has the stored turns, and no other.
    const turns = [...document.querySelectorAll(".turn")];
    const last = turns.findLastIndex((turn) => turn.dataset.conversation);
    const turnsHtml = turns.slice(last + 1).map((turn) => turn.outerHTML).join("");
    const follows = last >= 0;
    sessionStorage.setItem(KEY, JSON.stringify({ text: box()?.value ?? "", turns: turnsHtml, follows }));
    location.reload();
  }

  // --- after the page was loaded again ---------------------------------------------------------
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  sessionStorage.removeItem(KEY);
  const shown = document.createElement("div");
  shown.id = "before-restart";

  function line(className, words) {
    const made = document.createElement("p");
    made.className = className;
    made.textContent = footnote.say(words);
    return made;
  }

  // An answer that was being made ended there. Without the server's own buttons, it can still be asked for again.
  function endedHere(turn) {
    if (turn.getAttribute("aria-busy")) turn.append(line("trace-note", "interrupted"));
    turn.removeAttribute("aria-busy");
    for (const part of turn.querySelectorAll(".busy, .draft")) part.remove();
    for (const part of turn.querySelectorAll(".paragraph")) if (!part.textContent.trim()) part.remove();
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = footnote.say("try_again");
    again.addEventListener("click", () => resend(turn));
    const actions = document.createElement("div");
    actions.className = "turn-actions";
    actions.append(again);
    turn.append(actions);
  }

  // Asks again; what is being typed meanwhile comes back once the question has left the box.
  function resend(turn) {
    const typed = box().value;
    window.footnoteChat.fill(turn.querySelector(".question").textContent);
    requestAnimationFrame(() => find("#ask").click());
    const timer = setInterval(() => {
      if (box().value) return;
      clearInterval(timer);
      window.footnoteChat.fill(typed);
      turn.remove();
    }, 100);
  }

  function restore() {
    if (!box()) return requestAnimationFrame(restore);
    if (kept.turns) {
      // These turns are this server's own HTML, as it was on this very page.
      shown.innerHTML = kept.turns;
      for (const actions of shown.querySelectorAll(".turn-actions")) actions.remove();
      for (const turn of shown.querySelectorAll(".turn:is([aria-busy], :has(.stopped, .notice))")) endedHere(turn);
      if (kept.follows) find("#current").append(shown);
      else {
        if (shown.querySelector("a.footnote")) shown.append(line("page-note", "restarted"));
        find("#past").before(shown);
      }
    }
    if (kept.text) window.footnoteChat.fill(kept.text);
  }
  if (kept) restore();
  document.addEventListener("click", (event) => event.target.closest?.("#clear") && shown.remove());
  // Below the stored turns, it makes room for the next one.
  new MutationObserver(() => {
    if (kept?.follows && find("#current .turn[aria-busy]")) shown.remove();
  }).observe(document.body, { childList: true, subtree: true });

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
