// Takes the picture in the README: a listing with its command and its output, 1200 x 800, with an edge that shows on any background.
//
//   node ci/browser/screenshot.mjs [PAGE] [SELECTOR]   from the book in target/site; scrolled so that SELECTOR is at the top
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './chromium.mjs';
import { serve } from './site.mjs';

const [page = 'reactor/calls.html', selector = 'main .listing'] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const server = await serve(resolve(here, '../../target/site'));
const chrome = await launch();
try {
  const tab = await chrome.browser.newPage({ viewport: { width: 1200, height: 800 }, colorScheme: 'light', reducedMotion: 'reduce' });
  const response = await tab.goto(server.address + page, { waitUntil: 'load' });
  if (!response.ok()) throw new Error(`target/site has no page ${page}; build the book first (cargo book build)`);
  for (const drawing of await tab.locator('main .mermaid').filter({ visible: true }).all()) {
    await drawing.scrollIntoViewIfNeeded();
    await drawing.locator('svg').first().waitFor();
  }
  await tab.addStyleTag({ content: 'html::after { content: ""; position: fixed; inset: 0; border: 1px solid #8888; z-index: 10000; pointer-events: none; }' });
  await tab.locator(selector).first().evaluate((e) => window.scrollTo(0, e.getBoundingClientRect().top + window.scrollY - 70));
  const picture = join(here, 'screenshot.png');
  await tab.screenshot({ path: picture });
  console.log(picture);
} finally {
  await chrome.close();
  server.close();
}
