"use strict";
// The page: it takes files, asks the worker, and shows the answer. All texts of files go in as text, never as markup.
(() => {
  const limits = { bundle: 256 * 2 ** 20, trust: 2 ** 20, policy: 16 * 2 ** 20 };
  const $ = (id) => document.getElementById(id);
  const files = { bundle: null, trust: null, policy: null };
  let worker = null, ready = false, busy = false, begun = 0, urls = [];

  const make = (tag, text, attributes, ...children) => {
    const e = document.createElement(tag);
    if (text) e.textContent = text;
    for (const [k, v] of Object.entries(attributes || {})) if (v !== undefined) e.setAttribute(k, v);
    e.append(...children);
    return e;
  };
  const say = (text, wrong) => {
    $("status").textContent = text;
    $("status").classList.toggle("wrong", Boolean(wrong));
  };
  const update = () => {
    $("go").disabled = busy || !ready || !files.bundle;
    $("stop").disabled = !busy;
    $("work").hidden = !busy;
  };

  // The program runs in a worker, so that the page can be used meanwhile, and the work be stopped.
  const launch = () => {
    ready = false;
    document.documentElement.dataset.state = "starting";
    const url = URL.createObjectURL(new Blob([$("runtime").textContent, $("worker").textContent], { type: "text/javascript" }));
    worker = new Worker(url);
    URL.revokeObjectURL(url);
    worker.onmessage = hear;
    worker.onerror = (event) => broken(event.message);
    worker.postMessage({ program: $("program").textContent.trim() });
    update();
  };
  const broken = (why) => {
    busy = false;
    document.documentElement.dataset.state = "broken";
    say("The audit could not be run in this browser: " + why, true);
    update();
  };
  const hear = ({ data }) => {
    if (data.broken) return broken(data.broken);
    if (data.ready) {
      ready = true;
      document.documentElement.dataset.state = "ready";
      $("version").textContent = data.ready;
      if (!busy) say(files.bundle ? "Ready." : "Ready: choose a bundle.");
      return update();
    }
    if (data.progress) {
      const { requirement, done, total } = data.progress;
      $("work").max = total || 1;
      $("work").value = done;
      return say("Judging: " + done + " of " + total + (requirement ? ", " + requirement : "") + "…");
    }
    busy = false;
    update();
    if (data.error) {
      $("result").hidden = true;
      document.documentElement.dataset.state = "refused";
      return say(data.error, true);
    }
    show(JSON.parse(data.answer), performance.now() - begun);
  };

  const list = (id) => $(id).value.split(/[\n]/).map((s) => s.trim()).filter(Boolean);
  const run = async () => {
    if ($("go").disabled) return;
    busy = true;
    document.documentElement.dataset.state = "busy";
    say("Reading…");
    $("work").removeAttribute("value");
    update();
    const asked = {
      as_of: $("asof").value, signers: list("signers"), require: list("require"), rerun: $("rerun").checked,
      trail: Object.fromEntries(["trail", "known", "salt", "max_age"].map((name) => [name, $(name).value.trim()])),
    };
    const given = {}, mine = worker;
    try {
      for (const kind of Object.keys(files)) given[kind] = files[kind] ? new Uint8Array(await files[kind].arrayBuffer()) : null;
    } catch (error) {
      return broken("a file cannot be read: " + error);
    }
    if (mine !== worker) return; // stopped meanwhile
    begun = performance.now();
    worker.postMessage({ files: given, asked: JSON.stringify(asked) });
  };

  // What is dropped in is told by its name: bundles end with .vaubz, policies with .yaml or .yml, trust files with .json.
  const kindOf = (name) => (/\.vaubz$/i.test(name) ? "bundle" : /\.ya?ml$/i.test(name) ? "policy" : /\.json$/i.test(name) ? "trust" : "");
  const take = (kind, file) => {
    if (file && file.size > limits[kind]) return say(file.name + " is larger than " + limits[kind] / 2 ** 20 + " MB, which is refused.", true);
    files[kind] = file || null;
    $(kind + "-name").textContent = file ? file.size.toLocaleString("en") + " bytes" : "";
    if (ready && !busy) say(files.bundle ? "Ready." : "Ready: choose a bundle.");
    update();
  };
  const drop = (dropped) => {
    for (const file of dropped) {
      const kind = kindOf(file.name);
      if (!kind) return say(file.name + ": expected a bundle (.vaubz), a trust file (.json) or a policy (.yaml).", true);
      const one = new DataTransfer(); // so that the control names it, too
      one.items.add(file);
      $(kind).files = one.files;
      take(kind, file);
    }
  };

  const marks = { passed: "✓ passed", failed: "✕ failed", "could not be made": "– skipped" };
  // More rows than anybody reads would keep the browser busy: the files to keep have all, and of too many those come first that somebody must see.
  const most = 500;
  const table = (heads, all, bad, row) => {
    const rows = (all.length > most ? all.toSorted((a, b) => bad(b) - bad(a)) : all).slice(0, most).map(row);
    if (all.length > most) rows.push(make("tr", "", {}, make("td", all.length - most + " more: the files below have all", { colspan: heads.length })));
    return make("div", "", { class: "wide" }, make("table", "", {}, make("thead", "", {}, make("tr", "", {}, ...heads.map((h) => make("th", h, { scope: "col" })))), make("tbody", "", {}, ...rows)));
  };
  const checks = (title, result, id) => {
    const rows = table(["Result", "Check", "Means", "Found"], result.checks, (c) => c.status === "failed", (c) =>
      make("tr", "", { class: c.status === "passed" ? "passed" : c.status === "failed" ? "failed" : "skipped" },
        make("td", marks[c.status]), make("th", c.name, { scope: "row" }), make("td", (c.status === "failed" ? "not so: " : "") + c.means), make("td", c.detail)));
    return make("section", "", { "aria-labelledby": id }, make("h2", title, { id }), rows);
  };
  const items = (title, all, write) => (all && all.length ? [make("h3", title), make("ul", "", {}, ...all.slice(0, most).map((x) => make("li", write(x))), ...(all.length > most ? [make("li", all.length - most + " more: the files below have all")] : []))] : []);
  const claims = (result) => {
    const c = result.claims;
    const out = make("section", "", { "aria-labelledby": "claims" }, make("h2", "What the evidence claims", { id: "claims" }));
    if (!c) {
      out.append(make("p", "Nothing: its verdicts were not judged, or do not follow."));
      return out;
    }
    if (c.requirements.length) {
      out.append(table(["Verdict", "Requirement", "Property", "Worth"], c.requirements, (q) => q.verdict !== "holds" || Boolean(q.vacuous), (q) => {
        const more = q.against.map((a) => [a.verdict, a.coalitions.filter((k) => k.length).map((k) => k.join(" + ")).join(", ")]).filter(([, who]) => who)
          .map(([verdict, who]) => (q.against.length > 1 ? verdict + " " : "") + "against " + who);
        if (q.failures) more.push("with up to " + q.failures + (q.failures === 1 ? " failure" : " failures"));
        if (q.vacuous) more.push(q.vacuous);
        if (q.waiver) more.push((q.waiver.in_force ? "until " : "EXPIRED on ") + q.waiver.until + ": " + q.waiver.because);
        return make("tr", "", { class: q.verdict },
          make("td", q.verdict + (q.vacuous ? " (vacuous)" : "")), make("th", q.name, { scope: "row" }),
          make("td", "", {}, make("code", q.property)), make("td", more.concat(q.unknown || []).join("; ")));
      }));
    }
    if (c.happened) {
      const h = c.happened;
      out.append(...items("Cases to look at", h.cases, (x) => x.verdict + ": " + x.cases + ": " + x.says),
        ...items("Cases by verdict", Object.entries(h.counts).filter(([, n]) => n), ([v, n]) => v + ": " + n),
        ...items("Logs", h.logs, (l) => l.path + ", " + l.entries + " entries, sha256 " + l.sha256 + (l.unread ? ", " + l.unread + " not mapped" : "")));
    }
    out.append(...items("Assumptions", c.assumptions, (a) => a.name + ": " + a.text), ...items("Guesses", c.guesses, String),
      ...items("Catalogues", c.catalogues, (k) => (k.path ? (k.path.startsWith("builtin:") ? k.path + " as the bundle has it, another one than that of this vauban" : k.path + ", the design's own") :
        k.name + ", built into vauban " + k.version) + ", sha256 " + k.sha256),
      ...items("Warnings", c.warnings, (w) => w.code + " " + w.message), ...items("Unchecked: what the document says of itself", c.unchecked, String));
    return out;
  };
  const trail = (result) => {
    const out = [checks("The trail: " + result.summary, result, "trailchecks")];
    if (result.entries) out.push(make("section", "", { "aria-labelledby": "entries" }, make("h2", "Entries of the trail", { id: "entries" }), make("p", "Policy: " + result.policy),
      table(["Entry", "Time", "Kind", "By", "About"], result.entries, (e) => e.void || !e.allowed, (e) => make("tr", "", { class: e.void || !e.allowed ? "failed" : "" }, make("th", String(e.number), { scope: "row" }), make("td", e.time), make("td", e.kind),
        make("td", e.signers.map((s, i) => (e.parties[i] ? e.parties[i] + " as " : "") + s.role).join(", ")), make("td", e.about + (e.void ? " (void)" : e.allowed ? "" : " (not allowed)"))))));
    return out;
  };
  const save = (name, text) => {
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    urls.push(url);
    return make("a", name, { href: url, download: name });
  };

  const show = (answer, took) => {
    urls.forEach(URL.revokeObjectURL);
    urls = [];
    const result = JSON.parse(answer.audit), shared = answer.trail ? JSON.parse(answer.trail) : null;
    const passed = result.passed && (!shared || shared.passed);
    const heading = make("h1", (passed ? "✓ All that was asked for passed" : "✕ Not all that was asked for passed"), { tabindex: "-1", class: passed ? "passed" : "failed", id: "verdict" });
    const texts = { "audit.json": answer.audit, "audit.txt": answer.audit_text };
    if (shared) Object.assign(texts, { "trail.json": answer.trail, "trail.txt": answer.trail_text });
    const lead = make("p", (result.design ? result.design + ": " : "") + result.summary + ".", { class: "lead" });
    const facts = [result.signer && "signed by " + result.signer, result.time && "on the Tangle at " + result.time, "judged as of " + result.as_of].filter(Boolean).join(" · ");
    $("result").replaceChildren(heading, lead, make("p", facts, { class: "facts" }),
      ...(answer.trail_text && !answer.trail ? [make("p", answer.trail_text, { class: "note" })] : []), claims(result), checks("Checks", result, "checks"), ...(shared ? trail(shared) : []),
      make("section", "", { "aria-labelledby": "keep" }, make("h2", "Keep it", { id: "keep" }), make("p", "The same bytes as the command prints: "), make("ul", "", {}, ...Object.entries(texts).map(([name, text]) => make("li", "", {}, save(name, text))))));
    $("result").hidden = false;
    $("result").data = texts;
    say("Done in " + (took / 1000).toFixed(2) + " s.");
    document.documentElement.dataset.state = "done";
    $("verdict").focus();
  };

  for (const kind of Object.keys(files)) $(kind).addEventListener("change", (event) => take(kind, event.target.files[0]));
  $("form").addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  $("stop").addEventListener("click", () => {
    worker.terminate();
    busy = false;
    launch();
    say("Stopped: nothing was shown.");
  });
  for (const name of ["dragenter", "dragover"]) document.addEventListener(name, (event) => {
    event.preventDefault();
    $("drop").classList.add("over");
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget || $("drop").classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    $("drop").classList.remove("over");
    drop(event.dataTransfer.files);
  });
  $("asof").value = new Date().toISOString().slice(0, 10);
  say("Starting…");
  launch();
})();
