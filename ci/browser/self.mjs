// The test of the browser test: pages with one defect each, which it must find, and a page without any, where it must find nothing.
//
// A page of fixtures/ says in its second line what must be found: `<!-- finds: rule rule -->`, and, where light alone does not show it,
// `<!-- views: all -->`.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { colours } from './axe.mjs';
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
  jobs.push({ name: 'test of the test: a text that looks otherwise than those that axe has passed is shown to axe', run: ({ light }) => tellsApart(light, server.address) });
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

/** What is wrong with the memory of colours that axe has passed: `page` shows one text after the other. */
async function tellsApart(page, home) {
  const wrong = [];
  const known = new Set();
  const show = async (what, html, finds) => {
    await page.goto(`${home}good.html`);
    await page.evaluate((html) => { document.querySelector('main').innerHTML = `<h1>Good</h1>${html}`; }, html);
    const before = known.size;
    const found = (await colours(page, true, known)).map(({ rule }) => rule);
    if (found.join() !== finds) wrong.push({ rule: 'colours', selector: '', message: `${what}: found ${found.join() || 'nothing'}, not ${finds || 'nothing'}` });
    return known.size - before;
  };
  const link = '<a href="good.html" style="text-decoration: none; color: #00c">there</a>';
  await show('grey that can be read', '<p style="color: #666">Words in grey.</p>', '');
  if (await show('the same once more', '<ul><li style="color: #666">Other words in grey.</li></ul>', '') > 0) wrong.push({ rule: 'colours', selector: '', message: 'what was passed is asked again' });
  if (!(await page.evaluate(() => document.querySelector('li') && !('axe' in window)))) wrong.push({ rule: 'colours', selector: '', message: 'axe looks at what it has passed' });
  await show('another grey', '<p style="color: #aaa">Words in grey.</p>', 'axe/color-contrast');
  await show('the same again: a fault is not remembered as good', '<p style="color: #aaa">Words in grey.</p>', 'axe/color-contrast');
  await show('on another ground', '<div style="background: #888"><p style="color: #666">Words in grey.</p></div>', 'axe/color-contrast');
  await show('fainter', '<div style="opacity: 0.5"><p style="color: #666">Words in grey.</p></div>', 'axe/color-contrast');
  await show('large', '<p style="color: #888; font-size: 30px">Large words in grey.</p>', '');
  await show('the same, small', '<p style="color: #888">Small words in grey.</p>', 'axe/color-contrast');
  await show('a link alone', `<p>${link}</p>`, '');
  for (const time of ['', ', once more']) await show(`the same link among words${time}`, `<p style="color: #004">Go ${link} now.</p>`, 'axe/link-in-text-block');
  return wrong;
}
