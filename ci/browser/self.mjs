// The test of the browser test: pages with one defect each, which it must find, and a page without any, where it must find nothing.
//
// A page of fixtures/ says in its second line what must be found: `<!-- finds: rule rule -->`, and, where light alone does not show it,
// `<!-- views: all -->`.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { examine } from './examine.mjs';
import { serve } from './site.mjs';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'fixtures');

/** A job for each fixture (`name`, `run(tabs)`), whose findings are the differences between what was to be found and what was. */
export async function testOfTheTest() {
  const server = await serve(folder);
  const jobs = readdirSync(folder).filter((name) => name.endsWith('.html')).sort().map((page) => ({
    name: `test of the test: ${page}`,
    run: async (tabs) => {
      const text = readFileSync(join(folder, page), 'utf8');
      const wanted = /<!-- finds:([^>]*)-->/.exec(text)?.[1].trim().split(/\s+/).filter(Boolean);
      if (!wanted) throw new Error('it does not say what it is for (<!-- finds: … -->)');
      const quick = !text.includes('<!-- views: all -->');
      const all = await examine(tabs, { site: folder, page, home: server.address, shots: null, patience: 1000, quick });
      const found = new Set(all.map(({ rule }) => rule));
      return [
        ...wanted.filter((rule) => !found.has(rule)).map((rule) => ({ rule, selector: '', message: 'this defect of the fixture was not found' })),
        ...all.filter(({ rule }) => !wanted.includes(rule)),
      ];
    },
  }));
  return { jobs, close: server.close };
}
