// Tells the server where things are on the screen and what happened, so that what was recorded can be
// compared with what the page itself saw. The content of password fields is never told.
"use strict";
(() => {
  const page = document.body.dataset.page;
  const load = performance.timeOrigin;
  let sent = 0;
  // From a place in the page to the same place on the screen: exact once the pointer has moved here.
  let exact = null;

  // Before that by the window's borders. A page that has just loaded may not know its window yet:
  // then the outer sizes are 0, and there is no answer.
  const byBorders = () => {
    const border = { w: outerWidth - innerWidth, h: outerHeight - innerHeight };
    if (border.w < 0 || border.h < 0) return null;
    return { x: screenX + border.w / 2, y: screenY + border.h };
  };

  const post = (path, body) =>
    fetch(path, { method: "POST", keepalive: true, body: JSON.stringify({ page, load, n: ++sent, ...body }) });

  const nameOf = (e) =>
    (e.getAttribute("aria-label") || e.labels?.[0]?.dataset.name || e.labels?.[0]?.textContent ||
      (e.matches("a, button, h1, h2, b") ? e.textContent : "") || "").trim().replace(/\s+/g, " ").slice(0, 80);

  const layout = () => {
    const offset = exact ?? byBorders();
    if (!offset) return stageLayout();
    const elements = {};
    for (const e of document.querySelectorAll("[id]")) {
      const r = e.getBoundingClientRect();
      if (r.width < 1 || r.height < 1) continue;
      elements[e.id] = {
        x: Math.round(r.x + offset.x), y: Math.round(r.y + offset.y),
        w: Math.round(r.width), h: Math.round(r.height), name: nameOf(e),
      };
    }
    const view = { x: Math.round(offset.x), y: Math.round(offset.y), w: innerWidth, h: innerHeight };
    post("/layout", { view, elements });
  };

  let asked = false;
  window.stageLayout = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; layout(); });
  };
  window.stageEvent = (id, type, value = null) => post("/event", { id, type, value });

  for (const type of ["load", "resize", "pageshow"]) addEventListener(type, stageLayout);
  addEventListener("scroll", () => { stageLayout(); stageEvent("", "scroll", String(Math.round(scrollY))); },
    { passive: true });
  addEventListener("pointermove", (e) => {
    const seen = { x: e.screenX - e.clientX, y: e.screenY - e.clientY };
    if (seen.x !== exact?.x || seen.y !== exact?.y) { exact = seen; stageLayout(); }
  }, { passive: true });

  const tell = (e) => {
    const t = e.target.closest?.("[id]");
    if (!t) return;
    const secret = t.type === "password";
    const value = t.type === "checkbox" || t.type === "radio" ? String(t.checked) : t.value ?? null;
    stageEvent(t.id, e.type, secret ? null : value);
  };
  for (const type of ["click", "dblclick", "input", "change", "copy", "paste"])
    document.addEventListener(type, tell, true);
})();
