"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);

  // Light or dark; kept where the browser lets pages from disk keep things.
  const remember = (value) => { try { localStorage.setItem("pinlint-theme", value); } catch { /* private */ } };
  const theme = () => {
    const now = document.documentElement.dataset.theme ||
      (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    const next = now === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    remember(next);
  };
  try {
    const saved = localStorage.getItem("pinlint-theme");
    if (saved) document.documentElement.dataset.theme = saved;
  } catch { /* private */ }

  const help = one("#help");
  const keys = { t: theme, "?": () => help.open ? help.close() : help.showModal() };
  all("[data-key]").forEach((b) => b.addEventListener("click", () => keys[b.dataset.key]()));
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && typing) { event.target.blur(); return; }
    if (typing && !(event.key === "Enter" && keys.Enter)) return;
    // Buttons, links and the like have an Enter of their own.
    if (event.key === "Enter" && event.target.closest("a, button, summary, select")) return;
    if (help && help.open && event.key !== "?") return;
    const action = keys[event.key];
    if (action) { event.preventDefault(); action(); }
  });

  const rows = all("#findings tbody tr");
  if (document.body.classList.contains("index")) index(); else if (one(".path")) finding();

  function index() {
    const form = one(".filters");
    const fields = { q: one("#q"), check: one("#check"), confidence: one("#confidence"), dir: one("#dir"), state: one("#state") };
    let now = -1;
    const visible = () => rows.filter((r) => !r.hidden);
    const select = (i) => {
      const shown = visible();
      if (!shown.length) return;
      now = Math.max(0, Math.min(i, shown.length - 1));
      rows.forEach((r) => r.classList.remove("now"));
      shown[now].classList.add("now");
      shown[now].scrollIntoView({ block: "nearest" });
      one("a", shown[now]).focus({ preventScroll: true });
    };
    const apply = () => {
      const words = fields.q.value.toLowerCase().split(/\s+/).filter(Boolean);
      rows.forEach((r) => {
        const text = r.textContent.toLowerCase();
        r.hidden = !words.every((w) => text.includes(w)) ||
          ["check", "confidence", "state"].some((f) => fields[f] && fields[f].value && r.dataset[f] !== fields[f].value) ||
          !(r.dataset.dir + "/").startsWith(fields.dir.value ? fields.dir.value + "/" : "");
        r.classList.remove("now");
      });
      now = -1;
      const n = visible().length;
      one("#shown").textContent = n === rows.length ? `all ${n}` : `${n} of ${rows.length}`;
      one(".empty").hidden = n > 0;
      all(".counts button").forEach((b) => b.setAttribute("aria-pressed", String(fields.check.value === b.value)));
      const state = new URLSearchParams();
      for (const [name, field] of Object.entries(fields)) if (field && field.value) state.set(name, field.value);
      history.replaceState(null, "", String(state) ? "#" + state : location.pathname);
      try { sessionStorage.setItem("pinlint-list", JSON.stringify(visible().map((r) => one("a", r).getAttribute("href")))); } catch { /* private */ }
    };
    const restore = () => {
      const state = new URLSearchParams(location.hash.slice(1));
      for (const [name, field] of Object.entries(fields)) if (field) field.value = state.get(name) || "";
      apply();
    };
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply));
    addEventListener("hashchange", restore);
    all(".counts button").forEach((b) => b.addEventListener("click", () => {
      fields.check.value = fields.check.value === b.value ? "" : b.value;
      apply();
    }));
    rows.forEach((r) => r.addEventListener("click", (event) => {
      if (!event.target.closest("a") && !getSelection().toString()) location.href = one("a", r).href;
    }));
    keys["/"] = () => fields.q.focus();
    keys.j = () => select(now + 1);
    keys.k = () => select(now - 1);
    keys.Enter = () => { if (document.activeElement === fields.q) select(0); else if (now >= 0) location.href = one("a", visible()[now]).href; };
    keys.x = () => { form.reset(); };
    restore();
  }

  function finding() {
    const links = all(".path li a");
    const steps = all(".step");
    let now = -1;
    const show = (i, scroll = true) => {
      if (!links.length) return;
      now = Math.max(0, Math.min(i, links.length - 1));
      links.forEach((a, n) => n === now ? a.setAttribute("aria-current", "step") : a.removeAttribute("aria-current"));
      links[now].scrollIntoView({ block: "nearest" });
      const target = document.getElementById(`step-${now + 1}`);
      steps.forEach((s) => s.classList.toggle("now", s === target));
      for (let d = target && target.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
      if (target && scroll) target.scrollIntoView({ block: "center" });
      one("#status").textContent = `step ${now + 1} of ${links.length}`;
      history.replaceState(null, "", `#step-${now + 1}`);
    };
    const follow = (a, event) => { event.preventDefault(); show(Number(a.hash.slice(6)) - 1); };
    all("a[href^='#step-']").forEach((a) => a.addEventListener("click", (event) => follow(a, event)));
    const neighbour = (by) => {
      let list = [];
      try { list = JSON.parse(sessionStorage.getItem("pinlint-list") || "[]"); } catch { /* private */ }
      const at = list.findIndex((href) => location.pathname.endsWith(href));
      const next = at < 0 ? one(by < 0 ? "a[rel=prev]" : "a[rel=next]")?.getAttribute("href") : list[at + by] && "../" + list[at + by];
      if (next) location.href = next;
    };
    all("a[rel=prev], a[rel=next]").forEach((a) => a.addEventListener("click", (event) => { event.preventDefault(); neighbour(a.rel === "prev" ? -1 : 1); }));
    keys.j = keys.n = () => show(now + 1);
    keys.k = keys.p = () => show(now - 1);
    keys.g = () => show(0);
    keys.G = () => show(links.length - 1);
    keys["["] = () => neighbour(-1);
    keys["]"] = () => neighbour(1);
    keys.u = () => { location.href = one("a.up").href; };
    keys.e = () => { const folds = all(".fold"); const open = folds.some((d) => !d.open); folds.forEach((d) => { d.open = open; }); };
    const wanted = Number((location.hash.match(/^#step-(\d+)$/) || [])[1] || 0);
    if (wanted) show(wanted - 1);
  }
})();
