// Saves a paper while it is typed (fill.html): when a field is left, and every ten seconds.
// Without script the buttons of the page do the same.
"use strict";
(() => {
  const form = document.querySelector("form[data-keep]");
  const kept = document.getElementById("kept");
  const beside = document.getElementById("beside");
  let changed = false; // something was typed since the last save
  let asking = false; // a save is under way
  let ended = false; // a button was pressed, or another person saved
  let pressed = null; // the button that waits for the save under way

  async function keep() {
    if (!changed || asking || ended) return;
    changed = false;
    asking = true;
    const typed = new URLSearchParams(new FormData(form));
    typed.set("do", "keep");
    try {
      const answer = await fetch(form.action, { method: "POST", body: typed, redirect: "error" });
      const said = await answer.json();
      if (answer.ok) {
        form.elements.revision.value = said.revision;
        beside.textContent = said.beside;
        beside.hidden = !said.beside;
      } else ended = true;
      kept.textContent = said.kept || said.problem;
    } catch {
      changed = true;
      kept.textContent = form.dataset.notKept;
    }
    asking = false;
    if (pressed) {
      ended = true;
      form.requestSubmit(pressed);
    }
  }

  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("change", keep);
  form.addEventListener("submit", (event) => {
    if (!asking) { ended = true; return; }
    event.preventDefault();
    pressed = event.submitter;
  });
  // a page that the browser kept while another was shown has an old revision
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });
  setInterval(keep, 10000);
})();
