// The test of the browser test: pages with one defect each, which it must find, and a page without any, where it must find nothing.
//
// A page of fixtures/ says in its second line what must be found: `<!-- finds: rule rule -->`, and, where light alone does not show it,
// `<!-- views: all -->`.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { examine } from './examine.mjs';
import { Seen } from './seen.mjs';
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
  jobs.push({ name: 'test of the test: a page that passed is looked at again when anything of it changes', run: async () => remembers() });
  return { jobs, close: server.close };
}

/** What is wrong with the memory of pages that passed. */
function remembers() {
  const site = mkdtempSync(join(tmpdir(), 'seen-site-'));
  const memory = mkdtempSync(join(tmpdir(), 'seen-'));
  const put = (name, text) => writeFileSync(join(site, name), text);
  const holds = (browser = '1') => new Seen(site, join(memory, 'seen.json'), browser).holds('a.html');
  const wrong = [];
  const want = (what, is, wanted) => { if (is !== wanted) wrong.push({ rule: 'seen', selector: '', message: `${what}: ${is ? 'not looked at' : 'looked at'}` }); };
  put('a.html', '<p>Words.</p>');
  put('style.css', 'p {}');
  put('searchindex.js', '1');
  want('at first', holds(), false);
  new Seen(site, join(memory, 'seen.json'), '1').keep('a.html');
  put('searchindex.js', '2'); // another page has changed, and so has the index
  want('after it passed', holds(), true);
  want('in another browser', holds('2'), false);
  put('style.css', 'p { color: red }');
  want('with another style', holds(), false);
  put('style.css', 'p {}');
  put('a.html', '<p>More words.</p>');
  want('with other words', holds(), false);
  for (const folder of [site, memory]) rmSync(folder, { recursive: true });
  return wrong;
}
