// Predictions: what the reader answers is compared with what the run printed, and kept in this browser. Without it the question stands there and the fold opens.
(() => {
  "use strict";
  const plain = (text) => text.replace(/\s+/g, " ").trim();
  const same = (a, b) => a.length === b.length && a.every((line, at) => plain(line) === plain(b[at]));
  const store = {
    get(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* storage is forbidden, or full */ } },
  };

  for (const form of document.querySelectorAll("form.predict")) {
    const { kind, about } = form.dataset;
    const right = JSON.parse(form.dataset.right);
    const wrong = JSON.parse(form.dataset.wrong);
    const cover = form.nextElementSibling;
    const why = form.parentElement.nextElementSibling;
    const verdict = form.querySelector(".verdict");
    const check = form.querySelector(".check");
    const list = form.querySelector(".order");
    const labels = [...form.querySelectorAll("label")];
    const area = form.querySelector("textarea");
    const key = `untwisted-predict-${about}`;
    const lines = (label) => label.querySelector("code").innerHTML.split("<br>").map((part) => { const box = document.createElement("i"); box.innerHTML = part; return box.textContent; });

    // Lines to put in order: each moves up and down by its buttons.
    function arrows() {
      for (const item of list.children) {
        for (const [sign, word, step] of [["↑", "up", -1], ["↓", "down", 1]]) {
          const button = Object.assign(document.createElement("button"), { type: "button", textContent: sign });
          button.setAttribute("aria-label", `Move “${item.textContent.replace(/[↑↓]/g, "")}” ${word}`);
          button.addEventListener("click", () => {
            const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
            if (other) step < 0 ? other.before(item) : other.after(item);
            changed();
            button.focus();
          });
          item.append(button);
        }
      }
    }

    function answer() {
      if (list) return [...list.children].map((item) => item.querySelector("code").textContent);
      if (area) return area.value.trim() ? area.value.trim().split("\n") : null;
      const chosen = labels.find((label) => label.querySelector("input").checked);
      return chosen ? lines(chosen) : null;
    }

    function give(given) {
      if (list) for (const line of given) list.append([...list.children].find((item) => item.querySelector("code").textContent === line) ?? "");
      else if (area) area.value = given.join("\n");
      else for (const label of labels) label.querySelector("input").checked = same(lines(label), given);
    }

    function changed() {
      verdict.className = "verdict";
      verdict.replaceChildren();
      check.textContent = "Check";
      for (const label of labels) label.classList.remove("was-wrong", "was-right");
    }

    function tell(given, open) {
      const good = same(given, right);
      const known = wrong.find(([one]) => same(one, given));
      const first = right.findIndex((line, at) => plain(line) !== plain(given[at] ?? ""));
      const place = good || kind === "choose" ? "" : first < 0 ? "It prints nothing after that." : first === 0 ? "It differs from the first line on." : `Up to line ${first} it is right.`;
      verdict.className = `verdict ${good ? "right" : "wrong"}`;
      verdict.replaceChildren(good ? form.dataset.because : [known?.[1], place].filter(Boolean).join(" ") || form.dataset.because);
      for (const label of labels) {
        label.classList.toggle("was-right", same(lines(label), right));
        label.classList.toggle("was-wrong", !good && label.querySelector("input").checked);
      }
      check.textContent = "Checked";
      if (open) cover.open = true;
      const at = right[Math.max(first, 0)];
      if (cover.querySelector("[data-run]")) {
        const look = Object.assign(document.createElement("button"), { type: "button", className: "look", textContent: "See it in the run" });
        look.addEventListener("click", () => {
          cover.open = true;
          globalThis.untwisted.open(about, (event) => event.k === "out" && plain(event.a.text) === plain(at));
        });
        verdict.append(" ", look);
      }
    }

    // Whoever has seen what it prints may read why.
    cover.addEventListener("toggle", () => { if (cover.open && why?.matches(".why")) why.open = true; });
    if (list) arrows();
    const before = store.get(key);
    if (Array.isArray(before)) {
      give(before);
      tell(before, false);
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = answer();
      if (!given) {
        verdict.textContent = area ? "Type what you expect first." : "Choose one first.";
        return;
      }
      store.set(key, given);
      tell(given, true);
    });
    form.addEventListener("input", changed);
    form.addEventListener("keydown", (event) => event.stopPropagation()); // mdBook would turn the page
  }
})();
