"use strict";
// Pages work without this script; with it they say what is new since they were made, and show it in the regions that are marked
// with data-live. Nothing is asked while nobody looks.
(() => {
  const said = document.getElementById("live");
  if (!said || !window.EventSource) return;
  const PAUSE = 2000;
  let shown = said.dataset.version;
  let heard = shown;
  let events = null;
  let refreshing = false;
  let last = 0;

  const regions = (root) => [...root.querySelectorAll("[data-live]")];
  // those that hold facts, and not only the time at which the page was made
  const isLive = regions(document).some((region) => region.dataset.live !== "made");

  // What is read or pointed at is not taken away.
  const isInUse = (region) => {
    const selection = document.getSelection();
    return selection && !selection.isCollapsed && region.contains(selection.anchorNode);
  };

  const tell = (text, deed) => {
    const parts = [document.createTextNode(text)];
    if (deed) {
      const link = document.createElement("a");
      link.href = location.href;
      link.textContent = "Show it";
      parts.push(document.createTextNode(" "), link);
    }
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Close";
    close.addEventListener("click", () => said.replaceChildren());
    parts.push(close);
    said.replaceChildren(...parts);
  };

  // By what an element is found again among new ones.
  const nameOf = (element) => {
    if (element.id) return `#${CSS.escape(element.id)}`;
    const tag = element.localName;
    for (const key of ["href", "aria-label", "name"]) {
      const value = element.getAttribute(key);
      if (value !== null) return `${tag}[${key}="${CSS.escape(value)}"]`;
    }
    return null;
  };
  const found = (region, name) => (name ? region.querySelector(name) : null);
  const detailsOf = (details) => {
    const item = details.closest("li, section");
    const link = item && item.querySelector("a[href]");
    return link ? link.getAttribute("href") : null;
  };

  const replace = (region, fresh) => {
    if (region.innerHTML === fresh.innerHTML || isInUse(region)) return;
    const focused = region.contains(document.activeElement) && document.activeElement !== region
      ? nameOf(document.activeElement) : null;
    const open = [...region.querySelectorAll("details[open]")].map(detailsOf);
    const scrolled = [...region.querySelectorAll(".scroll")].map((one) => [nameOf(one), one.scrollLeft]);
    // the first link that is seen stays where it is
    const anchor = [...region.querySelectorAll("a[href]")].find((link) => link.getBoundingClientRect().top >= 0);
    const [name, top] = anchor ? [nameOf(anchor), anchor.getBoundingClientRect().top] : [null, 0];
    const isAbove = region.getBoundingClientRect().top < 0;
    region.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
    for (const details of region.querySelectorAll("details")) {
      const key = detailsOf(details);
      if (key !== null && open.includes(key)) details.open = true;
    }
    for (const [key, left] of scrolled) {
      const one = found(region, key);
      if (one) one.scrollLeft = left;
    }
    const again = found(region, focused);
    if (again) again.focus({ preventScroll: true });
    const same = isAbove ? found(region, name) : null;
    if (same) window.scrollBy(0, same.getBoundingClientRect().top - top);
  };

  const refresh = async () => {
    if (refreshing || document.hidden || heard === shown) return;
    refreshing = true;
    const target = heard;
    try {
      await new Promise((done) => setTimeout(done, Math.max(0, last + PAUSE - Date.now())));
      const response = await fetch(location.href, { credentials: "same-origin" });
      if (!response.ok) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const region of regions(document)) {
        const fresh = regions(page).find((other) => other.dataset.live === region.dataset.live);
        if (fresh) replace(region, fresh);
      }
      shown = target;
    } catch {
      // the next event asks again
    } finally {
      last = Date.now();
      refreshing = false;
      if (heard !== target) refresh();
    }
  };

  const moved = (event) => {
    let news;
    try { news = JSON.parse(event.data); } catch { return; }
    if (news.version === heard) return;
    heard = news.version;
    if (news.said) {
      const more = news.n > 1 ? `${news.n} new: ` : "New: ";
      const others = news.n > 1 ? ` and ${news.n - 1} more` : "";
      tell(`${more}${news.said}${others}`, !isLive);
    } else if (!isLive) {
      tell("There is something new.", true);
    }
    if (isLive) refresh();
  };

  const listen = () => {
    if (events) return;
    events = new EventSource("/live");
    events.addEventListener("moved", moved);
  };
  const rest = () => {
    if (events) events.close();
    events = null;
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) rest(); else listen();
  });
  window.addEventListener("pagehide", rest);
  window.addEventListener("pageshow", () => { if (!document.hidden) listen(); });
  if (!document.hidden) listen();
})();
