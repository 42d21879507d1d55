"use strict";
(() => {
  const [state, stale, errors, frame] = ["state", "stale", "errors", "report"].map((id) => document.getElementById(id));
  let shown = 0;

  // What a reader looks at stays, where the new report has it too: how far it is scrolled, what is open, and which steps are shown.
  const name = (e) => (e.closest("[id]") ? e.closest("[id]").id : "") + "|" + (e.querySelector("summary") || e).textContent;
  const look = () => {
    const page = frame.contentDocument;
    if (!page || !page.body || shown === 0) return null;
    return {
      x: frame.contentWindow.scrollX,
      y: frame.contentWindow.scrollY,
      hash: frame.contentWindow.location.hash,
      open: new Set(Array.from(page.querySelectorAll("details[open]"), name)),
    };
  };
  const load = (serial) => {
    const was = look();
    frame.onload = () => {
      const page = frame.contentDocument;
      if (was) {
        for (const d of page.querySelectorAll("details")) if (was.open.has(name(d))) d.open = true;
        frame.contentWindow.scrollTo(was.x, was.y);
      }
      document.title = page.title;
    };
    frame.hidden = false;
    frame.src = "report?" + serial + (was ? was.hash : "");
    shown = serial;
  };

  const events = new EventSource("events");
  events.onmessage = (event) => {
    const now = JSON.parse(event.data);
    state.textContent = now.text;
    state.className = now.errors ? "wrong" : now.done ? "done" : "";
    errors.hidden = !now.errors;
    errors.textContent = (now.errors || []).join("\n");
    stale.hidden = !(now.stale && now.serial > 0);
    if (now.serial !== shown && now.serial > 0) load(now.serial);
  };
  events.onerror = () => {
    state.textContent = "vauban live has stopped: start it again, and open the new address";
    state.className = "wrong";
  };
})();
