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

  // An entry or a row is known again by the first link that it holds, what stands in it by its place there, all else by its name.
  const ITEM = "li, tr, section";
  const HELD = "a, button, summary, input, select, [tabindex]";
  const keyOf = (item) => {
    const link = item && item.querySelector("a[href]");
    return link ? link.getAttribute("href") : null;
  };
  const itemOf = (region, key) => [...region.querySelectorAll(ITEM)].find((item) => keyOf(item) === key);
  const placeOf = (region, element) => {
    const item = element.closest(ITEM);
    const key = region.contains(item) ? keyOf(item) : null;
    if (key !== null) return { key, nth: [...item.querySelectorAll(HELD)].indexOf(element) };
    return { name: element.getAttribute("aria-label") || element.getAttribute("href") || element.textContent };
  };
  const at = (region, place) => {
    if ("key" in place) {
      const item = itemOf(region, place.key);
      return item && item.querySelectorAll(HELD)[place.nth];
    }
    return [...region.querySelectorAll(HELD)].find((element) => placeOf(region, element).name === place.name);
  };

  const replace = (region, fresh) => {
    if (region.innerHTML === fresh.innerHTML || isInUse(region)) return;
    const active = document.activeElement;
    const focused = region.contains(active) && active !== region ? placeOf(region, active) : null;
    const open = [...region.querySelectorAll("details[open]")].map((details) => keyOf(details.closest(ITEM)));
    const scrolled = [...region.querySelectorAll(".scroll")].map((one) => [placeOf(region, one), one.scrollLeft]);
    // the first entry that is seen stays where it is
    const isOuter = (item) => keyOf(item) !== null && !item.parentElement.closest("li, tr");
    const seen = [...region.querySelectorAll(ITEM)].find((item) => isOuter(item) && item.getBoundingClientRect().top >= 0);
    const [key, top] = seen ? [keyOf(seen), seen.getBoundingClientRect().top] : [null, 0];
    const isAbove = region.getBoundingClientRect().top < 0;
    region.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
    for (const details of region.querySelectorAll("details")) {
      const own = keyOf(details.closest(ITEM));
      if (own !== null && open.includes(own)) details.open = true;
    }
    for (const [place, left] of scrolled) {
      const one = at(region, place);
      if (one) one.scrollLeft = left;
    }
    const again = focused && at(region, focused);
    if (again) again.focus({ preventScroll: true });
    const same = isAbove && key !== null ? itemOf(region, key) : null;
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
