// The chat's composer and turns: ask, stop, copy, edit, and what is being waited for.
"use strict";

(() => {
  const QUIET_FOR = 700; // milliseconds before a question that is on its way is spoken of
  const QUEUED_AFTER = 2500;
  // After these, the next thing to do is to type; on a touch screen, a keyboard would come up.
  const BEFORE_TYPING = "#stop, #examples .example, [data-question], [data-backend], #active-filters .chip, .filter-close";
  const find = (selector) => document.querySelector(selector);
  const box = () => find("#question-box textarea");
  const clock = (since) => {
    const seconds = Math.floor((Date.now() - since) / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };

  function put(text) {
    box().value = text;
    box().dispatchEvent(new Event("input", { bubbles: true }));
  }
  function fill(text) {
    put(text);
    box().focus();
  }

  // --- a question on its way ---------------------------------------------------------------
  const status = document.createElement("p");
  status.id = "sending";
  status.className = "busy";
  status.setAttribute("role", "status");
  status.hidden = true;
  let sent = 0; // when the question was sent that the page does not show yet
  let asked = ""; // that question
  let before = []; // the turns that were shown then
  let began = 0; // when the answer that is being made was first seen

  // The first question makes the page a conversation, at once: if that waited for the server's reply,
  // everything would move when nobody expects it. This holds the place of the turn to come.
  const first = document.createElement("section");
  first.id = "first-question";
  function showFirst(question) {
    if (find(".turn")) return;
    const heading = Object.assign(document.createElement("h2"), { className: "question", dir: "auto" });
    heading.textContent = question.trim();
    first.replaceChildren(heading, status);
    find("#latest").prepend(first);
  }

  const shownTurns = () => [...document.querySelectorAll(".turn")];
  function sending(question) {
    sent = Date.now();
    asked = question;
    before = shownTurns();
    find(".add:not(.reading-files)")?.remove();
    showFirst(question);
    tick();
  }
  function isShown() {
    const turns = shownTurns();
    if (turns.length > before.length) return true;
    const last = turns.at(-1);
    return last && last !== before.at(-1) && last.querySelector(".question").textContent.trim() === asked.trim();
  }
  // The question leaves the box once the page shows it, unless something else is typed meanwhile.
  function shown() {
    sent = 0;
    if (box()?.value.trim() === asked.trim()) put("");
  }
  function busy(message) {
    sent = 0;
    status.textContent = message;
    status.hidden = false;
    status.classList.add("failed");
    look();
  }
  function tick() {
    const waited = sent ? Date.now() - sent : 0;
    if (sent) {
      status.classList.remove("failed");
      status.textContent =
        waited > QUEUED_AFTER
          ? footnote.say("queued", { time: clock(sent) })
          : footnote.say("sending");
      status.hidden = waited < QUIET_FOR;
    } else if (!status.classList.contains("failed")) status.hidden = true;
    const elapsed = find(".turn[aria-busy] .elapsed");
    if (elapsed && began && Date.now() - began > 2000) elapsed.textContent = clock(began);
    document.body.classList.toggle("answering", Boolean(sent || find(".turn[aria-busy]")));
  }
  setInterval(tick, 500);
  // The server drops a question if something with a higher number was done since, even before it came.
  let done = 0;
  const nextNumber = () => ++done;
  window.footnoteChat = { fill, busy, sending, nextNumber };

  // --- the box ---------------------------------------------------------------------------------
  const canAsk = () => box()?.value.trim() && !document.body.classList.contains("disconnected");
  function checkBox() {
    const ask = find("button#ask");
    if (box() && ask) ask.disabled = !canAsk();
  }
  document.addEventListener("input", checkBox);
  document.addEventListener("focusin", checkBox);
  // Enter in an empty box would still be sent, and its reply would overwrite what is typed meanwhile. Without a
  // server, what is typed stays.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || !event.target.closest?.("#question-box")) return;
    if (canAsk()) {
      if (!event.isComposing) sending(event.target.value);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && document.body.classList.contains("answering"))
      find("#stop")?.click();
  });

  // A question that the page does not show yet is taken back at once. When stopped, it stays in the box.
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#stop, #clear");
    if (!button) return;
    first.remove();
    status.classList.remove("failed");
    sent = 0;
    if (button.id === "clear") put("");
    tick();
  }, true);

  // --- what can be done with a turn ------------------------------------------------------------
  function answerOf(turn) {
    const notes = new Map();
    const paragraphs = [...turn.querySelectorAll(".answer .paragraph")].map((paragraph) => {
      const copy = paragraph.cloneNode(true);
      // A doubt goes along with its sentence, without its reasons.
      for (const verdict of copy.querySelectorAll(".verdict"))
        verdict.textContent = `(${verdict.querySelector(".badge").textContent})`;
      copy.querySelectorAll(".notes").forEach((mark) => {
        mark.textContent = [...mark.querySelectorAll("a")].map((link) => `[${link.textContent}]`).join("");
      });
      const text = copy.textContent.replaceAll("\u2060", "").replace(/\s+/g, " ").trim();
      if (paragraph.tagName !== "LI") return text;
      const list = paragraph.parentElement;
      return `${list.tagName === "OL" ? `${[...list.children].indexOf(paragraph) + 1}.` : "•"} ${text}`;
    });
    for (const link of turn.querySelectorAll("a.footnote")) notes.set(link.textContent, link.dataset);
    return { paragraphs, notes };
  }
  const note = (label, { title, source, quote }) =>
    `[${label}] ${[title, source].filter(Boolean).join(", ")}: “${quote}”`;

  async function copy(turn) {
    const { paragraphs, notes } = answerOf(turn);
    const lines = [...notes].map(([label, known]) => [note(label, known), known.address]);
    const plain = lines.map((line) => line.filter(Boolean).join(" ")).join("\n");
    const text = [...paragraphs, plain].filter(Boolean).join("\n\n");
    const rich = document.createElement("div");
    for (const [line, address] of [...paragraphs.map((words) => [words]), ...lines]) {
      const paragraph = document.createElement("p");
      paragraph.textContent = line;
      if (address) {
        const link = Object.assign(document.createElement("a"), { href: address, textContent: address });
        paragraph.append(" ", link);
      }
      rich.append(paragraph);
    }
    const kinds = { "text/plain": text, "text/html": rich.innerHTML };
    const blobs = Object.entries(kinds).map(([kind, value]) => [kind, new Blob([value], { type: kind })]);
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
  }

  function copyMarkdown(turn) {
    const wanted = fetch(turn.querySelector('.save a[href*="format=markdown"]').href);
    const text = wanted.then((reply) => (reply.ok ? reply.text() : Promise.reject(reply)));
    const blob = text.then((words) => new Blob([words], { type: "text/plain" }));
    return navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  }
  const COPIES = { copy, "copy-markdown": copyMarkdown };

  document.addEventListener("click", async (event) => {
    const example = event.target.closest?.("#examples .example");
    if (example) sending(example.textContent);
    else if (event.target.closest?.("#ask")) sending(box().value);
    if (event.target.closest?.(".filter-close")) find("details.filter").open = false;
    if (event.target.closest?.(BEFORE_TYPING) && event.pointerType !== "touch") box()?.focus();
    const button = event.target.closest?.("[data-action]");
    const turn = button?.closest(".turn");
    if (!turn) return;
    const action = button.dataset.action;
    if (action === "edit") fill(turn.querySelector(".question").textContent);
    if (action === "reword") fill(turn.querySelector(".reading-of").textContent);
    if (!COPIES[action]) return;
    let said = "copied";
    try {
      await COPIES[action](turn);
    } catch {
      said = "cannot_copy";
    }
    const label = (button.dataset.label ??= button.textContent);
    button.textContent = footnote.say(said);
    setTimeout(() => (button.textContent = label), 1600);
  });

  // Gradio sends these in English; if it sent them again, what is being typed could be lost.
  const BUTTONS = { ask: "ask", stop: "stop", clear: "new_conversation" };
  function translate() {
    for (const [id, key] of Object.entries(BUTTONS)) {
      const button = find(`button#${id}`);
      if (button && button.textContent.trim() !== footnote.say(key)) button.textContent = footnote.say(key);
    }
    const area = box();
    if (!area || area.placeholder === footnote.say("question_placeholder")) return;
    area.placeholder = footnote.say("question_placeholder");
    area.setAttribute("aria-label", footnote.say("your_question"));
  }

  // --- the page as it changes ----------------------------------------------------------------------
  function look() {
    const area = find("#ask-area");
    if (area && !status.isConnected) area.prepend(status);
    checkBox();
    translate();
    const running = find(".turn[aria-busy]");
    if (sent && isShown()) shown();
    if (running) began ||= Date.now();
    else began = 0;
    tick();
  }
  // Gradio turns the element of the answer before into that of the next one. As one of its own, it comes where
  // it belongs, and nothing moves there.
  let running = null;
  let earlier = 0; // the turns before it
  function renew() {
    const busy = find("#current .turn[aria-busy]");
    const count = document.querySelectorAll("#past .turn").length;
    if (busy && !(running && count === earlier)) busy.replaceWith(busy.cloneNode(true));
    running = busy;
    earlier = count;
  }
  let planned = false;
  new MutationObserver(() => {
    // Now: a frame that shows both would move what is below.
    if (first.isConnected && find(".turn")) first.remove();
    renew();
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      look();
    });
  }).observe(document.body, { childList: true, subtree: true });
  look();
})();
