// Sends the text to be checked, and shows the server's HTML.
"use strict";

(() => {
  const form = document.querySelector(".check form");
  const area = form.querySelector("textarea");
  const stop = form.querySelector(".stop");
  const result = document.querySelector(".checked");
  let running = null;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    running?.abort();
    const mine = (running = new AbortController());
    const waiting = document.createElement("p");
    waiting.className = "busy";
    waiting.textContent = footnote.say("checking");
    result.replaceChildren(waiting);
    footnoteSource.close(); // it belongs to the text that was checked before
    stop.hidden = false;
    try {
      const reply = await fetch(`${footnote.base}/check/result`, {
        method: "POST",
        signal: mine.signal,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ text: area.value }),
      });
      const html = await reply.text();
      if (!reply.ok) throw new Error(String(reply.status));
      result.innerHTML = html;
    } catch {
      if (mine === running) waiting.textContent = footnote.say(mine.signal.aborted ? "stopped" : "check_failed");
      waiting.classList.remove("busy");
    }
    if (mine === running) stop.hidden = true;
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  stop.addEventListener("click", () => running?.abort());
})();
