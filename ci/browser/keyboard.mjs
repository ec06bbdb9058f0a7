// What a page must do for a keyboard: reach every button, turn tabs by arrows, copy what is seen, stay on the page.
import { pressed } from './keys.mjs';
import { tried } from './look.mjs';

/** How many stops of the Tab key may lie before the text. */
const STOPS = 10;

/** From the start of a page that was just opened: the Tab key comes to the text, to the first thing in it, after a few stops, one of which may be a link to it. */
export async function arrive(page) {
  const there = await page.evaluate(() => [...document.querySelectorAll('main :is(a[href], button, input, summary, [tabindex="0"])')].some((one) => one.checkVisibility()));
  if (!there) return []; // nothing in it takes the focus, as on some fixtures; on a page of the book its heading does
  const before = [];
  let skipped = false;
  for (let stop = 1; stop <= STOPS; stop += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      const main = document.querySelector('main');
      const inside = main.contains(e);
      const stops = 'a[href], button, input, summary, [tabindex="0"]';
      const first = inside && (!e.matches(stops) || e === [...main.querySelectorAll(stops)].find((one) => one.checkVisibility()));
      const skips = e.localName === 'a' && e.hash && document.querySelector(e.hash)?.contains(main);
      return { name: __name(e), inside, first, skips, seen: e.getBoundingClientRect().bottom > 0 };
    });
    if (at.inside) {
      tried['pages by keyboard from their start'] = (tried['pages by keyboard from their start'] ?? 0) + 1;
      await page.evaluate(() => { document.activeElement.blur(); history.replaceState(null, '', location.pathname); scrollTo(0, 0); });
      return at.first ? [] : [{ rule: 'arrive', selector: at.name, message: 'the Tab key comes to this before the beginning of the text' }];
    }
    before.push(at.name);
    if (at.skips && !skipped) {
      if (!at.seen) return [{ rule: 'arrive', selector: at.name, message: 'the link to the text has the focus and cannot be seen' }];
      skipped = true;
      await page.keyboard.press('Enter');
    }
  }
  return [{ rule: 'arrive', selector: before[0], message: `after ${STOPS} stops of the Tab key the text is not reached; the last is ${before.at(-1)}` }];
}

