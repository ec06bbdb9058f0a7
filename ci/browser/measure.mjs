// How long a reader waits for a page, the player, the search and a knob: medians with their spread, as the table in ci/README.md.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { launch } from './chromium.mjs';
import { serve } from './site.mjs';
import { bytes, weight } from './weigh.mjs';

const HELP = `node ci/browser/measure.mjs [SITE] [--tries N] [--only WORD]

Opens the built book in Chromium as a reader does, N times (11 when left out), and prints a table:
least, median and most of each wait. SITE is target/site when left out; --only measures the rows
whose name has WORD in it. The site comes from this machine, so no time holds a slow line; weights
are given in bytes, zipped. What takes longer than 5 s is not waited for, and the table says so.
Nothing is compared, and no time fails: it is no part of ci/test.`;

const LIMIT = 5000; // ms
const LISTING = 'reactor/simplest.html'; // a page as most are: one program, its output and its picture
const PLAYED = 'deferreds/fetch-one.html'; // a page whose first run is opened in the player
const SEARCHED = ['r', 'reactor', 'Deferred', 'call_later', 'when does a callback run']; // one letter: as one begins to type
const FRAME = 'a frame, 16.7 ms';

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(HELP);
  process.exit(0);
}
const option = (name) => { const at = args.indexOf(name); return at < 0 ? null : args.splice(at, 2)[1]; };
const tries = Number(option('--tries') ?? 11);
const only = option('--only') ?? '';
const site = resolve(args[0] ?? 'target/site');
if (!(tries > 0) || !existsSync(join(site, 'index.html'))) {
  console.error(`${HELP}\n\n${tries > 0 ? `${site} has no book: cargo book build --dest target/site` : '--tries wants a number'}`);
  process.exit(2);
}

const rows = [];
const number = (ms) => (ms < 10 ? ms.toFixed(1) : ms.toFixed(0));
const kib = (count) => `${(count / 1024).toFixed(0)} KiB zipped`;

/** A row of the table: what was waited for, its times in ms (one that is missing took too long), the bar, and what else there is to say. */
function row(what, times, bar = '', more = '') {
  const all = times.map((time) => time ?? Infinity).toSorted((a, b) => a - b);
  const shown = [all[0], all[all.length >> 1], all.at(-1)].map((ms) => (ms === Infinity ? 'over 5 s: not waited for' : `${number(ms)} ms`));
  rows.push([what, ...shown, bar, more]);
}

/** The time that `work` says, or null after LIMIT. The page is closed then, so that nothing of it goes on beside the next. */
async function within(page, work) {
  let timer;
  const late = new Promise((done) => { timer = setTimeout(done, LIMIT, null); });
  const time = await Promise.race([work(), late]);
  clearTimeout(timer);
  if (time === null) await page.close();
  return time;
}

/** Opens `address` in a new context, where nothing is in the cache, and closes it after `work(page, requested)`; null after LIMIT. */
async function fresh(browser, address, work) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(LIMIT);
  try {
    const page = await context.newPage();
    const requested = new Set();
    page.on('request', (request) => requested.add(request.url()));
    await page.goto(address, { waitUntil: 'load' });
    return await work(page, requested);
  } catch (error) {
    if (error.name === 'TimeoutError') return null;
    throw error;
  } finally {
    await context.close();
  }
}

/** `tries` results of `work`, one after another. One that is not kept comes before: what a new browser does first takes longest. */
async function repeated(work) {
  await work();
  const all = [];
  for (let at = 0; at < tries; at += 1) all.push(await work());
  return all;
}

async function loads({ browser, home }, what, path, bar) {
  const all = await repeated(() => fresh(browser, home + path, async (page, requested) => ({
    weight: weight(site, home, requested),
    ...await page.evaluate(() => {
      const { domContentLoadedEventEnd, loadEventEnd } = performance.getEntriesByType('navigation')[0];
      return { ready: domContentLoadedEventEnd, loaded: loadEventEnd };
    }),
  })));
  row(`${what}: its text is there (DOM ready)`, all.map((one) => one?.ready), '', all.some(Boolean) ? `${kib(all.find(Boolean).weight)}; the bar is ${bar}` : '');
  row(`${what}: all of it is there (load)`, all.map((one) => one?.loaded));
}

