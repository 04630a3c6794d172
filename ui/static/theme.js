// What the server tells the scripts; the language; and the theme, before anything is painted.
"use strict";

window.footnote = JSON.parse(document.querySelector("meta[name=footnote]").content);
// Words of the page: {name} is filled in, and n chooses of "one|many".
footnote.say = (key, values = {}) => {
  const [one, many] = footnote.words[key].split("|");
  const text = many && !footnote.words.one.split(" ").includes(String(values.n)) ? many : one;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
};

(() => {
  const KEY = "footnote-theme";
  const SIGNS = { auto: "◐", light: "☀", dark: "☾" }; // automatic follows the system
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const asked = new URLSearchParams(location.search).get("__theme");

  function chosen() {
    return localStorage.getItem(KEY) ?? (asked in SIGNS ? asked : "auto");
  }
  function apply() {
    const theme = chosen();
    const dark = theme === "dark" || (theme === "auto" && system.matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    // Gradio's own parts follow this class.
    document.body?.classList.toggle("dark", dark);
    for (const button of document.querySelectorAll(".theme-switch")) {
      button.textContent = SIGNS[theme] + "\ufe0e";
      button.title = footnote.say(`theme_${theme}`);
      button.setAttribute("aria-label", button.title);
    }
  }
  document.addEventListener("click", (event) => {
    const language = event.target.closest?.("[data-language]")?.dataset.language;
    if (language) {
      document.cookie = `footnote_language=${language}; path=/; max-age=31536000; samesite=lax`;
      location.reload();
    }
    if (!event.target.closest?.(".theme-switch")) return;
    const names = Object.keys(SIGNS);
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
