// The list of articles: files that are dropped, articles that are chosen, asked and removed.
// Text is only ever set as text, never as HTML.
"use strict";

(() => {
  const UNDO_FOR = 8000; // milliseconds
  const find = (selector) => document.querySelector(selector);
  const rows = () => [...document.querySelectorAll(".listing li[data-id]")];

  // --- choosing ------------------------------------------------------------------------------
  const bar = find(".chosen-bar");
  const chosen = () => rows().filter((row) => row.querySelector("input").checked);
  function count() {
    const number = chosen().length;
    bar.hidden = number === 0;
    bar.querySelector(".count").textContent = `${number} chosen`;
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
    undoBar.querySelector("span").textContent =
      picked.length === 1 ? "1 article removed." : `${picked.length} articles removed.`;
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
      note("Articles", `couldn’t be removed: ${reply.error.message}`, true);
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

  async function send(method, address, body) {
    try {
      const headers = typeof body === "string" ? { "content-type": "application/json" } : {};
      // A removal is carried out also if the page is left.
      const reply = await fetch(footnote.base + address, { method, body, headers, keepalive: typeof body === "string" });
      return await reply.json();
    } catch {
      return { error: { message: "Footnote isn’t running." } };
    }
  }

  // --- adding --------------------------------------------------------------------------------------
  const add = find(".add");
  if (!add) return;
  const receipt = add.querySelector(".receipt");

  function note(name, text, failed) {
    const item = document.createElement("li");
    item.classList.toggle("failed", Boolean(failed));
    const file = document.createElement("b");
    file.textContent = name;
    item.append(file, ` ${text}`);
    receipt.append(item);
    return item;
  }

  function outcome({ added, updated, unchanged, failed, skipped, titles, error }) {
    if (error) return [error.message, true];
    const said = [];
    const names = (ids) => {
      const title = ids.length === 1 && titles?.[ids[0]];
      return title ? `“${title}”` : `${ids.length} article${ids.length === 1 ? "" : "s"}`;
    };
    if (added.length) said.push(`added ${names(added)}`);
    if (updated.length) said.push(`updated ${names(updated)}`);
    if (unchanged.length) said.push(`already here: ${names(unchanged)}`);
    const left = [...failed, ...skipped];
    for (const { reason } of left.slice(0, 3)) said.push(reason);
    if (left.length > 3) said.push(`and ${left.length - 3} more were left out`);
    return [said.join("; ") || "nothing to read in it", failed.length > 0];
  }

  async function upload(files) {
    receipt.replaceChildren();
    let changed = false;
    let number = 0;
    for (const { file, path } of files) {
      const item = note(path, `reading… (${++number} of ${files.length})`);
      const reply = await send("POST", `/api/uploads?name=${encodeURIComponent(path)}`, file);
      const [text, failed] = outcome(reply);
      changed ||= Boolean(reply.added?.length || reply.updated?.length);
      item.lastChild.textContent = ` ${text}`;
      item.classList.toggle("failed", failed);
    }
    if (changed) offerList();
  }

  function offerList() {
    const again = document.createElement("a");
    again.href = `${footnote.base}/articles`;
    again.textContent = "Show the list as it is now";
    receipt.append(document.createElement("li"));
    receipt.lastChild.append(again);
  }

  add.addEventListener("change", (event) => {
    if (event.target.type !== "file") return;
    const files = [...event.target.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
    if (files.length) upload(files);
    event.target.value = "";
  });

  // Everything in a dropped folder, with its path.
  async function entriesOf(entry, prefix = "") {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      return [{ file, path: prefix + file.name }];
    }
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return found;
      for (const inner of some) found.push(...(await entriesOf(inner, `${prefix}${entry.name}/`)));
    }
  }
  let depth = 0;
  const over = (on) => add.classList.toggle("over", on);
  document.addEventListener("dragenter", () => over(++depth > 0));
  document.addEventListener("dragleave", () => over(--depth > 0));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    over(Boolean((depth = 0)));
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = (await Promise.all(entries.map((entry) => entriesOf(entry)))).flat();
    if (files.length) upload(files.filter(({ path }) => !path.split("/").some((part) => part.startsWith("."))));
  });
})();
