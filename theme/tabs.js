// Makes tabs of a listing's versions, and its code reachable by keyboard. Without it all is readable.
(() => {
  "use strict";
  const main = document.querySelector("main");
  if (!main) return;
  const memory = {
    get(key) {
      try {
        return localStorage.getItem(`untwisted-${key}`);
      } catch {
        return null; // storage is forbidden: nothing is remembered
      }
    },
    set(key, value) {
      try {
        localStorage.setItem(`untwisted-${key}`, value);
      } catch {
        // storage is forbidden, or full
      }
    },
  };

  // mdBook turns pages with the arrow keys; inside our widgets they belong to the widget.
  const ours = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"]);
  function keepKeys(element) {
    element.addEventListener("keydown", (event) => {
      if (ours.has(event.key)) event.stopPropagation();
    });
  }

  // --- Tabs ---------------------------------------------------------------------------------
  const lists = [];

  function makeTabs(box, number) {
    const panels = [...box.children].filter((child) => child.classList.contains("tab"));
    const list = document.createElement("div");
    list.className = "tablist";
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Versions of this listing");
    const tabs = panels.map((panel, at) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.id = `tab-${number}-${at}`;
      tab.dataset.tab = panel.dataset.tab;
      tab.textContent = panel.querySelector(".tab-name").textContent;
      tab.setAttribute("role", "tab");
      panel.id = `panel-${number}-${at}`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      tab.setAttribute("aria-controls", panel.id);
      tab.addEventListener("click", () => choose(group, tab.dataset.tab, tab));
      list.append(tab);
      return tab;
    });
    const group = box.dataset.group;
    list.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const at = tabs.indexOf(document.activeElement);
      let next = null;
      if (step) next = tabs[(at + step + tabs.length) % tabs.length];
      if (event.key === "Home") next = tabs[0];
      if (event.key === "End") next = tabs[tabs.length - 1];
      if (!next) return;
      event.preventDefault();
      choose(group, next.dataset.tab, next);
      next.focus();
    });
    keepKeys(list);
    box.prepend(list);
    box.classList.add("tabbed");
    lists.push({ group, tabs, panels });
  }

  function show(group, name) {
    for (const one of lists) {
      if (one.group !== group) continue;
      const found = one.panels.findIndex((panel) => panel.dataset.tab === name);
      const chosen = Math.max(found, 0);
      one.tabs.forEach((tab, at) => {
        tab.setAttribute("aria-selected", String(at === chosen));
        tab.tabIndex = at === chosen ? 0 : -1;
        one.panels[at].hidden = at !== chosen;
      });
    }
  }

  // Every listing of the page changes with it; what you look at stays where it is on the screen.
  function choose(group, name, tab) {
    const before = tab.getBoundingClientRect().top;
    show(group, name);
    memory.set(group, name);
    window.scrollBy({ top: tab.getBoundingClientRect().top - before, behavior: "instant" });
    focusable();
  }

  main.querySelectorAll(".tabs").forEach(makeTabs);
  for (const group of new Set(lists.map((one) => one.group))) show(group, memory.get(group) ?? "ours");

  // --- What scrolls sideways can be reached and scrolled by keyboard ---------------------------
  const scrollers = main.querySelectorAll("pre > code, .drawing, .flow-drawing, .table-wrapper");
  scrollers.forEach(keepKeys);

  function focusable() {
    // All are measured before one is changed: else the page is laid out anew for each.
    const scrolls = [...scrollers].map((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
    scrollers.forEach((one, at) => {
      if (scrolls[at]) one.tabIndex = 0;
      else one.removeAttribute("tabindex");
    });
  }
  focusable();
  new ResizeObserver(focusable).observe(main);
  addEventListener("load", focusable);
  addEventListener("resize", focusable);

  // --- Copy ------------------------------------------------------------------------------------
  // Of a console session only the commands are worth copying; of code only what is visible, which
  // mdBook sees to.
  const visible = window.playground_text;
  window.playground_text = (pre, hidden) => {
    const code = pre.querySelector("code");
    const text = visible(pre, hidden);
    if (!code.classList.contains("language-console") || !/^\$ /m.test(text)) return text;
    const commands = text.split("\n").filter((line) => line.startsWith("$ "));
    return commands.map((line) => `${line.slice(2)}\n`).join("");
  };
  // mdBook names this button after the picture that was clicked, which has no title.
  main.querySelectorAll("pre > .buttons button:not(.clip-button)").forEach((button) => {
    button.addEventListener("click", () => button.setAttribute("aria-label", button.title));
  });

  // --- Neighbours: a whole file belongs to its listing and has none ----------------------------
  for (const link of document.querySelectorAll(".nav-chapters, .mobile-nav-chapters")) {
    if (getComputedStyle(link).display === "none" && /(^|\/)listings\/[^/]+\/[^/]+\.html$/.test(link.pathname)) {
      link.remove();
    }
  }

  // --- Print: what is folded away is printed, too ----------------------------------------------
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...main.querySelectorAll("details:not([open])")];
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
  });
})();
