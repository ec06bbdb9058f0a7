// Remembers which pages passed, by a digest of all that a page is made of: itself, every script, style, font and picture of the site, the
// browser, and this test.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

/** What changes with every page and changes none: the search index and the archive of the code. */
const OF_ALL = /searchindex|\.tar\.gz$/;

export class Seen {
  constructor(site, file, browser) {
    this.site = site;
    this.file = file;
    const shared = createHash('sha256').update(browser);
    for (const path of files(here)) shared.update(path).update(readFileSync(path));
    for (const path of files(site)) {
      if (!path.endsWith('.html') && !OF_ALL.test(path)) shared.update(path).update(readFileSync(path));
    }
    this.shared = shared.digest('hex');
    try { this.pages = JSON.parse(readFileSync(file, 'utf8')); } catch { this.pages = {}; }
  }

  digest(page) {
    const html = readFileSync(join(this.site, page), 'utf8');
    return createHash('sha256').update(this.shared).update(page).update(html).digest('hex');
  }

  /** Whether the page passed when it was just like this. */
  holds(page) { return this.pages[page] === this.digest(page); }

  /** Keeps that it passed. */
  keep(page) {
    this.pages[page] = this.digest(page);
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(this.file, JSON.stringify(this.pages));
  }
}
