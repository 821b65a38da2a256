// The board without a reload: rows arrive, change and are acknowledged. Every page works without this file.
"use strict";

(() => {
  const board = document.getElementById("board");
  if (!board || !window.EventSource) return;

  const live = document.getElementById("live");
  const size = Number(board.dataset.size);
  let waiting = false;

  function say(words, cut) {
    live.hidden = false;
    live.classList.toggle("cut", cut);
    if (live.textContent !== words) live.textContent = words;
  }

  // Rows and figures come from our own server, which has escaped them.
  function element(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return holder.content.firstElementChild;
  }

  function rows() {
    return document.querySelector("#alerts tbody");
  }

  function place(change) {
    const old = document.getElementById("a-" + change.id);
    const row = element(change.row);
    if (old && old.closest("#alerts")) {
      // A row that no longer passes the filter stays where it is until the next visit: nothing jumps under a finger.
      const held = old.contains(document.activeElement);
      old.replaceWith(row);
      if (held) (row.querySelector("button") || row.querySelector("a")).focus();
      return;
    }
    if (!change.show || !board.dataset.first) return;
    if (old) old.remove(); // one of those lately resolved is open again
    row.classList.add("new");
    rows().prepend(row);
    for (const note of board.querySelectorAll(":scope > .empty")) note.remove();
    while (rows().children.length > size) rows().lastElementChild.remove();
  }

  // After a great many changes, the page is read once instead of row by row.
  async function refresh() {
    if (waiting) return;
    waiting = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const selector of ["#alerts tbody", "#strip", "#board > .pager", "#lately"]) {
        const now = document.querySelector(selector);
        const next = fresh.querySelector(selector);
        if (now && next) now.replaceWith(next);
      }
    } finally {
      waiting = false;
    }
  }

  const stream = new EventSource(board.dataset.stream);
  stream.addEventListener("open", () => say("live", false));
  stream.addEventListener("error", () => say("connection lost, trying again", true));
  stream.addEventListener("alert", (message) => place(JSON.parse(message.data)));
  stream.addEventListener("strip", (message) => {
    document.getElementById("strip").replaceWith(element(JSON.parse(message.data)));
  });
  stream.addEventListener("refresh", refresh);
  window.addEventListener("pagehide", () => stream.close());
  // A page that comes back from the browser's memory has missed what happened meanwhile.
  window.addEventListener("pageshow", (shown) => {
    if (shown.persisted) location.reload();
  });

  board.addEventListener("submit", async (pressed) => {
    const form = pressed.target;
    if (!form.matches("form.ack") || stream.readyState !== EventSource.OPEN) return;
    pressed.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(), redirect: "manual" });
      if (answer.type !== "opaqueredirect" && !answer.ok) throw new Error(String(answer.status));
    } catch {
      button.disabled = false;
      button.textContent = "Try again";
    }
  });
})();
