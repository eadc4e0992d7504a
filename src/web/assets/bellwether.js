"use strict";
// Pages work without this script; with it they say when the landscape has moved since they were made.
(() => {
  const said = document.getElementById("live");
  if (!said || !window.EventSource) return;
  let first = null;
  const events = new EventSource("/live");
  events.addEventListener("moved", (event) => {
    if (first === null) { first = event.data; return; }
    if (event.data === first) return;
    const link = document.createElement("a");
    link.href = location.href;
    link.textContent = "There is something new: show it";
    said.replaceChildren(link);
  });
})();
