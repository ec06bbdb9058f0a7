// What a page weighs: the bytes that a first visit to it loads, compressed as a host would, and the bars it may not pass.
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** KiB that a first visit may load: the title page, every other page, and the index of the search, which comes when somebody searches. */
export const BARS = { title: 120, page: 145, index: 250 };

/** Pages with a bar of their own, in KiB: what makes them heavy is what they are about. */
const EXCEPTIONS = {
  'qt/poems.html': 180, // a window as it is on the screen, in pixels
  'web/site.html': 230, // a site as a browser shows it, in pixels
};

/** Fonts and pictures of pixels are compressed already. */
const PACKED = new Set(['.woff2', '.png']);

const known = new Map();

/** Bytes of one file, as they come over the line. */
export function bytes(file) {
  if (!known.has(file)) {
    const raw = readFileSync(file);
    known.set(file, PACKED.has(extname(file)) ? raw.length : gzipSync(raw, { level: 9 }).length);
  }
  return known.get(file);
}

/** What `requested`, the addresses a visit asked for at `home`, weighs in the folder `site`. The icon of the tab counts, too. */
export function weight(site, home, requested) {
  const files = new Set();
  for (const address of requested) {
    if (!address.startsWith(home)) continue;
    const path = decodeURIComponent(address.slice(home.length).split(/[?#]/)[0]) || 'index.html';
    const file = join(site, path);
    if (existsSync(file)) files.add(file);
  }
  return [...files].reduce((sum, file) => sum + bytes(file), 0);
}

/** The bar of a page, in KiB; the page of all pages has none. */
export function bar(page) {
  if (page === 'print.html') return null;
  if (EXCEPTIONS[page]) return EXCEPTIONS[page];
  return page === 'index.html' || page === 'introduction/index.html' ? BARS.title : BARS.page;
}

/** The heaviest page so far, for the last lines of the test. */
export const heaviest = { page: '', kib: 0 };

/** Findings: a page over its bar. */
export function weigh(site, home, page, requested) {
  const kib = weight(site, home, requested) / 1024;
  const most = bar(page);
  if (EXCEPTIONS[page] && kib <= BARS.page) return [{ rule: 'weight', selector: '', message: `it needs no bar of its own any more (${kib.toFixed(0)} KiB): take it off the list in weigh.mjs` }];
  if (most !== null && kib > heaviest.kib) Object.assign(heaviest, { page, kib });
  if (most === null || kib <= most) return [];
  return [{ rule: 'weight', selector: '', message: `a first visit loads ${kib.toFixed(1)} KiB; ${most} are the limit` }];
}
