"use strict";
(() => {
  const all = (query) => Array.from(document.querySelectorAll(query));
  const found = document.getElementById("find");
  const count = document.getElementById("count");
  const states = all("#filters input[name=state]");
  const items = all("[data-find]");
  const nodes = all(".node");
  const texts = new Map();
  const textOf = (item) => {
    if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
    return texts.get(item);
  };

  const filter = () => {
    const words = found.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(states.filter((box) => box.checked).map((box) => box.value));
    const fits = (item) =>
      (!item.dataset.state || wanted.has(item.dataset.state)) &&
      words.every((word) => textOf(item).includes(word));
    let shown = 0;
    for (const item of items) {
      item.hidden = !fits(item);
      shown += item.hidden ? 0 : 1;
    }
    for (const node of nodes) {
      const block = document.getElementById(node.getAttribute("href").slice(1));
      node.classList.toggle("aside", block !== null && block.parentElement.hidden);
    }
    const idle = words.length === 0 && wanted.size === states.length;
    count.textContent = idle ? "" : `${shown} of ${items.length} shown`;
  };

  const open = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target === null) return;
    for (let one = target; one !== null; one = one.parentElement) {
      if (one.tagName === "DETAILS") one.open = true;
      one.hidden = false;
    }
    target.scrollIntoView();
  };

  let waiting;
  found.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  for (const box of states) box.addEventListener("change", filter);
  const form = document.getElementById("filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = items.length === 0;
  addEventListener("hashchange", open);
  open();
})();
