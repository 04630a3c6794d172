// The list of articles: those that are chosen, asked, named and removed. Adding them is in adding.js.
// Text is only ever set as text, never as HTML.
"use strict";

(() => {
  const UNDO_FOR = 8000; // milliseconds
  const { send, note } = window.footnoteAdding;
  const find = (selector) => document.querySelector(selector);
  const rows = () => [...document.querySelectorAll(".listing li[data-id]")];
  const idOf = (row) => row.dataset.id;

  // --- the list as it is now -------------------------------------------------------------------
  // A part that did not change stays, and so does what is typed, chosen or in focus.
  async function refresh() {
    const reply = await fetch(location.href).catch(() => null);
    if (!reply?.ok) return;
    const now = new DOMParser().parseFromString(await reply.text(), "text/html");
    const kept = new Set(chosen().map(idOf));
    const focused = document.activeElement.closest("[data-id]")?.dataset.id;
    for (const part of document.querySelectorAll("[data-part]")) {
      const fresh = now.querySelector(`[data-part="${part.dataset.part}"]`);
      if (fresh && !fresh.isEqualNode(part)) part.replaceWith(fresh);
    }
    for (const row of rows()) {
      const box = row.querySelector("input");
      box.checked = kept.has(idOf(row));
      if (idOf(row) === focused) box.focus();
    }
    count();
    hide();
  }
  window.footnoteAdding.changed = refresh;

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
    if (event.target.closest?.(".article-order")) event.target.form.requestSubmit();
  });
  bar.addEventListener("click", (event) => {
    const what = event.target.dataset.do;
    const picked = chosen();
    if (what === "keep") name(naming.hidden);
    if (what === "ask") location.assign(`${footnote.base}/?article=${picked.map(idOf).join(",")}`);
    if (what === "none" || what === "remove") for (const row of picked) row.querySelector("input").checked = false;
    if (what === "remove") remove(picked.map(idOf));
    count();
  });

  // --- a choice that has a name ------------------------------------------------------------------
  const naming = bar.querySelector("form");
  const failed = bar.querySelector(".failed");
  function name(isOpen) {
    naming.hidden = !isOpen;
    bar.querySelector('[data-do="keep"]').setAttribute("aria-expanded", String(isOpen));
    if (isOpen) naming.querySelector("input").focus();
    else naming.reset();
  }
  naming.addEventListener("submit", async (event) => {
    event.preventDefault();
    const collection = { name: naming.querySelector("input").value, articles: chosen().map(idOf) };
    const reply = await send("POST", "/api/collections", JSON.stringify(collection));
    failed.textContent = reply.error?.message ?? "";
    if (reply.error) return;
    name(false);
    bar.querySelector('[data-do="none"]').click();
    refresh();
  });
  document.addEventListener("click", async (event) => {
    const forget = event.target.closest?.("[data-forget]");
    if (!forget) return;
    await send("DELETE", "/api/collections", JSON.stringify({ name: forget.dataset.forget }));
    refresh();
  });

  // --- removing, which can be undone until it is done ------------------------------------------
  // The tab keeps what waits for that, because sorting, searching and turning pages load the list anew.
  const WAITING = `footnote-removing${footnote.base}`;
  const undoBar = find(".undo-bar");
  const removed = new Set(); // the server has been told
  let timer = 0;
  let staying = false;

  const waiting = () => JSON.parse(sessionStorage.getItem(WAITING)) ?? { ids: [] };
  const keep = (what) => sessionStorage.setItem(WAITING, JSON.stringify(what));
  function hide() {
    const { ids } = waiting();
    for (const row of rows()) row.hidden = ids.includes(idOf(row)) || removed.has(idOf(row));
  }
  function wait(ids, until) {
    clearTimeout(timer);
    keep({ ids, until });
    hide();
    undoBar.hidden = !ids.length;
    undoBar.querySelector("span").textContent = footnote.say("n_removed", { n: ids.length });
    if (ids.length) timer = setTimeout(commit, until - Date.now());
  }
  function remove(ids) {
    wait([...waiting().ids, ...ids], Date.now() + UNDO_FOR);
    undoBar.querySelector("button").focus();
  }
  const sendRemoval = (ids) => send("POST", "/api/remove", JSON.stringify({ ids }));
  async function commit() {
    const { ids } = waiting();
    for (const id of ids) removed.add(id);
    wait([]);
    const reply = await sendRemoval(ids);
    for (const id of ids) removed.delete(id);
    if (reply.error) note(footnote.say("articles"), footnote.say("not_removed", reply.error), true);
    refresh();
  }
  undoBar.querySelector("button").addEventListener("click", () => wait([]));

  // Whoever leaves the list has made up their mind; another view of it is still the list.
  const isList = (address) => new URL(address, location).pathname === location.pathname;
  function stay(address) {
    staying = isList(address);
    setTimeout(() => (staying = false), 2000); // it was opened in another tab
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (link) stay(link.href);
  });
  document.addEventListener("submit", (event) => event.target.matches(".article-search") && stay(event.target.action));
  addEventListener("pagehide", () => {
    const { ids } = waiting();
    if (staying || !ids.length) return;
    sendRemoval(ids);
    keep({ ids: [], sent: ids, at: Date.now() });
  });
  const { ids, until, sent, at } = waiting();
  if (Date.now() - at < UNDO_FOR) {
    // The server made this list before it got the message that the last page sent on leaving.
    for (const id of sent) removed.add(id);
    setTimeout(() => refresh(removed.clear()), 1000);
  }
  wait(ids, until);
})();