/** Both given to the page before its own scripts: when a frame with what was just done is drawn, and when something is there. */
function helpers() {
  window.__drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))));
  window.__there = (find) => new Promise((done) => {
    const look = () => find() && (watcher.disconnect(), done(find()));
    const watcher = new MutationObserver(look);
    watcher.observe(document, { childList: true, subtree: true, characterData: true });
    look();
  });
}

async function opensPlayer({ browser, home }) {
  const opened = async (page) => {
    await page.evaluate(helpers);
    return within(page, () => page.evaluate(async () => {
      const began = performance.now();
      document.querySelector('button[data-run]').click();
      await __there(() => document.querySelector('.run-player .where'));
      return await __drawn() - began;
    }));
  };
  row(`the player: click to the first step, first time (${PLAYED})`, await repeated(() => fresh(browser, home + PLAYED, opened)), '', 'its scripts and its run are loaded');
  row('the player: click to the first step, again', await repeated(() => fresh(browser, home + PLAYED, async (page) => {
    if (await opened(page) === null) return null;
    await page.evaluate(() => document.querySelector('button[data-run]').click());
    return opened(page);
  })), 'at once');
}

/** The first page, by name, in whose text `pattern` is found. */
const showing = (pattern) => readdirSync(site, { recursive: true }).map((name) => name.replaceAll('\\', '/')).sort()
  .find((name) => name.endsWith('.html') && !/^(listings\/|print\.html)/.test(name) && pattern.test(readFileSync(join(site, name), 'utf8')));

/** The recorded run that has the most events, and a page that shows it. */
function longest() {
  const all = readdirSync(join(site, 'runs'), { recursive: true }).filter((name) => name.endsWith('.js'))
    .map((name) => ({ name: name.replace(/\.js$/, '').replaceAll('\\', '/'), events: readFileSync(join(site, 'runs', name), 'utf8').split('\\n{').length - 1 }));
  const { name, events } = all.sort((a, b) => b.events - a.events)[0];
  return { name, events, page: showing(new RegExp(`data-run="${name}"`)) };
}

/** In the page: a run of at least `wanted` events, made of `found` once or several times one after another, with other objects each time. */
function lengthened(found, wanted) {
  const [head, ...events] = found.trace.trimEnd().split('\n').map((line) => JSON.parse(line));
  const last = events.at(-1);
  const all = [];
  const object = (name, round) => name.replace(/\d+$/, (digits) => `${Number(digits) + 10_000 * round}`);
  for (let round = 0; all.length < wanted; round += 1) {
    const n = round * last.n;
    for (const e of events) {
      const a = e.a && Object.fromEntries(Object.entries(e.a).map(([key, value]) => [key, ['on', 'who', 'other'].includes(key) && typeof value === 'string' ? object(value, round) : value]));
      all.push({ ...e, n: e.n + n, t: e.t + round * last.t, w: e.w && e.w + round * last.w, ...(e.o && { o: object(e.o, round) }), ...(e.p && { p: e.p + n }), ...(e.c && { c: e.c.map((cause) => cause + n) }), ...(a && { a }) });
    }
  }
  return { ...found, trace: [head, ...all].map((line) => JSON.stringify(line)).join('\n') };
}

/**
 * Plays `run`, made longer until it has `wanted` events, in the page that shows it, and gives times of script, style and layout, without
 * the wait for the next frame: of steps everywhere in it, of jumps between far places, of Why?.
 */
async function plays({ browser, home }, { name, page }, wanted) {
  return fresh(browser, home + page, (tab) => tab.evaluate(async ([longer, name, wanted, tries]) => {
    const run = eval(`(${longer})`)(await untwisted.recording(name), wanted);
    (untwisted.varied ??= {})[name] = run;
    await untwisted.open(name);
    const box = document.querySelector('.run-player');
    const [range, next, why] = ['input[type=range]', '[title="A step on"]', '.why'].map((part) => box.querySelector(part));
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const timed = async (act) => {
      await frame();
      const began = performance.now();
      act();
      document.body.getBoundingClientRect();
      return performance.now() - began;
    };
    const jump = (part) => {
      range.value = Math.round(part * range.max);
      range.dispatchEvent(new Event('input'));
    };
    const times = { events: run.trace.trimEnd().split('\n').length - 1, steps: [], jumps: [], whys: [] };
    // The script of Why? comes with its first press.
    for (let more = 0; why.hidden && more < 20; more += 1) next.click();
    why.click();
    for (let more = 0; !box.querySelector('.panel li') && more < 300; more += 1) await frame();
    jump(1);
    for (let at = 1; at <= tries; at += 1) times.jumps.push(await timed(() => jump((at % 2 ? at : tries + 1 - at) / (tries + 1))));
    for (let at = 1; at <= tries; at += 1) {
      jump(at / (tries + 1));
      times.steps.push(await timed(() => next.click()));
      for (let more = 0; why.hidden && more < 20; more += 1) next.click();
      if (!why.hidden) times.whys.push(await timed(() => why.click()));
    }
    return times;
  }, [lengthened.toString(), name, wanted, tries]));
}

