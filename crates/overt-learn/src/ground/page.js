// Counts what input reached the page, so that nobody has to guess when it did.
(() => {
  const seen = { mousemove: 0, mousedown: 0, mouseup: 0, keyup: 0, scroll: 0 };
  const waiting = [];
  let at = null;
  for (const kind of Object.keys(seen)) {
    addEventListener(kind, (event) => {
      seen[kind] += 1;
      if (event.clientX !== undefined) at = { x: event.clientX, y: event.clientY };
      for (const one of waiting.splice(0)) one.look() || waiting.push(one);
    }, true);
  }
  // When the page last changed of itself or scrolled: what fades in or slides is not there yet.
  let stirred = 0;
  const stir = () => { stirred = performance.now(); };
  const drawn = { subtree: true, childList: true, attributes: true, attributeFilter: ["style", "class"] };
  new MutationObserver(stir).observe(document, drawn);
  addEventListener("scroll", stir, true);
  const settled = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  const count = (element) => element.children.reduce((sum, child) => sum + count(child), 1);
  const shown = () => count(core.getDOMInfo(document.body));
  window.overt = {
    // Resolves to whether so many events of a kind came in time.
    reached: (kind, count, millis) => new Promise((done) => {
      const look = () => seen[kind] >= count && (done(true), true);
      if (look()) return;
      waiting.push({ look });
      setTimeout(() => done(seen[kind] >= count), millis);
    }).then((reached) => settled().then(() => reached)),
    // How many elements are shown.
    shown,
    // Resolves when more or fewer are shown, or the time is up.
    changed: (from, millis) => new Promise((done) => {
      const end = performance.now() + millis;
      const look = () => {
        const other = shown() !== from;
        if (other || performance.now() > end) return done(other);
        requestAnimationFrame(look);
      };
      look();
    }),
    // Resolves when nothing changed for so long, or the time is up.
    quiet: (still, millis) => new Promise((done) => {
      const end = performance.now() + millis;
      const look = () => {
        const now = performance.now();
        if (now - stirred >= still || now > end) return done();
        setTimeout(look, 15);
      };
      look();
    }),
    begin: (seed, millis) => {
      if (millis) core.EPISODE_MAX_TIME = millis;
      // People begin by a press on START, which takes the focus from what the episode before left it on.
      document.activeElement?.blur();
      Math.seedrandom(seed);
      core.startEpisodeReal();
      const said = core.getUtterance();
      // A page that says no goal is told as one that says nothing.
      return settled().then(() => typeof said === "string" ? said : String(said?.utterance ?? ""));
    },
    look: () => {
      const list = document.activeElement;
      return {
        done: WOB_DONE_GLOBAL,
        reward: WOB_RAW_REWARD_GLOBAL,
        reason: WOB_REWARD_REASON,
        dom: core.getDOMInfo(document.body),
        seen, at,
        options: list instanceof HTMLSelectElement ? Array.from(list.options, (o) => o.text) : [],
      };
    },
  };
})();
