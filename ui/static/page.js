// Footnotes: their source beside the answer, their words in a card, and the keys that walk them.
// Without this script every footnote is a plain link to the reading page.
"use strict";

(() => {
  const wide = window.matchMedia("(min-width: 68rem)");
  const reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
  const behaviour = () => (reducedMotion.matches ? "auto" : "smooth");

  // --- the reading page -------------------------------------------------------------------
  const ANSWER = "footnote-answer"; // where the reading page leads back to
  if (document.body.classList.contains("document")) {
    const cited = document.getElementById("cited");
    if (cited) {
      const top = cited.getBoundingClientRect().top + window.scrollY;
      if (top < window.innerHeight * 0.7) window.scrollTo(0, 0);
      else cited.scrollIntoView({ block: "center" });
      cited.focus({ preventScroll: true });
    }
    const answer = sessionStorage.getItem(ANSWER);
    for (const link of document.querySelectorAll("a.back")) {
      link.hidden = !answer;
      if (answer) link.href = answer;
    }
    const heading = document.querySelector(".reading h1");
    if (heading && document.querySelector(".reading-bar"))
      new IntersectionObserver(([seen]) => {
        document.body.classList.toggle("past-title", !seen.isIntersecting);
      }).observe(heading);
    if (!document.body.classList.contains("with-sources")) return;
  }
  addEventListener("pagehide", () => {
    if (document.querySelector(".turn")) sessionStorage.setItem(ANSWER, location.pathname + location.search);
  });

  // --- the source panel ---------------------------------------------------------------------
  const panel = document.createElement("section");
  panel.id = "source";
  panel.setAttribute("aria-label", footnote.say("source_of_footnote"));
  panel.innerHTML =
    '<div class="source-head"><p class="kicker" id="source-kicker"></p>' +
    '<button type="button" class="source-close">×</button></div>' +
    '<div class="source-body" tabindex="-1"></div>';
  const backdrop = document.createElement("div");
  backdrop.id = "backdrop";
  const announcer = document.createElement("p");
  announcer.className = "visually-hidden";
  announcer.setAttribute("role", "status");
  document.body.append(backdrop, panel, announcer);

  const kicker = panel.querySelector("#source-kicker");
  const content = panel.querySelector(".source-body");
  const closer = panel.querySelector(".source-close");
  closer.title = footnote.say("close");
  closer.setAttribute("aria-label", footnote.say("close_source"));

  // Shows a message in place of a source.
  function tell(kind, words) {
    const note = document.createElement("p");
    note.className = kind;
    note.textContent = footnote.say(words);
    content.replaceChildren(note);
  }
  function empty() {
    kicker.textContent = footnote.say("sources");
    tell("source-hint", "source_hint");
  }
  empty();

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
      html = null;
    }
    if (mine !== request) return;
    kicker.textContent = footnote.say("footnote", { label: link.textContent });
    if (html === null) tell("misplaced", "source_unreachable");
    else content.innerHTML = html;
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

  // Closed on purpose, the panel stays away until a footnote is chosen.
  const CLOSED = "footnote-panel-closed";
  function setClosed(closed) {
    document.body.classList.toggle("panel-closed", closed);
    if (closed) localStorage.setItem(CLOSED, "");
    else localStorage.removeItem(CLOSED);
  }
  setClosed(localStorage.getItem(CLOSED) !== null);

  function close() {
    request++;
    active = null;
    mark();
    document.body.classList.remove("source-open");
    panel.removeAttribute("role");
    panel.removeAttribute("aria-modal");
    empty();
    if (opener && opener.isConnected) opener.focus({ preventScroll: true });
    opener = null;
  }
  window.footnoteSource = { close };

  // --- a footnote's words in a card: on hover, on focus, and when it is held ---------------------
  const card = document.createElement("div");
  card.id = "quote-card";
  card.setAttribute("role", "tooltip");
  card.hidden = true;
  document.body.append(card);
  const VERDICTS = {
    supported: "supports",
    unconfirmed: "nearest_words",
    contradicted: "says_otherwise",
  };
  const MAX_QUOTE = 320;
  let showing; // the timer that shows the card
  let held = false; // whether a long press showed it, so that the click that follows opens nothing

  function line(tag, text) {
    const element = document.createElement(tag);
    element.textContent = text;
    element.dir = "auto";
    return element;
  }
  function showCard(link) {
    if (link.getAttribute("href") === active) return;
    const { quote, source, title } = link.dataset;
    if (!quote) return;
    const short = quote.length > MAX_QUOTE ? `${quote.slice(0, MAX_QUOTE).trimEnd()} …` : quote;
    const verdict = [...(link.closest(".sentence")?.classList ?? [])].map((name) => VERDICTS[name]).find(Boolean);
    const about = line("p", [title, source].filter(Boolean).join(", "));
    if (verdict) about.append(line("span", footnote.say(verdict)));
    card.replaceChildren(line("blockquote", footnote.say("quoted", { text: short })), about);
    card.hidden = false;
    link.setAttribute("aria-describedby", card.id);
    const at = link.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left - 24), document.documentElement.clientWidth - card.offsetWidth - 8);
    const above = at.top - card.offsetHeight - 8;
    card.style.left = `${left}px`;
    card.style.top = `${above > 56 ? above : at.bottom + 8}px`;
  }
  function hideCard() {
    clearTimeout(showing);
    card.hidden = true;
    document.querySelector("a.footnote[aria-describedby]")?.removeAttribute("aria-describedby");
  }
  const planCard = (link, after, then) => {
    clearTimeout(showing);
    showing = setTimeout(() => {
      showCard(link);
      then?.();
    }, after);
  };
  const noteAt = (event) => event.target.closest?.("a.footnote");
  document.addEventListener("pointerover", (event) => {
    if (noteAt(event) && event.pointerType === "mouse") planCard(noteAt(event), 150);
  });
  document.addEventListener("pointerout", (event) => {
    if (noteAt(event)) hideCard();
  });
  document.addEventListener("focusin", (event) => {
    if (noteAt(event)?.matches(":focus-visible")) showCard(noteAt(event));
  });
  document.addEventListener("focusout", (event) => {
    if (noteAt(event)) hideCard();
  });
  document.addEventListener("pointerdown", (event) => {
    held = false;
    if (noteAt(event) && event.pointerType === "touch") planCard(noteAt(event), 450, () => (held = true));
    else hideCard();
  });
  document.addEventListener("contextmenu", (event) => {
    if (noteAt(event) && held) event.preventDefault();
  });
  addEventListener("scroll", hideCard, { passive: true });

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
      hideCard();
      if (held) held = false;
      else {
        setClosed(false);
        show(link, { focus: true });
      }
    } else if (event.target.closest?.(".source-close")) {
      if (wide.matches) setClosed(true);
      close();
    } else if (event.target === backdrop) close();
  });
  document.addEventListener("keydown", (event) => {
    const covered = document.body.classList.contains("conversations-open");
    if (event.key === "Escape" && !covered && (active || !card.hidden)) {
      event.preventDefault();
      if (card.hidden) close();
      hideCard();
    }
    if (event.key === "Tab" && panel.getAttribute("aria-modal")) keepInside(event);
    else if (event.key === "Tab" && active) passThrough(event);
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") walk(event);
  });

  // Arrow keys go from footnote to footnote.
  function walk(event) {
    const links = [...document.querySelectorAll("a.footnote")];
    const at = links.indexOf(document.activeElement);
    const next = links[at + (event.key === "ArrowRight" ? 1 : -1)];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  }

  // The panel is at the end of the page; Tab reaches it after its footnote.
  function passThrough(event) {
    const link = document.querySelector("a.footnote.active");
    const stops = [...panel.querySelectorAll("a[href], button")];
    const forward = !event.shiftKey;
    let target;
    if (document.activeElement === link && forward) target = stops[0];
    else if (document.activeElement === stops[0] && !forward) target = link;
    else if (document.activeElement === stops.at(-1) && forward) {
      const all = [...document.querySelectorAll("a[href], button, textarea, summary, input")];
      const outside = all.filter((item) => !panel.contains(item) && item.offsetParent && !item.disabled);
      target = outside[outside.indexOf(link) + 1];
    }
    if (!target) return;
    event.preventDefault();
    target.focus();
  }

  function keepInside(event) {
    const stops = [...panel.querySelectorAll("a[href], button")];
    const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
    if (document.activeElement === edge || !panel.contains(document.activeElement)) {
      event.preventDefault();
      (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
    }
  }

  // --- the conversation ----------------------------------------------------------------------
  let turns = 0;
  let wasBusy = false;

  function look() {
    const all = document.querySelectorAll(".turn");
    const last = all[all.length - 1];
    const begun = last || document.getElementById("first-question");
    document.body.classList.toggle("in-conversation", Boolean(begun));
    if (!last) {
      document.body.classList.remove("without-notes");
      if (turns) close();
      turns = 0;
      wasBusy = false;
      return;
    }
    const busy = last.getAttribute("aria-busy") === "true";
    // Without a footnote there is nothing to show beside the answer.
    document.body.classList.toggle("without-notes", !busy && !document.querySelector("a.footnote"));
    const fresh = all.length !== turns;
    // A conversation that was just opened shows its end; a new turn glides up.
    const glide = turns ? behaviour() : "auto";
    if (fresh && all.length > 1) last.scrollIntoView({ block: "start", behavior: glide });
    if (!busy && (wasBusy || fresh)) settle(last);
    turns = all.length;
    wasBusy = busy;
    mark();
  }

  function settle(turn) {
    const first = turn.querySelector("a.footnote");
    const said = [...turn.querySelectorAll(".paragraph .claim, .notice p, .stopped .trace-note")];
    const notes = turn.querySelectorAll("a.footnote").length;
    const count = notes ? ` ${footnote.say("n_footnotes", { n: notes })}` : "";
    announcer.textContent = said.map((part) => part.textContent).join(" ") + count;
    if (first && wide.matches && !document.body.classList.contains("panel-closed")) show(first, { focus: false });
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
