// Stored conversations: the list beside the chat, and what can be done with each one.
// Text is only ever set as text, never as HTML.
"use strict";

(() => {
  const { base, formats, say } = footnote;
  const API = `${base}/api/conversations`;
  const SHOWN = 60;
  const ownPage = document.body.classList.contains("document");
  const wide = window.matchMedia("(min-width: 90rem)");

  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  async function call(method, path, body) {
    const reply = await fetch(API + path, {
      method,
      headers: body ? { "content-type": "application/json" } : {},
      body: body && JSON.stringify(body),
    });
    const result = await reply.json();
    if (reply.status === 403) document.body.classList.remove("keeps-conversations");
    if (!reply.ok) throw new Error(result.error?.message ?? String(reply.status));
    return result;
  }

  // --- one dialog for renaming and deleting ---------------------------------------------------
  const dialog = make("dialog", { id: "conversation-dialog" });
  dialog.setAttribute("aria-labelledby", "conversation-dialog-title");
  document.body.append(dialog);

  // Resolves to whether the action was carried out; if it fails, the dialog stays open and says why.
  function ask({ title, text, value, verb, danger, action }) {
    return new Promise((resolve) => {
      const heading = make("h2", { id: "conversation-dialog-title", textContent: title });
      const input = make("input", { value: value ?? "", maxLength: 120, required: true });
      input.setAttribute("aria-label", say("title"));
      const failure = make("p", { className: "dialog-error" });
      failure.setAttribute("role", "alert");
      const cancel = make("button", { type: "button", textContent: say("cancel") });
      const go = make("button", { type: "submit", className: danger ? "danger" : "go", textContent: verb });
      const inner = value === undefined ? make("p", { textContent: text }) : input;
      const form = make("form", {}, heading, inner, failure, make("div", { className: "dialog-buttons" }, cancel, go));
      cancel.addEventListener("click", () => dialog.close());
      dialog.onclose = () => resolve(false);
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        try {
          await action(input.value);
        } catch (error) {
          failure.textContent = error.message;
          return;
        }
        dialog.onclose = null;
        dialog.close();
        resolve(true);
      });
      dialog.replaceChildren(form);
      dialog.showModal();
      if (value === undefined) cancel.focus();
      else input.select();
    });
  }

  const rename = (id, title) =>
    ask({
      title: say("rename_conversation"),
      value: title,
      verb: say("rename"),
      action: (fresh) => call("PATCH", `/${id}`, { title: fresh }),
    });
  const remove = (id, title) =>
    ask({
      title: say("delete_conversation"),
      text: say("delete_for_good", { title }),
      verb: say("delete"),
      danger: true,
      action: () => call("DELETE", `/${id}`),
    });

  // --- the menu of one conversation -----------------------------------------------------------
  function menu(id, title, after) {
    const summary = make("summary", { textContent: "⋯", title: say("menu_hint") });
    summary.setAttribute("aria-label", say("actions_for", { title }));
    const button = (what, action) => {
      const item = make("button", { type: "button", textContent: say(what) });
      item.addEventListener("click", async () => {
        box.open = false;
        if (await action(id, title)) after(what, id);
      });
      return item;
    };
    const box = make(
      "details",
      { className: "conversation-menu" },
      summary,
      make(
        "div",
        { className: "conversation-menu-list" },
        button("rename", rename),
        make("a", { href: `${base}/conversations/${id}`, textContent: say("read_and_print") }),
        ...formats.map(([format, label, isReferences]) =>
          make("a", {
            href: `${API}/${id}/export?format=${format}`,
            download: "",
            textContent: say(isReferences ? "save_references" : "save_as", { format: label }),
          }),
        ),
        button("delete", remove),
      ),
    );
    box.addEventListener("click", (event) => {
      if (event.target.closest("a")) box.open = false;
    });
    box.addEventListener("toggle", () => {
      if (box.open) box.lastElementChild.scrollIntoView({ block: "nearest" });
    });
    return box;
  }

  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll(".conversation-menu[open], .save[open], .model[open], .libraries[open], .languages[open], details.filter[open]"))
      if (!open.contains(event.target)) open.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const open = document.querySelector(".conversation-menu[open], .save[open], .model[open], .libraries[open], .languages[open], details.filter[open]");
    if (open) {
      event.preventDefault();
      open.open = false;
      open.querySelector("summary").focus();
    } else if (document.body.classList.contains("conversations-open")) {
      event.preventDefault();
      shut();
    }
  });

  // --- on pages of their own --------------------------------------------------------------------
  if (ownPage) {
    for (const row of document.querySelectorAll(".conversation-list li[data-id]"))
      row.append(menu(row.dataset.id, row.dataset.title, () => location.reload()));
    const whole = document.querySelector(".conversation[data-id]");
    if (whole) {
      const done = (what) => (what === "delete" ? location.assign(`${base}/conversations`) : location.reload());
      whole.querySelector("header").append(menu(whole.dataset.id, whole.dataset.title, done));
    }
    return;
  }

  // --- beside the chat --------------------------------------------------------------------------
  const search = make("input", { type: "search", placeholder: say("search"), maxLength: 200 });
  search.setAttribute("aria-label", say("search_conversations"));
  const list = make("ul", { className: "conversations-list" });
  const note = make("p", { className: "conversations-note" });
  note.setAttribute("role", "status");
  const fresh = make("a", { href: `${base}/`, className: "conversations-new", textContent: say("new") });
  fresh.setAttribute("aria-label", say("new_conversation"));
  const closer = make("button", { type: "button", className: "conversations-close", textContent: "×" });
  closer.setAttribute("aria-label", say("close_list"));
  const nav = make(
    "nav",
    { id: "conversations" },
    make("div", { className: "conversations-head" }, make("h2", { textContent: say("conversations") }), fresh, closer),
    search,
    list,
    note,
    make("a", { href: `${base}/conversations`, className: "conversations-all", textContent: say("see_all") }),
  );
  nav.setAttribute("aria-label", say("conversations"));
  const backdrop = make("div", { id: "conversations-backdrop" });
  document.body.prepend(backdrop, nav);
  document.body.classList.add("keeps-conversations");
  const opener = () => document.querySelector(".to-conversations");

  let current = new URLSearchParams(location.search).get("conversation");
  let request = 0;

  function row(item) {
    const link = make("a", { href: `${base}/?conversation=${item.id}`, textContent: item.title, title: item.title, dir: "auto" });
    if (item.id === current) link.setAttribute("aria-current", "page");
    const count = say("n_questions", { n: item.turns });
    const day = new Date(item.changed).toLocaleDateString(document.documentElement.lang, { day: "numeric", month: "short" });
    return make("li", {}, link, make("span", { className: "conversations-day", textContent: `${day} · ${count}` }), menu(item.id, item.title, changed));
  }

  async function refresh() {
    const mine = ++request;
    const words = search.value.trim();
    let found;
    try {
      found = await call("GET", `?most=${SHOWN}&search=${encodeURIComponent(words)}`);
    } catch (error) {
      if (mine === request) note.textContent = error.message;
      return;
    }
    if (mine !== request) return;
    if (!found.keeps && !words && !found.conversations.length)
      document.body.classList.remove("keeps-conversations");
    list.replaceChildren(...found.conversations.map(row));
    const nothing = say(words ? "no_conversations_match" : "will_appear");
    note.textContent = found.conversations.length ? "" : nothing;
  }

  function changed(what, id) {
    if (what === "delete" && id === current) startAnew();
    refresh();
    search.focus();
  }

  function startAnew() {
    const clear = document.querySelector("#clear");
    if (clear) clear.click();
    else history.replaceState(null, "", `${base}/`);
  }

  function show() {
    document.body.classList.add("conversations-open");
    opener()?.setAttribute("aria-expanded", "true");
    (list.querySelector("a") ?? search).focus({ preventScroll: true });
  }
  function shut() {
    document.body.classList.remove("conversations-open");
    opener()?.setAttribute("aria-expanded", "false");
    opener()?.focus({ preventScroll: true });
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest?.(".to-conversations") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      show();
    }
  });
  closer.addEventListener("click", shut);
  backdrop.addEventListener("click", shut);
  fresh.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    startAnew();
    if (document.body.classList.contains("conversations-open")) shut();
    document.querySelector("#question-box textarea")?.focus();
  });
  nav.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || wide.matches || !document.body.classList.contains("conversations-open")) return;
    const stops = [...nav.querySelectorAll("a[href], button, input, summary")].filter((stop) => stop.offsetParent);
    const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
    if (document.activeElement === edge) {
      event.preventDefault();
      (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
    }
  });
  let pause;
  search.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(refresh, 150);
  });

  // --- the address follows the conversation -------------------------------------------------------
  let turns = 0;
  let wanted = location.hash.startsWith("#turn-") ? location.hash.slice(1) : null;

  function look() {
    const all = document.querySelectorAll(".turn");
    const last = all[all.length - 1];
    if (!last) {
      if (turns) {
        current = null;
        history.replaceState(null, "", `${base}/`);
        refresh();
      }
      turns = 0;
      return;
    }
    if (wanted && document.getElementById(wanted)) {
      document.getElementById(wanted).scrollIntoView({ block: "start" });
      wanted = null;
    }
    const kept = last.dataset.conversation;
    if (last.getAttribute("aria-busy") !== "true" && kept && (kept !== current || all.length !== turns)) {
      if (kept !== current) {
        current = kept;
        history.replaceState(null, "", `${base}/?conversation=${kept}${location.hash}`);
      }
      turns = all.length;
      refresh();
    }
  }

  let planned = false;
  new MutationObserver(() => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      look();
    });
  }).observe(document.querySelector("gradio-app") ?? document.body, { childList: true, subtree: true });
  refresh();
})();
