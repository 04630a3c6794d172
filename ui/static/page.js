// Footnote's page: opens a footnote's source beside the answer, and nothing else.
// Without this script every footnote is a plain link to the reading page.
"use strict";

(() => {
  const wide = window.matchMedia("(min-width: 68rem)");
  const reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
  const behaviour = () => (reducedMotion.matches ? "auto" : "smooth");

  // --- the reading page -------------------------------------------------------------------
  if (document.body.classList.contains("document")) {
    const cited = document.getElementById("cited");
    if (cited) {
      const top = cited.getBoundingClientRect().top + window.scrollY;
      if (top < window.innerHeight * 0.7) window.scrollTo(0, 0);
      else cited.scrollIntoView({ block: "center" });
      cited.focus({ preventScroll: true });
    }
    return;
  }

  // --- the source panel ---------------------------------------------------------------------
  const panel = document.createElement("aside");
  panel.id = "source";
  panel.setAttribute("aria-label", "Source of the footnote");
  panel.innerHTML =
    '<div class="source-head"><p class="kicker" id="source-kicker">Sources</p>' +
    '<button type="button" class="source-close" aria-label="Close the source" title="Close (Esc)">×</button></div>' +
    '<div class="source-body" aria-live="polite" tabindex="-1"></div>';
  const backdrop = document.createElement("div");
  backdrop.id = "backdrop";
  const announcer = document.createElement("p");
  announcer.className = "visually-hidden";
  announcer.setAttribute("role", "status");
  document.body.append(backdrop, panel, announcer);

  const kicker = panel.querySelector("#source-kicker");
  const content = panel.querySelector(".source-body");
  const closer = panel.querySelector(".source-close");
  const HINT = '<p class="source-hint">Select a footnote to see its source.</p>';
  content.innerHTML = HINT;

  let active = null; // the address of the open footnote
  let opener = null; // the link that had the focus
  let request = 0;

  function mark() {
    for (const link of document.querySelectorAll("a.footnote")) {
      const on = link.getAttribute("href") === active;
      if (on === link.classList.contains("active")) continue;
      link.classList.toggle("active", on);
      if (on) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      link.closest(".sentence")?.classList.toggle("read", on);
    }
  }

  async function show(link, { focus }) {
    const mine = ++request;
    const address = new URL(link.href);
    opener = focus ? link : null;
    active = link.getAttribute("href");
    mark();
    const excerpt = address.pathname.replace(/\/$/, "") + "/excerpt" + address.search;
    let html;
    try {
      const reply = await fetch(excerpt, { headers: { accept: "text/html" } });
      html = await reply.text();
      if (!reply.ok && reply.status !== 404) throw new Error(String(reply.status));
    } catch {
      html = '<p class="misplaced">The source can’t be shown: the server isn’t answering.</p>';
    }
    if (mine !== request) return;
    kicker.textContent = "Footnote " + link.textContent;
    content.innerHTML = html;
    content.scrollTop = 0;
    document.body.classList.add("source-open");
    const quoted = content.querySelector("mark");
    if (quoted && quoted.offsetTop > content.clientHeight - 80) {
      content.scrollTop = quoted.offsetTop - content.clientHeight / 3;
    }
    if (focus && !wide.matches) {
      panel.setAttribute("role", "dialog");
      panel.setAttribute("aria-modal", "true");
      closer.focus({ preventScroll: true });
      const covered = link.getBoundingClientRect().bottom - panel.offsetTop + 12;
      if (covered > 0) window.scrollBy({ top: covered, behavior: behaviour() });
    }
  }

  function close() {
    request++;
    active = null;
    mark();
    document.body.classList.remove("source-open");
    panel.removeAttribute("role");
    panel.removeAttribute("aria-modal");
    kicker.textContent = "Sources";
    content.innerHTML = HINT;
    if (opener && opener.isConnected) opener.focus({ preventScroll: true });
    opener = null;
  }

  // --- why a sentence is doubted --------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const badge = event.target.closest?.(".badge");
    if (badge) badge.setAttribute("aria-expanded", String(badge.getAttribute("aria-expanded") !== "true"));
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.footnote");
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (link && plain && event.button === 0) {
      event.preventDefault();
      show(link, { focus: true });
    } else if (event.target === backdrop || event.target.closest?.(".source-close")) {
      close();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && active) close();
    if (event.key === "Tab" && panel.getAttribute("aria-modal")) keepInside(event);
  });

  function keepInside(event) {
    const stops = [...panel.querySelectorAll("a[href], button")];
    const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
    if (document.activeElement === edge || !panel.contains(document.activeElement)) {
      event.preventDefault();
      (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
    }
  }

  // --- the Ask button is disabled while there is no text ---------------------------------------
  function checkBox() {
    const box = document.querySelector("#question-box textarea");
    const ask = document.querySelector("button#ask");
    if (box && ask) ask.disabled = !box.value.trim();
  }
  // Enter in an empty box would still be sent, and its reply would overwrite what is typed meanwhile.
  document.addEventListener("keydown", (event) => {
    const inBox = event.target.closest && event.target.closest("#question-box");
    if (event.key === "Enter" && !event.shiftKey && inBox && !event.target.value.trim()) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);
  document.addEventListener("input", checkBox);
  document.addEventListener("focusin", checkBox);

  // --- the conversation ----------------------------------------------------------------------
  let turns = 0;
  let wasBusy = false;

  function look() {
    checkBox();
    const all = document.querySelectorAll(".turn");
    const last = all[all.length - 1];
    document.body.classList.toggle("in-conversation", all.length > 0);
    if (!last) {
      if (turns) close();
      turns = 0;
      wasBusy = false;
      return;
    }
    const busy = last.getAttribute("aria-busy") === "true";
    const fresh = all.length !== turns;
    // A conversation that was just opened stands where it ended; a new turn glides up.
    const glide = turns ? behaviour() : "auto";
    if (fresh && all.length > 1) last.scrollIntoView({ block: "start", behavior: glide });
    if (!busy && (wasBusy || fresh)) settle(last);
    turns = all.length;
    wasBusy = busy;
    mark();
  }

  function settle(turn) {
    const first = turn.querySelector("a.footnote");
    const notes = turn.querySelectorAll("a.footnote").length;
    announcer.textContent = turn.querySelector(".notice, .refusal")
      ? "No answer. The reason is below your question."
      : `Answer ready, with ${notes} footnote${notes === 1 ? "" : "s"}.`;
    if (first && wide.matches) show(first, { focus: false });
    else if (active) close();
  }

  let planned = false;
  new MutationObserver(() => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      look();
    });
  }).observe(document.body, { childList: true, subtree: true });
})();
