// Files that are chosen, or dropped anywhere on the page, and web addresses become articles.
// Text is only ever set as text, never as HTML.
"use strict";

(() => {
  const MOST_ASKED = 1000; // articles

  async function send(method, address, body, signal) {
    try {
      const headers = typeof body === "string" ? { "content-type": "application/json" } : {};
      // A removal is carried out even if the page is left.
      const reply = await fetch(footnote.base + address, { method, body, headers, signal, keepalive: typeof body === "string" });
      return await reply.json();
    } catch {
      return { error: { message: footnote.say(signal?.aborted ? "stopped_reading" : "not_running") } };
    }
  }

  // On the articles' page there is a place for what is added; in the chat, one is made above the box.
  function place() {
    const found = document.querySelector(".add");
    if (found) return found;
    const made = document.createElement("section");
    made.className = "add";
    made.setAttribute("aria-label", footnote.say("add_articles"));
    made.append(Object.assign(document.createElement("ul"), { className: "receipt", ariaLive: "polite" }));
    (document.querySelector("#ask-area:not(.hide)") ?? document.querySelector("#library-notice"))?.prepend(made);
    return made;
  }
  const receipt = () => place().querySelector(".receipt");

  function note(name, text, failed) {
    const item = document.createElement("li");
    item.classList.toggle("failed", Boolean(failed));
    const file = document.createElement("b");
    file.textContent = name;
    file.dir = "auto"; // no sign in it turns round what follows
    item.append(file, ` ${text}`);
    append(item);
    return item;
  }
  function append(item) {
    receipt().append(item);
    receipt().scrollTop = receipt().scrollHeight;
  }
  // On the page of articles, the list shows at once what changed.
  const changed = () => line(link(`${footnote.base}/articles`, footnote.say("show_list")));
  window.footnoteAdding = { send, note, changed };

  function outcome(name, reply) {
    if (reply.error) return reply.error.message;
    const left = [...reply.failed, ...reply.skipped];
    const reasons = left.slice(0, 3).map(({ origin, reason }) => {
      // What it is in a feed or an archive.
      const inner = origin.split(name).at(-1).replace(/^#/, "");
      return inner ? footnote.say("labelled", { label: inner, text: reason }) : reason;
    });
    if (left.length > 3) reasons.push(footnote.say("n_left_out", { n: left.length - 3 }));
    const said = stored(reply, reply.titles);
    if (said && reasons.length) reasons.unshift(`${said}.`);
    return reasons.join(" ") || said || footnote.say("nothing_to_read");
  }
  function stored(reply, titles = {}) {
    const names = (ids) => {
      const title = ids.length === 1 && titles[ids[0]];
      return title ? footnote.say("quoted", { text: title }) : footnote.say("n_articles", { n: ids.length });
    };
    const some = ["added", "updated", "unchanged", "grouped"].filter((how) => reply[how]?.length);
    return some.map((how) => footnote.say(how, { what: names(reply[how]) })).join("; ");
  }
  // Offers to ask only what is in the library now; of many articles, an address cannot hold the ids.
  function offer(item, reply) {
    const ids = ["added", "updated", "unchanged"].flatMap((how) => reply[how] ?? []);
    if (!ids.length || ids.length > MOST_ASKED) return;
    item.append(" ", link(`${footnote.base}/?article=${ids.join(",")}`, footnote.say(ids.length > 1 ? "ask_only_these" : "ask_only_this")));
  }

  // So many a second, and the minutes and seconds that are left.
  function pace(done, total, since) {
    const rate = (done * 1000) / (performance.now() - since);
    const left = Math.ceil((total - done) / rate);
    const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    const figure = { maximumFractionDigits: rate < 10 ? 1 : 0 };
    return footnote.say("pace", { rate: rate.toLocaleString(document.documentElement.lang, figure), time });
  }
  // Until it is stopped, tells of a file that holds many articles how many are stored.
  function follow(item, said) {
    const since = performance.now();
    const timer = setInterval(async () => {
      const { done, total } = await send("GET", "/api/uploads");
      if (!done || !(total > 1) || item.dataset.read) return;
      item.lastChild.textContent = ` ${said} ${footnote.say("stored", { done, total })} ${pace(done, total, since)}`;
    }, 1000);
    return () => clearInterval(timer, (item.dataset.read = true));
  }

  const upload = (files) =>
    take(files.map(({ file, path }) => ({
      name: path,
      add: () => send("POST", `/api/uploads?name=${encodeURIComponent(path)}`, file),
    })));

  // Adds one after the other. What takes long, and not only a file, ends when its signal is aborted.
  async function take(sources) {
    receipt().replaceChildren();
    place().classList.add("reading-files");
    const stop = Object.assign(document.createElement("button"), { type: "button", textContent: footnote.say("stop") });
    const stopping = new AbortController();
    stop.addEventListener("click", () => {
      stop.disabled = true;
      stopping.abort();
    });
    if (sources.length > 1 || sources[0].isLong) receipt().after(stop);
    const all = { added: [], updated: [], unchanged: [] };
    let number = 0;
    const since = performance.now();
    for (const { name, add } of sources) {
      if (stop.disabled) break;
      const soFar = number ? pace(number, sources.length, since) : "";
      const said = `${footnote.say("reading_file", { n: ++number, total: sources.length })} ${soFar}`;
      const item = note(name, said);
      const unfollow = follow(item, said);
      const reply = await add(stopping.signal);
      unfollow();
      item.lastChild.textContent = ` ${outcome(name, reply)}`;
      item.classList.toggle("failed", Boolean(reply.error || reply.failed.length));
      offer(item, reply);
      for (const how of Object.keys(all)) all[how].push(...(reply[how] ?? []));
    }
    place().classList.remove("reading-files");
    stop.remove();
    end(all, sources.length, number);
    if (all.added.length || all.updated.length) window.footnoteAdding.changed();
  }
  // What failed is told where it is seen, and the whole below it.
  function end(all, total, read) {
    const failed = receipt().querySelectorAll(".failed");
    receipt().append(...failed);
    if (read < total) line(footnote.say("n_stopped", { n: total - read }));
    const said = [stored(all), failed.length && footnote.say("n_failed", { n: failed.length })].filter(Boolean);
    if (total === 1 || !said.length) return;
    const item = line(footnote.say("altogether", { what: said.join("; ") }));
    item.className = "total";
    offer(item, all);
  }
  const line = (content) => {
    const item = document.createElement("li");
    item.append(content);
    append(item);
    return item;
  };
  const link = (href, textContent) => Object.assign(document.createElement("a"), { href, textContent });

  document.addEventListener("change", (event) => {
    if (!event.target.matches?.(".add input[type=file]")) return;
    const files = [...event.target.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
    if (files.length) upload(files);
    event.target.value = "";
  });

  // What is pasted beside all boxes is an address.
  document.addEventListener("paste", (event) => {
    const box = document.querySelector(".add form [name=addresses]");
    if (!box || event.target.closest?.("input:not([type=checkbox]), textarea")) return;
    event.preventDefault();
    box.value = event.clipboardData.getData("text").split(/\s+/).join(" ").trim();
    box.focus();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".add form")) return;
    event.preventDefault();
    const { addresses, follow } = event.target.elements;
    const typed = addresses.value.split(/\s+/).filter(Boolean);
    const named = typed.map((address) => (/^[a-z]+:\/\//i.test(address) ? address : `https://${address}`));
    if (named.length)
      take(named.map((address) => {
        const asked = JSON.stringify({ address, follow: follow.checked });
        return { name: address, isLong: true, add: (signal) => send("POST", "/api/addresses", asked, signal) };
      }));
    event.target.reset();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.matches?.('.add [data-do="refresh"]')) return;
    const add = (signal) => send("POST", "/api/refresh", "{}", signal);
    take([{ name: event.target.textContent, isLong: true, add }]);
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
  // Words that are dragged into a box are not files.
  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const over = (on) => document.body.classList.toggle("dropping", on);
  let depth = 0;
  document.addEventListener("dragenter", (event) => holdsFiles(event) && over(++depth > 0));
  document.addEventListener("dragleave", (event) => holdsFiles(event) && over(--depth > 0));
  document.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault(), true);
  document.addEventListener("drop", async (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    over(Boolean((depth = 0)));
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = (await Promise.all(entries.map((entry) => entriesOf(entry)))).flat();
    const visible = files.filter(({ path }) => !path.split("/").some((part) => part.startsWith(".")));
    if (visible.length) upload(visible);
  }, true);
})();
