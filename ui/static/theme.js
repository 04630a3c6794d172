// What the server tells the scripts; and the theme that was chosen, before anything is painted.
// Automatic follows the system.
"use strict";

window.footnote = JSON.parse(document.querySelector("meta[name=footnote]").content);

(() => {
  const KEY = "footnote-theme";
  const NAMES = { auto: "Theme: automatic", light: "Theme: light", dark: "Theme: dark" };
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const asked = new URLSearchParams(location.search).get("__theme");

  function chosen() {
    return localStorage.getItem(KEY) ?? (asked in NAMES ? asked : "auto");
  }
  function apply() {
    const theme = chosen();
    const dark = theme === "dark" || (theme === "auto" && system.matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    // Gradio's own parts follow this class.
    document.body?.classList.toggle("dark", dark);
    for (const button of document.querySelectorAll(".theme-switch")) {
      button.textContent = { auto: "◐", light: "☀", dark: "☾" }[theme] + "\ufe0e";
      button.title = NAMES[theme];
      button.setAttribute("aria-label", NAMES[theme]);
    }
  }
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.(".theme-switch")) return;
    const names = Object.keys(NAMES);
    localStorage.setItem(KEY, names[(names.indexOf(chosen()) + 1) % names.length]);
    apply();
  });
  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", () => {
    apply();
    // The chat's bar comes later than the page.
    new MutationObserver(() => {
      if (document.querySelector('.theme-switch:not([aria-label])')) apply();
    }).observe(document.body, { childList: true, subtree: true });
  });
  apply();
})();
