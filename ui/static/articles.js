// The list of articles: those that are chosen, asked, named and removed. Adding them is in adding.js.
// Text is only ever set as text, never as HTML.
"use strict";

(() => {
  const UNDO_FOR = 8000; // milliseconds
  const { send, note } = window.footnoteAdding;
  const find = (selector) => document.querySelector(selector);
  const rows = () => [...document.querySelectorAll(".listing li[data-id]")];

  // --- choosing ------------------------------------------------------------------------------
  const bar = find(".chosen-bar");
  const chosen = () => rows().filter((row) => row.querySelector("input").checked);
  function count() {
    const number = chosen().length;
    bar.hidden = number === 0;
    bar.querySelector(".count").textContent = footnote.say("n_chosen", { n: number });
  }
  document.addEventListener("change", (event) => {
    if (event.target.closest?.(".listing")) count();
    if (event.target.closest?.(".article-order")) event.target.form.submit();
  });
  bar.addEventListener("click", (event) => {
    const what = event.target.dataset.do;
    const picked = chosen();
    if (what === "keep") {
      naming.hidden = !naming.hidden;
      event.target.setAttribute("aria-expanded", String(!naming.hidden));
      if (!naming.hidden) naming.querySelector("input").focus();
    }
    if (what === "ask") location.assign(`${footnote.base}/?article=${picked.map((row) => row.dataset.id).join(",")}`);
    if (what === "none" || what === "remove") for (const row of picked) row.querySelector("input").checked = false;
    if (what === "remove") remove(picked);
    count();
  });

  // --- a choice that has a name ------------------------------------------------------------------
  const naming = bar.querySelector("form");
  const failed = bar.querySelector(".failed");
  naming.addEventListener("submit", async (event) => {
    event.preventDefault();
    const articles = chosen().map((row) => row.dataset.id);
    const name = naming.querySelector("input").value;
    const reply = await send("POST", "/api/collections", JSON.stringify({ name, articles }));
    if (reply.error) failed.textContent = reply.error.message;
    else location.reload();
  });
  document.addEventListener("click", async (event) => {
    const forget = event.target.closest?.("[data-forget]");
    if (!forget) return;
    const reply = await send("DELETE", "/api/collections", JSON.stringify({ name: forget.dataset.forget }));
    if (!reply.error) forget.closest("li").remove();
  });

  // --- removing, which can be undone until it is done ------------------------------------------
  const undoBar = find(".undo-bar");
  let removing = null;

  function remove(picked) {
    commit();
    for (const row of picked) row.hidden = true;
    undoBar.querySelector("span").textContent = footnote.say("n_removed", { n: picked.length });
    undoBar.hidden = false;
    removing = { picked, timer: setTimeout(commit, UNDO_FOR) };
    undoBar.querySelector("button").focus();
  }
  async function commit() {
    if (!removing) return;
    const { picked, timer } = removing;
    removing = null;
    clearTimeout(timer);
    undoBar.hidden = true;
    const reply = await send("POST", "/api/remove", JSON.stringify({ ids: picked.map((row) => row.dataset.id) }));
    if (reply.error) {
      for (const row of picked) row.hidden = false;
      note(footnote.say("articles"), footnote.say("not_removed", reply.error), true);
    } else location.reload();
  }
  undoBar.querySelector("button").addEventListener("click", () => {
    if (!removing) return;
    clearTimeout(removing.timer);
    for (const row of removing.picked) row.hidden = false;
    removing = null;
    undoBar.hidden = true;
  });
  addEventListener("pagehide", commit);
})();
