"use strict";
// The page says everything without this script. It makes drawings interactive: steps, zoom, things lit up.
(() => {
  const motion = matchMedia("(prefers-reduced-motion: no-preference)");
  const all = (root, what) => Array.from(root.querySelectorAll(what));
  const rhythm = 2200; // milliseconds a step is shown while playing

  for (const player of all(document, ".player")) {
    const stage = player.querySelector(".stage");
    const drawing = stage.querySelector("svg");
    const steps = Number(player.dataset.steps);
    const caption = player.querySelector(".caption");
    const captions = all(player, ".captions li").map((li) => li.textContent);
    const first = player.dataset.kind === "proof" ? 0 : 1; // the frame of the first step
    const frames = all(drawing, ".frame");
    const list = all(player.parentElement, ":scope > .steps > li, :scope > .controls > li");
    const button = (what) => player.querySelector(`[data-do=${what}]`);
    let at = 0; // 0: all steps at once
    let timer = 0;
    let zoom = 1;

    const show = (n, say) => {
      at = Math.max(0, Math.min(steps, n));
      drawing.classList.toggle("stepping", at > 0);
      for (const frame of frames) {
        const step = Number(frame.dataset.frame) - first + 1;
        frame.classList.toggle("now", at > 0 && step === at);
        frame.classList.toggle("past", at > 0 && step < at);
        frame.classList.toggle("later", at > 0 && step > at && step <= steps);
      }
      list.forEach((li, i) => li.classList.toggle("now", i + 1 === at));
      if (say && caption) caption.textContent = at > 0 ? `${at} of ${steps}: ${captions[at - 1]}` : "";
      if (steps > 0) {
        button("first").disabled = at === 0;
        button("back").disabled = at === 0;
        button("next").disabled = at === steps;
      }
      const badge = at > 0 && drawing.querySelector(".frame.now > .badge");
      if (badge) {
        const b = badge.getBoundingClientRect();
        const s = stage.getBoundingClientRect();
        const behavior = motion.matches ? "smooth" : "auto";
        if (b.left < s.left + 40 || b.right > s.right - 40) stage.scrollTo({ left: stage.scrollLeft + b.left - s.left - s.width / 2, behavior });
        if (b.top < s.top + 40 || b.bottom > s.bottom - 40) stage.scrollTo({ top: stage.scrollTop + b.top - s.top - s.height / 2, behavior });
      }
    };
    const stop = () => {
      clearInterval(timer);
      timer = 0;
      if (steps > 0) button("play").textContent = "▶ Play";
    };
    const play = () => {
      if (timer) return stop();
      show(at === steps ? 1 : at + 1, true);
      button("play").textContent = "❚❚ Pause";
      timer = setInterval(() => {
        if (at === steps) return stop();
        show(at + 1, true);
        if (at === steps) stop();
      }, rhythm);
    };
    const step = (n) => {
      stop();
      show(n, true);
    };
    const scale = (factor) => {
      zoom = Math.max(0.5, Math.min(6, zoom * factor));
      const x = (stage.scrollLeft + stage.clientWidth / 2) / stage.scrollWidth;
      const y = (stage.scrollTop + stage.clientHeight / 2) / stage.scrollHeight;
      drawing.style.width = zoom === 1 ? "" : `${zoom * 100}%`;
      drawing.style.maxWidth = zoom === 1 ? "" : "none";
      stage.scrollTo(x * stage.scrollWidth - stage.clientWidth / 2, y * stage.scrollHeight - stage.clientHeight / 2);
    };
    const crop = (toggle) => {
      const whole = toggle.getAttribute("aria-pressed") !== "true";
      toggle.setAttribute("aria-pressed", String(whole));
      const box = whole ? player.dataset.full : player.dataset.crop;
      drawing.setAttribute("viewBox", box);
      drawing.setAttribute("width", box.split(" ")[2]);
      drawing.setAttribute("height", box.split(" ")[3]);
    };

    player.addEventListener("click", (event) => {
      const target = event.target.closest("[data-do]");
      switch (target && target.dataset.do) {
        case "first": return step(0);
        case "back": return step(at - 1);
        case "next": return step(at + 1);
        case "play": return play();
        case "in": return scale(1.3);
        case "out": return scale(1 / 1.3);
        case "crop": return crop(target);
      }
    });
    player.addEventListener("keydown", (event) => {
      if (steps === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      const move = { ArrowRight: () => step(at + 1), ArrowLeft: () => step(at - 1), Home: () => step(0), End: () => step(steps) }[event.key];
      if (move) {
        event.preventDefault();
        move();
      } else if (event.key === " " && event.target === stage) {
        event.preventDefault();
        play();
      }
    });
    list.forEach((li, i) => li.addEventListener("click", (event) => {
      if (!event.target.closest("a, details, button")) step(i + 1);
    }));
    player.querySelector(".tools").hidden = false;
    show(0, false);
  }

  // What a table names lights up on the drawing, and on those with a zone opened.
  const whole = document.querySelector(".player.whole");
  const drawings = all(document.getElementById("drawing"), ".stage svg");
  const unlit = whole.querySelector("[data-do=unlit]");
  const light = (ids) => {
    for (const drawing of drawings) {
      for (const e of all(drawing, "[data-node], [data-line]")) e.classList.toggle("on", (e.dataset.node || e.dataset.line).split(" ").some((id) => ids.has(id)));
      drawing.classList.toggle("lit", ids.size > 0);
    }
    unlit.disabled = ids.size === 0;
  };
  for (const show of all(document, ".show")) {
    show.hidden = false;
    show.addEventListener("click", () => {
      light(new Set(show.dataset.show.split(" ")));
      whole.scrollIntoView({ behavior: motion.matches ? "smooth" : "auto", block: "nearest" });
    });
  }
  unlit.addEventListener("click", () => light(new Set()));
  // An editor that shows the page beside the design says what its cursor is on.
  addEventListener("message", (event) => {
    const row = event.data && typeof event.data.show === "string" && document.getElementById(event.data.show);
    const show = row && row.querySelector("[data-show]");
    if (show) light(new Set(show.dataset.show.split(" ")));
  });

  // A link into a closed part opens it.
  const open = () => {
    let e = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
  };
  addEventListener("hashchange", () => {
    open();
    const e = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (e) e.scrollIntoView();
  });
  open();
})();
