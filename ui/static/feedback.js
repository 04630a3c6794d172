// Thumbs up or down below an answer, with a reason; kept with the conversation.
// Text is only ever set as text, never as HTML.
"use strict";

(() => {
  const REASONS = ["wrong", "off_topic", "incomplete", "not_said"];
  const judged = new Map(); // by conversation: judgments by turn, or the promise of them

  async function call(method, path, body) {
    const reply = await fetch(`${footnote.base}/api/feedback/${path}`, {
      method,
      headers: body ? { "content-type": "application/json" } : {},
      body: body && JSON.stringify(body),
    });
    const result = await reply.json();
    if (!reply.ok) throw new Error(result.error?.message ?? String(reply.status));
    return result;
  }

  const placeOf = (turn) => [turn.dataset.conversation, Number(turn.id.replace("turn-", ""))];

  async function known(conversation) {
    if (!judged.has(conversation))
      judged.set(
        conversation,
        call("GET", conversation).then(
          ({ feedback }) => new Map(feedback.map((given) => [given.number, given])),
          () => new Map(),
        ),
      );
    return judged.get(conversation);
  }

  async function show(turn) {
    const [conversation, number] = placeOf(turn);
    const given = (await known(conversation)).get(number);
    for (const button of turn.querySelectorAll("[data-judge]"))
      button.setAttribute("aria-pressed", String(given !== undefined && given.good === (button.dataset.judge === "good")));
  }

  async function judge(turn, given) {
    const [conversation, number] = placeOf(turn);
    const all = await known(conversation);
    if (given) all.set(number, await call("PUT", `${conversation}/${number}`, given));
    else {
      await call("DELETE", `${conversation}/${number}`);
      all.delete(number);
    }
    await show(turn);
  }

  function form(turn) {
    const made = document.createElement("form");
    made.className = "judgment";
    const reasons = document.createElement("div");
    reasons.setAttribute("role", "group");
    reasons.setAttribute("aria-label", footnote.say("what_is_wrong"));
    reasons.append(...REASONS.map((reason) => button("button", footnote.say(reason), reason)));
    const note = document.createElement("input");
    note.maxLength = 2000;
    note.placeholder = footnote.say("words_that_answer");
    note.setAttribute("aria-label", note.placeholder);
    const said = document.createElement("p");
    said.setAttribute("role", "status");
    made.append(reasons, note, button("submit", footnote.say("send")), said);
    let chosen = "";
    async function send() {
      try {
        await judge(turn, { good: false, reason: chosen, note: note.value });
        said.textContent = footnote.say("feedback_kept");
        return true;
      } catch (error) {
        said.textContent = error.message;
        return false;
      }
    }
    reasons.addEventListener("click", (event) => {
      if (!event.target.dataset.reason) return;
      chosen = event.target.dataset.reason;
      for (const one of reasons.children) one.setAttribute("aria-pressed", String(one === event.target));
      send();
    });
    made.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (await send()) made.replaceChildren(said);
    });
    return made;
  }

  function button(type, textContent, reason = "") {
    const made = Object.assign(document.createElement("button"), { type, textContent });
    if (!reason) return made;
    made.className = "reason";
    made.dataset.reason = reason;
    made.setAttribute("aria-pressed", "false");
    return made;
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-judge]");
    const turn = button?.closest(".turn");
    if (!turn) return;
    const good = button.dataset.judge === "good";
    const again = button.getAttribute("aria-pressed") === "true";
    turn.querySelector(".judgment")?.remove();
    try {
      await judge(turn, again ? null : { good });
    } catch (error) {
      const said = document.createElement("p");
      said.className = "judgment trace-note";
      said.setAttribute("role", "alert");
      said.textContent = error.message;
      turn.append(said);
      return;
    }
    if (good || again) return;
    const made = form(turn);
    turn.querySelector(".turn-actions").after(made);
    made.querySelector("button").focus();
  });

  const shown = new WeakSet();
  let planned = false;
  new MutationObserver(() => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      for (const turn of document.querySelectorAll(".turn[data-conversation]")) {
        const button = turn.querySelector("[data-judge]");
        if (!button || shown.has(button)) continue;
        shown.add(button);
        show(turn);
      }
    });
  }).observe(document.body, { childList: true, subtree: true });
})();
