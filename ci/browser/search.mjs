// Searches the book as a reader does: by keyboard, for terms, names and nonsense; and holds the index to its weight.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { axe } from './axe.mjs';
import { BARS, bytes } from './weigh.mjs';
import * as look from './look.mjs';

/** Terms whose own entry must come first, and a name that is no term, which some page must have in a heading or its text. */
const TERMS = ['reactor', 'Deferred', 'backpressure', 'waker', 'timer', 'protocol'];
const NAMES = ['call_later', 'LoopingCall', 'spawn'];

/** Findings of a search on `page` of the site at `home`. */
export async function search(tabs, { site, home }) {
  const findings = [];
  const add = (rule, message) => findings.push({ rule, selector: '#search-box', message });
  const kib = bytes(join(site, 'searchindex.js')) / 1024;
  if (kib > BARS.index) add('search-weight', `the index has ${kib.toFixed(0)} KiB; ${BARS.index} are the limit`);
  if (/"listings\//.test(readFileSync(join(site, 'searchindex.js'), 'utf8').split('"sections"')[0])) add('search-index', 'whole files are in the index');

  const tab = tabs.light;
  await tab.goto(`${home}glossary.html`, { waitUntil: 'load' });
  const there = await tab.evaluate(() => [...document.querySelectorAll('main .term h3')].map((h) => h.textContent.trim().toLowerCase()));
  const loaded = await tab.evaluate(() => [...document.scripts].some((s) => s.src.includes('searchindex')));
  if (loaded) add('search-early', 'the index is loaded before anybody searches');
  await tab.evaluate(() => document.activeElement?.blur());
  await tab.keyboard.press('/');
  if (!(await tab.locator('#search-field').evaluate((e) => e === document.activeElement))) add('search-keys', 'the key / does not lead into the field');
  const ask = async (words) => {
    await tab.locator('#search-field').fill(words);
    await tab.waitForFunction(() => document.getElementById('search-status').textContent !== '');
    return tab.evaluate(() => ({
      status: document.getElementById('search-status').textContent,
      found: [...document.querySelectorAll('#search-results a')].map((a) => [a.getAttribute('href'), a.querySelector('b').textContent]),
    }));
  };
  let terms = 0;
  for (const term of TERMS.filter((term) => there.includes(term.toLowerCase()))) {
    terms += 1;
    const { found } = await ask(term);
    if (!found[0]?.[0].includes('glossary.html#') || found[0][1].toLowerCase() !== term.toLowerCase()) add('search-order', `"${term}" finds first "${found[0]?.[1]}" (${found[0]?.[0]}) and not its definition`);
    const { found: many } = await ask(`${term}s`);
    if (many[0]?.[0] !== found[0]?.[0]) add('search-order', `"${term}s" finds first "${many[0]?.[1]}"`);
  }
  if (terms < 3) add('search-order', `of the terms that this test asks for the glossary has ${terms}`);
  for (const name of NAMES) if ((await ask(name)).found.length === 0) add('search-found', `"${name}" is found nowhere`);
  const nothing = await ask('xyzzy plugh');
  if (nothing.found.length > 0 || !nothing.status.startsWith('Nothing in the book says')) add('search-found', `nonsense is answered by "${nothing.status}"`);
  const hostile = await ask('<img src=x onerror=alert(1)> [(*');
  if (await tab.locator('#search-box img').count() > 0) add('search-hostile', 'what is typed becomes part of the page');
  if (!hostile.status) add('search-hostile', 'no answer');

  // By keyboard: down to a result, back up, and away; the arrow keys turn no page.
  await ask('timer');
  const before = tab.url();
  await tab.locator('#search-field').press('ArrowLeft');
  await tab.keyboard.press('ArrowDown');
  await tab.keyboard.press('ArrowRight');
  if (!(await tab.evaluate(() => document.activeElement.matches('#search-results a')))) add('search-keys', 'the arrow down does not lead to the results');
  if (tab.url() !== before) add('search-keys', 'an arrow key leaves the page');
  findings.push(...await axe(tab, undefined, '#search-box'));
  await tab.setViewportSize({ width: 320, height: 640 });
  await tab.reload({ waitUntil: 'load' }); // mdBook decides about its side bar when a page loads
  await tab.keyboard.press('/');
  await ask('timer');
  findings.push(...await look.fits(tab, '320'));
  await tab.setViewportSize({ width: 1280, height: 800 });
  await tab.keyboard.press('Escape');
  if (await tab.locator('#search-box').isVisible()) add('search-keys', 'Escape does not close it');
  if (!(await tab.evaluate(() => document.activeElement.id === 'search-toggle'))) add('search-keys', 'the focus is lost when it closes');
  // Enter goes to the first answer.
  await tab.keyboard.press('Enter');
  await ask('reactor');
  await Promise.all([tab.waitForURL(/#/), tab.locator('#search-field').press('Enter')]);

  await tabs.dark.goto(`${home}glossary.html`, { waitUntil: 'load' });
  await tabs.dark.locator('#search-toggle').click();
  await tabs.dark.locator('#search-field').fill('deferred');
  await tabs.dark.locator('#search-results a').first().waitFor();
  findings.push(...(await axe(tabs.dark, ['color-contrast'], '#search-box')).map((found) => ({ ...found, view: 'dark' })));
  return findings;
}

/** Findings about the side bar when the pointer rests on one of its links: what is pointed at is read. */
export async function pointed(tabs, { home }) {
  const findings = [];
  for (const view of ['light', 'dark']) {
    const tab = tabs[view];
    await tab.goto(`${home}glossary.html`, { waitUntil: 'load' });
    for (const link of ['.chapter a:not(.active)', '.chapter a.active']) {
      await tab.locator(`#mdbook-sidebar ${link}`).first().hover();
      findings.push(...(await axe(tab, ['color-contrast'], '#mdbook-sidebar')).map((found) => ({ ...found, view })));
    }
    await tab.mouse.move(0, 0);
  }
  return findings;
}

/** Which descriptions stand on more than one page, and which pages have none. */
export function descriptions(site, pages) {
  const findings = [];
  const seen = new Map();
  // index.html is the first page once more, print.html is all of them.
  for (const page of pages.filter((page) => !['index.html', 'print.html'].includes(page))) {
    const said = /<meta name="description" content="([^"]*)"/.exec(readFileSync(join(site, page), 'utf8'))?.[1] ?? '';
    if (said.length < 20) findings.push({ rule: 'description', selector: page, message: `it says of itself only "${said}"` });
    else if (seen.has(said)) findings.push({ rule: 'description', selector: page, message: `it says of itself what ${seen.get(said)} says: "${said}"` });
    seen.set(said, page);
  }
  return findings;
}
