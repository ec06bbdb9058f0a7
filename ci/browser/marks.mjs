// Draws the pictures that other sites show of the book: the mark on a telephone's screen, the preview of a link. Their drawings are in
// theme/marks; run this when one of them has changed, and commit what it writes.
//
//   node ci/browser/marks.mjs           writes src/mark-180.png and src/preview.png
//   node ci/browser/marks.mjs --check   says whether they are of the drawings that are there
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './chromium.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const SIZES = { 'mark-180': [180, 180], preview: [1200, 630] };
const digests = join(root, 'theme/marks/drawn.txt'); // which drawings the pictures are of
const digest = (name) => `${createHash('sha256').update(readFileSync(join(root, 'theme/marks', `${name}.svg`))).digest('hex')} ${name}`;
const now = `${Object.keys(SIZES).map(digest).join('\n')}\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(digests, 'utf8') !== now) {
    console.log('a drawing of theme/marks has changed: run node ci/browser/marks.mjs and commit what it writes');
    process.exit(1);
  }
  process.exit(0);
}
const chrome = await launch();
try {
  for (const [name, [width, height]] of Object.entries(SIZES)) {
    const tab = await chrome.browser.newPage({ viewport: { width, height } });
    const font = (file, family) => `@font-face { font-family: '${family}'; font-weight: 400 700; src: url(data:font/woff2;base64,${readFileSync(join(root, 'theme/fonts', file)).toString('base64')}); }`;
    const svg = readFileSync(join(root, 'theme/marks', `${name}.svg`), 'utf8');
    await tab.setContent(`<style>${font('source-serif-4.woff2', 'Source Serif 4')}${font('source-code-pro.woff2', 'Source Code Pro')} body { margin: 0 } svg { display: block; width: ${width}px; height: ${height}px }</style>${svg}`);
    await tab.evaluate(() => document.fonts.ready);
    await tab.screenshot({ path: join(root, 'src', `${name}.png`) });
  }
  writeFileSync(digests, now);
} finally {
  await chrome.close();
}