async function redraws(where) {
  const run = longest();
  for (const wanted of [1000, 2000]) {
    const times = await plays(where, run, wanted) ?? { events: wanted, steps: [null], jumps: [null], whys: [null] };
    const of = `a run of ${times.events} events`;
    const more = times.events > run.events ? `${run.name} (${run.events} events), one after another` : run.name;
    row(`the player: a step on in ${of}`, times.steps, FRAME, more);
    row(`the player: a jump in ${of}`, times.jumps, FRAME, more);
    row(`the player: Why? in ${of}`, times.whys, FRAME, more);
  }
}

async function searches({ browser, home }) {
  const all = await repeated(() => fresh(browser, home + LISTING, async (page) => {
    await page.evaluate(helpers);
    const loaded = await within(page, () => page.evaluate(async () => {
      const began = performance.now();
      document.getElementById('search-toggle').click();
      await untwisted.loadSearch();
      return performance.now() - began;
    }));
    const times = { loaded, found: {} };
    for (const words of loaded === null ? [] : SEARCHED) {
      if (page.isClosed()) break;
      times.found[words] = await within(page, () => page.evaluate(async (words) => {
        await __drawn();
        const field = document.getElementById('search-field');
        field.value = words;
        const began = performance.now();
        field.dispatchEvent(new Event('input'));
        await __there(() => document.querySelector('#search-results a'));
        document.body.getBoundingClientRect();
        return performance.now() - began;
      }, words));
    }
    return times;
  }));
  row('the search: click to the index being there', all.map((one) => one?.loaded), '', `${kib(bytes(join(site, 'searchindex.js')))}; the bar is 250`);
  for (const words of SEARCHED) row(`the search: "${words}" to its first result`, all.map((one) => one?.found[words]), 'about 50 ms');
}

async function knobs({ browser, home }) {
  const path = showing(/data-knobs="[^"]*latency/);
  const all = await repeated(() => fresh(browser, home + path, async (page) => {
    const turn = (value) => within(page, () => page.evaluate(async (value) => {
      const knob = document.querySelector('.knobs input[name=latency]');
      const ended = new Promise((done) => document.addEventListener('untwisted-run', done, { once: true }));
      const began = performance.now();
      knob.value = value;
      knob.dispatchEvent(new Event('input', { bubbles: true }));
      await ended;
      return performance.now() - began;
    }, value));
    await page.locator('button[data-knobs*=latency]').first().dispatchEvent('click');
    await page.locator('.knobs input[name=latency]').waitFor({ state: 'attached' });
    const first = await turn(120);
    // The picture of that run would take time from the next.
    await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
    return { first, again: first === null ? null : await turn(140) };
  }));
  row(`a knob: moved to output, first time (${path})`, all.map((one) => one?.first), '', 'the chapter\'s program is loaded');
  row('a knob: moved to output, again', all.map((one) => one?.again));
}

const PARTS = {
  'first page': (where) => loads(where, 'the first page', 'index.html', 120),
  'listing page': (where) => loads(where, `a listing's page (${LISTING})`, LISTING, 145),
  'player opens': opensPlayer, 'player redraws': redraws, search: searches, knob: knobs,
};

const chrome = await launch();
const server = await serve(site);
try {
  for (const [name, part] of Object.entries(PARTS)) if (name.includes(only)) await part({ browser: chrome.browser, home: server.address });
} finally {
  await chrome.close();
  server.close();
}
const table = [['what', 'least', 'median', 'most', 'bar', ''], ...rows];
const wide = table[0].map((_, at) => Math.max(...table.map((one) => one[at].length), 3));
const line = (cells) => `| ${cells.map((text, at) => text.padEnd(wide[at])).join(' | ')} |`;
console.log([line(table[0]), line(wide.map((w) => '-'.repeat(w))), ...rows.map((one) => line(one))].join('\n'));
console.log(`\n${tries} tries of each, Chromium ${chrome.version}`);
