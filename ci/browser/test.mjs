// Opens every page of the built book in a real browser and says what is wrong: page, rule, selector.
//
//   node ci/browser/test.mjs [SITE]            SITE is target/site when left out
//   node ci/browser/test.mjs SITE --page PART  only pages whose path contains PART
//   node ci/browser/test.mjs SITE --quick      pages once, in light, without pictures
//   node ci/browser/test.mjs SITE --everything  also the pages of which nothing has changed since they passed here
//   node ci/browser/test.mjs --self            only the test of this test (fixtures/)
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './chromium.mjs';
import { examine, inFull, isWholeFile, openTabs } from './examine.mjs';
import { tried } from './look.mjs';
import { pagesOf, serve } from './site.mjs';
import { Seen } from './seen.mjs';
import { descriptions, pointed, search } from './search.mjs';
import { testOfTheTest } from './self.mjs';
import { heaviest } from './weigh.mjs';

const AT_ONCE = 2;
const JOB_LIMIT = 600_000; // ms; a page that takes longer hangs
const OLD = 120; // pages; then a browser is replaced

const args = process.argv.slice(2);
const option = (name) => { const i = args.indexOf(name); return i < 0 ? null : args.splice(i, 2)[1]; };
const flag = (name) => { const i = args.indexOf(name); return i >= 0 && args.splice(i, 1).length > 0; };
const only = option('--page');
const quick = flag('--quick');
const selfOnly = flag('--self');
const everything = flag('--everything');
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const site = resolve(args[0] ?? join(root, 'target/site'));

const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1);
const tally = { passed: 0, failed: 0 };

function say(name, findings, since) {
  const bad = findings.length > 0;
  tally[bad ? 'failed' : 'passed'] += 1;
  console.log(`${bad ? 'FAILED' : 'ok    '} ${name} (${seconds(since)} s)`);
  for (const line of merged(findings)) console.log(`       ${line}`);
}

/** One line a finding; the same one found in several ways of looking at the page is told once. */
function merged(findings) {
  const lines = new Map();
  for (const { rule, selector, message, view } of findings) {
    const line = `${rule}${selector ? ` at ${selector}` : ''}: ${message}`;
    lines.set(line, [...(lines.get(line) ?? []), view].filter(Boolean));
  }
  return [...lines].map(([line, views]) => views.length ? `[${[...new Set(views)].join(', ')}] ${line}` : line);
}

/** Runs `work` and gives up after `limit` ms. */
async function bounded(limit, work) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`it took longer than ${limit / 1000} s`)), limit); });
  try { return await Promise.race([work(), late]); } finally { clearTimeout(timer); }
}

/** What is wrong with it, within the limit. */
async function attempt(job, tabs) {
  try {
    return await bounded(JOB_LIMIT, () => job.run(tabs));
  } catch (error) {
    return [{ rule: 'broken', selector: '', message: error.message.split('\n')[0] }];
  }
}

/**
 * Does the jobs, `AT_ONCE` at a time, each in a browser of its own: a browser that is old, or that has two windows to draw, at times draws nothing for a
 * minute. So each is replaced now and then, and what is found is believed when a fresh browser finds it, too.
 */
async function work(jobs) {
  const queue = [...jobs];
  const worker = async () => {
    let chrome = await launch();
    let tabs = await openTabs(chrome.browser);
    let age = 0;
    const anew = async () => {
      await tabs.close().catch(() => {});
      await chrome.close().catch(() => {});
      chrome = await launch();
      tabs = await openTabs(chrome.browser);
      age = 0;
    };
    for (let job = queue.shift(); job; job = queue.shift()) {
      const since = performance.now();
      let findings = await attempt(job, tabs);
      age += 1;
      if (findings.length > 0) {
        const first = findings;
        await anew();
        findings = await attempt(job, tabs);
        if (findings.length === 0) console.log(`again  ${job.name}: a fresh browser does not find this:\n       ${merged(first).join('\n       ')}`);
      } else if (age >= OLD) {
        await anew();
      }
      say(job.name, findings, since);
      if (findings.length === 0) job.passed?.();
    }
    await tabs.close();
    await chrome.close();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const start = performance.now();
const { version, close } = await launch();
await close();
const jobs = [];
const servers = [];
if (!only) {
  const self = await testOfTheTest();
  jobs.push(...self.jobs);
  servers.push(self);
}
if (!selfOnly) {
  const server = await serve(site);
  servers.push(server);
  const pages = pagesOf(site).filter((page) => !only || page.includes(only));
  if (pages.length === 0 && !'search'.includes(only)) throw new Error(`no page of ${site} has "${only}" in its path`);
  const shots = join(root, 'target/screenshots');
  if (!only) rmSync(shots, { recursive: true, force: true }); // no picture of an older book stays
  mkdirSync(shots, { recursive: true });
  // Asked for one by one, a whole file is examined in full, too.
  const full = only ? new Set(pages) : inFull(pages);
  const loaded = (page) => isWholeFile(page) && !full.has(page);
  // What passed here before, and is the same, passes again. A fresh clone has seen nothing. One page, or a quick look, is no proof.
  const seen = new Seen(site, join(root, 'target/ci/browser-seen.json'), version);
  const known = only || quick || everything ? () => false : (page) => seen.holds(page);
  const same = pages.filter(known);
  tally.passed += same.length;
  if (same.length > 0) console.log(`${same.length} pages are as they were when they passed here: not looked at again (--everything does)`);
  const keep = (page) => (only || quick ? undefined : () => seen.keep(page));
  jobs.push(...pages.filter((page) => !same.includes(page)).map((page) => ({ name: page, passed: keep(page), run: (tabs) => examine(tabs, { site, page, home: server.address, shots, quick, loaded: loaded(page) }) })));
  // The page of all pages takes longest, so it does not begin when all others are done.
  jobs.unshift(...jobs.splice(jobs.findIndex(({ name }) => name === 'print.html') >>> 0, 1));
  if (!only || 'search'.includes(only)) {
    jobs.push({ name: 'the search', run: (tabs) => search(tabs, { site, home: server.address }) });
    jobs.push({ name: 'the side bar under the pointer', run: (tabs) => pointed(tabs, { home: server.address }) });
    jobs.push({ name: 'every page says of itself what no other says', run: async () => descriptions(site, pagesOf(site)) });
  }
  const files = pages.filter(isWholeFile).length;
  console.log(`${pages.length} pages, ${files} of them whole files, of which ${files - pages.filter(loaded).length} are examined in full and the others loaded`);
}
console.log(`${jobs.length} pages in Chromium ${version}`);
await work(jobs);
servers.forEach((server) => server.close());
console.log(`tried: ${Object.entries(tried).map(([what, count]) => `${count} ${what}`).join(', ')}`);
if (heaviest.page) console.log(`heaviest of those looked at: ${heaviest.page}, ${heaviest.kib.toFixed(0)} KiB`);
console.log(`${seconds(start)} s; pictures in target/screenshots`);
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed ? 1 : 0);
