// Looks at one page in every way: light, dark, phone, zoomed, by keyboard, on paper, without JavaScript, from disk.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { colours, inPlayer, source, structure } from './axe.mjs';
import * as keyboard from './keyboard.mjs';
import { lines } from './lines.mjs';
import * as look from './look.mjs';
import * as player from './player.mjs';
import { predict } from './predict.mjs';
import { fileAddress } from './site.mjs';
import { watch } from './watch.mjs';
import { weigh } from './weigh.mjs';

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 320, height: 640 };
const NARROW = { width: 350, height: 640 }; // the narrowest phone for which figures are drawn
const ZOOMED = { width: 640, height: 400 }; // a desk of 1280 x 800 at 200 %

/** Which pages to take pictures of: these, where they exist. */
const PICTURED = new Set(['index', 'introduction/index', 'introduction/map', 'models/index', 'models/threads', 'reactor/index', 'reactor/simplest',
  'reactor/timers', 'reactor/blocking', 'deferreds/rails', 'deferreds/fetch-one', 'glossary', 'instructors'].map((name) => `${name}.html`));

/** The ways of opening a page, each a tab in a context of its own, used for one page after the other. `close()` closes them all. */
export async function openTabs(browser) {
  const common = { viewport: DESK, reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'] };
  const ways = {
    light: { ...common, colorScheme: 'light' },
    dark: { ...common, colorScheme: 'dark' },
    plain: { ...common, javaScriptEnabled: false },
  };
  const tabs = {};
  for (const [name, options] of Object.entries(ways)) {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(60_000);
    context.setDefaultNavigationTimeout(300_000); // the page of all pages, on a machine that has much else to do
    await context.addInitScript(look.helpers);
    if (name !== 'plain') await context.addInitScript(source);
    tabs[name] = await context.newPage();
  }
  return { ...tabs, close: () => Promise.all(Object.values(tabs).map((tab) => tab.context().close())) };
}

/**
 * Whether `page` is one of the pages with a listing's whole file. One template makes them all, so what the template can break is
 * broken on each: all are loaded, and one in `SAMPLE` of them, chosen by its name, is examined as every other page is.
 */
export const isWholeFile = (page) => page.startsWith('listings/');
const SAMPLE = 32;
const sampled = (page) => createHash('sha256').update(page).digest()[0] % SAMPLE === 0;

/** Which of the whole-file pages are examined in full: never none of them, of however few. */
export function inFull(pages) {
  const files = pages.filter(isWholeFile);
  const chosen = files.filter(sampled);
  return new Set(chosen.length > 0 ? chosen : files.slice(0, 1));
}

/**
 * Examines `page` of the folder `site`, served at `home`; a diagram may take `patience` ms. Gives findings `{view, rule, selector, message}`.
 * `quick` looks in light only; `loaded` only loads it and looks at its head and its width; `shots` is the folder for pictures, or null.
 */
export async function examine(tabs, { site, page, home, shots, quick = false, loaded = false, patience = 30_000 }) {
  const findings = [];
  const all = page === 'index.html'; // what stands on every page is looked at there
  const isPrint = page === 'print.html'; // all pages in one: heavy, and each part is looked at on its own page
  const open = async (tab, view, address, itsHome, act) => {
    const watched = watch(tab, itsHome, (rule, selector, message) => findings.push({ view, rule, selector, message }));
    try {
      await tab.mouse.move(0, 0); // where the last page left the pointer, it would rest on something here
      await tab.goto(address, { waitUntil: 'load' });
      await act(tab, watched.requested, (found) => findings.push(...found.map((f) => ({ view, ...f }))));
    } finally {
      watched.stop();
    }
  };
  const picture = async (tab, name) => {
    if (quick || !shots || !PICTURED.has(page)) return;
    await tab.evaluate(() => window.scrollTo(0, 0));
    await tab.screenshot({ path: join(shots, `${page.replace(/\.html$/, '').replaceAll('/', '-')}-${name}.png`), fullPage: true });
  };

  if (loaded) {
    await tabs.light.setViewportSize(PHONE); // before it loads: mdBook decides about its side bar then
    await open(tabs.light, 'light', home + page, home, async (tab, requested, add) => {
      add(await look.head(tab));
      add(await look.fits(tab, '320'));
      add(weigh(site, home, page, requested));
    });
    await tabs.light.setViewportSize(DESK);
    return findings;
  }

  await open(tabs.light, 'light', home + page, home, async (tab, requested, add) => {
    add(await keyboard.arrive(tab));
    add(await look.head(tab));
    if (!isPrint) add(weigh(site, home, page, requested));
    add(await look.diagrams(tab, requested, patience));
    if (!isPrint) {
      add(await look.rails(tab, 'counted'));
      add(await look.sequences(tab, 'desk'));
      add(await structure(tab, all));
      add(await colours(tab, all));
    }
    await picture(tab, 'light');
    await tab.emulateMedia({ media: 'print' });
    await tab.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    add(await look.everything(tab, 'print'));
    await tab.evaluate(() => window.dispatchEvent(new Event('afterprint')));
    await tab.emulateMedia({ media: 'screen' });
    let strip;
    if (!isPrint) {
      add(await keyboard.reach(tab));
      add(await keyboard.copy(tab));
      add(await keyboard.arrows(tab));
      add(await lines(tab));
      add(await player.step(tab, async () => (quick ? [] : [...await inPlayer(tab), ...await colours(tab, all)])));
      add(await predict(tab));
      strip = await keyboard.tabs(tab);
      add(strip.findings);
      // The answers are forgotten; the chosen tab has to be remembered.
      await tab.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('predict')).forEach((key) => localStorage.removeItem(key)));
    }
    await tab.setViewportSize(PHONE);
    await tab.reload({ waitUntil: 'load' }); // mdBook decides about its side bar when a page loads
    if (strip) add(await keyboard.remembered(tab, strip.chosen));
    add(await look.diagrams(tab, requested, patience));
    if (!isPrint) {
      add(await look.rails(tab));
      add(await look.sequences(tab, '320'));
    }
    add(await look.fits(tab, '320'));
    add(await player.fits(tab, '320'));
    await picture(tab, 'phone');
    if (!isPrint) {
      await tab.setViewportSize(NARROW);
      add(await look.concepts(tab));
    }
    await tab.setViewportSize(ZOOMED);
    add(await look.fits(tab, '200%'));
    await tab.setViewportSize(DESK);
    await tab.evaluate(() => localStorage.clear());
  });
  if (quick || isPrint) return findings;

  // From disk, and dark: what a page does and asks for there it does from a server, too, where it was light.
  await open(tabs.dark, 'dark, from disk', fileAddress(site, page), fileAddress(site, ''), async (tab, requested, add) => {
    add(await look.diagrams(tab, requested, patience));
    add(await look.rails(tab));
    add(await colours(tab, all));
    await picture(tab, 'dark');
    await tab.evaluate(() => document.documentElement.classList.replace('navy', 'coal'));
    add((await colours(tab, all)).map((found) => ({ ...found, message: `in coal: ${found.message}` })));
  });

  await open(tabs.plain, 'no JavaScript', home + page, home, async (tab, requested, add) => {
    add(await keyboard.arrive(tab));
    add(await look.everything(tab, 'no-js'));
    add(await look.rails(tab));
    add(await look.fits(tab, 'no-js'));
  });
  return findings;
}