/** Tabs through the main part; gives findings, and marks with `data-reached` what had the focus. */
export async function reach(page) {
  const wanted = await page.evaluate(() => {
    const main = document.querySelector('main');
    main.tabIndex = -1;
    main.focus();
    // A last stop: past the end of the page the focus would leave the page altogether.
    const end = document.createElement('button');
    end.id = 'past-the-end';
    end.addEventListener('keydown', (event) => event.preventDefault());
    main.after(end);
    const usable = (e) => e.checkVisibility() && !e.closest('details:not([open]) > :not(summary)') && !e.disabled;
    // Not reached by Tab, rightly: tabs that are not chosen (arrows reach them).
    const all = [...main.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter((e) => e !== main && usable(e));
    for (const e of main.querySelectorAll('button.clip-button, [role=tab][aria-selected=true], summary')) if (usable(e)) e.dataset.wanted = '';
    // A box that scrolls and holds nothing to focus is a stop of its own: the browser makes it one.
    const scrolls = [...main.querySelectorAll('*')].filter((e) => e.scrollWidth > e.clientWidth && /auto|scroll/.test(getComputedStyle(e).overflowX) && !all.includes(e));
    return all.length + scrolls.length;
  });
  const findings = [];
  const stops = await pressed(page, Array(wanted + 3).fill('Tab'), () => {
    const e = document.activeElement;
    if (!e || !e.closest('main')) return null;
    e.dataset.reached = '';
    const style = getComputedStyle(e);
    let opacity = 1;
    for (let p = e; p; p = p.parentElement) opacity *= Number(getComputedStyle(p).opacity);
    const marked = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
    const inside = e.getBoundingClientRect();
    return { name: __name(e), opacity, visibility: style.visibility, marked, onScreen: inside.bottom > 0 && inside.top < innerHeight };
  });
  for (const at of stops) {
    if (at === null) break; // past the end of main
    tried['stops of the Tab key'] += 1;
    if (at.opacity < 0.5 || at.visibility !== 'visible') findings.push({ rule: 'focus-invisible', selector: at.name, message: 'it has the focus and cannot be seen' });
    else if (!at.marked) findings.push({ rule: 'focus-unmarked', selector: at.name, message: 'nothing shows that it has the focus (no outline)' });
    else if (!at.onScreen) findings.push({ rule: 'focus-off-screen', selector: at.name, message: 'it has the focus outside of what is on the screen' });
  }
  return findings.slice(0, 10).concat(await page.evaluate(() => document.getElementById('past-the-end').remove() ?? [...document.querySelectorAll('main [data-wanted]:not([data-reached])')]
    .slice(0, 5).map((e) => ({ rule: 'unreachable', selector: __name(e), message: 'the Tab key does not come here' }))));
}

/** Arrow keys inside our widgets do something there, and never turn the page. */
export async function arrows(page) {
  const findings = [];
  // Only that it would leave counts, so it is held back, and the next page is not even loaded.
  await page.evaluate(() => navigation.addEventListener('navigate', (event) => {
    if (event.destination.sameDocument) return;
    window.__leftFor = event.destination.url;
    event.preventDefault();
  }));
  const kinds = {
    'tab strip': 'main [role=tab][aria-selected=true]', 'Copy button': 'main button.clip-button',
    'block of code': 'main pre[tabindex="0"], main pre [tabindex="0"]', figure: 'main figure [tabindex="0"]:not(pre):not([role=tab])',
  };
  for (const [kind, selector] of Object.entries(kinds)) {
    const there = await page.evaluate((selector) => {
      const widget = [...document.querySelectorAll(selector)].find(__shown);
      widget?.focus();
      return widget !== undefined;
    }, selector);
    if (!there) continue;
    const keys = ['ArrowLeft', 'ArrowRight'];
    const left = await pressed(page, keys, () => { const left = window.__leftFor ?? null; window.__leftFor = undefined; return left; });
    keys.forEach((key, at) => { if (left[at]) findings.push({ rule: 'arrow-turns-page', selector, message: `${key} inside a ${kind} goes to ${left[at]}` }); });
  }
  return findings;
}

const CHOSEN = () => [...document.querySelectorAll('main [role=tablist]')].map((l) => l.querySelector('[aria-selected=true]')?.textContent.trim());

/**
 * Every tab strip has the roles of the ARIA tab pattern and obeys its keys; the choice holds for the page. Gives its findings,
 * and the name of the tab that is chosen at the end, for `remembered`.
 */
export async function tabs(page) {
  const findings = await page.evaluate(() => {
    const found = [];
    const add = (e, message) => found.push({ rule: 'tabs-aria', selector: __name(e), message });
    for (const list of document.querySelectorAll('main [role=tablist]')) {
      const tabs = [...list.querySelectorAll('[role=tab]')];
      if (tabs.length < 2) add(list, `a tab strip with ${tabs.length} tab`);
      if (!list.getAttribute('aria-label') && !list.getAttribute('aria-labelledby')) add(list, 'the tab strip has no name');
      if (tabs.filter((t) => t.getAttribute('aria-selected') === 'true').length !== 1) add(list, 'not exactly one tab is selected');
      if (tabs.filter((t) => t.tabIndex === 0).length !== 1) add(list, 'not exactly one tab is reached by the Tab key');
      for (const tab of tabs) {
        const panel = document.getElementById(tab.getAttribute('aria-controls'));
        if (!panel) { add(tab, 'it controls no panel'); continue; }
        if (panel.getAttribute('role') !== 'tabpanel') add(panel, 'the panel has not the role tabpanel');
        if (panel.getAttribute('aria-labelledby') !== tab.id) add(panel, 'the panel is not named by its tab');
        if (__shown(panel) !== (tab.getAttribute('aria-selected') === 'true')) add(panel, 'shown and selected differ');
      }
    }
    return found;
  });
  const strip = page.locator('main [role=tablist]').filter({ visible: true }).first();
  if (await strip.count() === 0) return { findings };
  tried['tab strips'] += 1;
  const add = (rule, message) => findings.push({ rule, selector: 'main [role=tablist]', message });
  const names = await strip.locator('[role=tab]').allTextContents().then((all) => all.map((s) => s.trim()));
  const keys = [['Home', names[0]], ['ArrowRight', names[1]], ['ArrowLeft', names[0]], ['End', names.at(-1)], ['Home', names[0]], ['ArrowRight', names[1]]];
  await strip.locator('[role=tab][aria-selected=true]').focus();
  const chosen = await pressed(page, keys.map(([key]) => key), CHOSEN);
  for (const [at, [key, expected]] of keys.entries()) {
    if (chosen[at]?.[0] !== expected) { add('tabs-keys', `${key} chose "${chosen[at]?.[0]}" where "${expected}" comes`); return { findings }; }
  }
  const focused = await page.evaluate(() => document.activeElement?.textContent.trim());
  if (focused !== names[1]) add('tabs-keys', 'the focus did not move with the chosen tab');
  const others = await page.evaluate((name) => [...document.querySelectorAll('main [role=tablist]')]
    .filter((l) => [...l.querySelectorAll('[role=tab]')].some((t) => t.textContent.trim() === name) && l.querySelector('[aria-selected=true]')?.textContent.trim() !== name).length, names[1]);
  if (others) add('tabs-sync', `${others} other tab strips of this page did not follow`);
  return { findings, chosen: names[1] };
}

/** After a reload: the tab `chosen` is chosen still. Leaves the first one chosen, as on a first visit. */
export async function remembered(page, chosen) {
  if (chosen === undefined) return [];
  const now = (await page.evaluate(CHOSEN))[0];
  await page.evaluate(() => document.querySelectorAll('main [role=tablist]').forEach((list) => list.querySelector('[role=tab]').click()));
  return now === chosen ? [] : [{ rule: 'tabs-remember', selector: 'main [role=tablist]', message: `after a reload the tab is "${now}", not "${chosen}"` }];
}

/**
 * Each Copy button, pressed by keyboard, copies the code that is seen and nothing else. All pages of a browser share its clipboard, so it shows one page at a
 * time.
 */
export async function copy(page, at_most = 4) {
  const { blocks, count } = await page.evaluate((at_most) => {
    const blocks = [...document.querySelectorAll('main pre > code')].filter((c) => c.checkVisibility() && !c.parentElement.querySelector('button.clip-button')).length;
    const buttons = [...document.querySelectorAll('main button.clip-button')].filter(__shown).slice(0, at_most);
    window.__copies = buttons.map((button) => ({
      button,
      async start() {
        const code = button.closest('pre')?.querySelector('code') ?? button.closest('figure, .listing')?.querySelector('code');
        const clone = code.cloneNode(true);
        // Lines that are hidden now are not copied.
        if (code.classList.contains('hide-boring')) clone.querySelectorAll('.boring').forEach((e) => e.remove());
        // Of a dialogue with a shell, what a person would type.
        const typed = clone.textContent.split('\n').filter((line) => line.startsWith('$ ')).map((line) => line.slice(2));
        const isShell = code.classList.contains('language-console') && typed.length > 0;
        this.expected = isShell ? typed.join('\n') : clone.textContent;
        await navigator.clipboard.writeText('nothing was copied');
        button.focus();
      },
      async end() {
        let got; // the button may copy a moment later
        for (let i = 0; i < 400; i++) {
          got = await navigator.clipboard.readText();
          if (got !== 'nothing was copied') break;
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        return { selector: __name(button), expected: this.expected, got };
      },
    }));
    return { blocks, count: buttons.length };
  }, at_most);
  const findings = [];
  if (blocks) findings.push({ rule: 'copy', selector: 'main pre', message: `${blocks} blocks have no Copy button` });
  if (count === 0) return findings;
  await page.evaluate(() => __copies[0].start());
  await page.keyboard.press('Enter');
  // A button that the Tab key reaches, as `reach` shows of each, is clicked by Enter: the browser sees to that once for all.
  const copied = await page.evaluate(async () => {
    const told = [await __copies[0].end()];
    for (const one of __copies.slice(1)) {
      await one.start();
      one.button.click();
      told.push(await one.end());
    }
    return told;
  });
  for (const { selector, expected, got } of copied) {
    tried['Copy buttons'] += 1;
    if (got.trim() !== expected.trim()) {
      findings.push({ rule: 'copy', selector, message: `it copied ${JSON.stringify(got.slice(0, 60))}, and what is seen begins ${JSON.stringify(expected.slice(0, 60))}` });
    }
  }
  return findings;
}
