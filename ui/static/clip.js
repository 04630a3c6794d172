// The window that receives a page from the bookmarklet. Text is only ever set as text.
"use strict";

(() => {
  const clip = document.getElementById("clip");
  const find = (id) => document.getElementById(`clip-${id}`);
  const say = (text) => (find("status").textContent = text);
  let page = null;

  window.addEventListener("message", (event) => {
    const { address, html } = event.data ?? {};
    if (page || event.source !== window.opener) return;
    if (typeof address !== "string" || typeof html !== "string") return;
    // The browser says who sent it: a site cannot hand over a page of another.
    if (!URL.canParse(address) || new URL(address).origin !== event.origin) return;
    page = { address, html };
    const shown = new DOMParser().parseFromString(html, "text/html");
    find("title").textContent = shown.title || address;
    find("address").textContent = address;
    find("page").hidden = false;
    find("help").hidden = true;
    find("add").focus();
  });

  find("add").addEventListener("click", async () => {
    find("add").disabled = true;
    say(footnote.say("reading_page"));
    try {
      const reply = await fetch(`${footnote.base}/clip`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-footnote-token": clip.dataset.token },
        body: JSON.stringify(page),
      });
      const result = await reply.json();
      if (!reply.ok) throw new Error(result.error?.message ?? String(reply.status));
      if (result.failed.length) throw new Error(result.failed[0].reason);
      const done = ["added", "updated", "unchanged"].find((what) => result[what].length);
      say(footnote.say(`clip_${done}`));
    } catch (error) {
      find("add").disabled = false;
      say(footnote.say("not_added", error));
    }
  });

  window.opener?.postMessage("footnote", "*");
})();
