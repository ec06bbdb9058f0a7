// Draws the sequence pictures of recorded runs, in Chromium, with the script that pages use, theme/knobs/sequence.js.
//
//   node ci/browser/draw.mjs MERMAID.js FILE.mmd…     writes FILE.panels beside each: a line with the hash, then a line for each panel
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './chromium.mjs';

const [library, ...files] = process.argv.slice(2);

const chrome = await launch();
try {
  const page = await chrome.browser.newPage();
  await page.setContent('<!doctype html><body style="font: 14px \'DejaVu Sans\', sans-serif">');
  await page.addScriptTag({ path: library });
  await page.addScriptTag({ path: fileURLToPath(new URL('../../theme/knobs/sequence.js', import.meta.url)) });
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const name = `${basename(dirname(file))}-${basename(file, '.mmd')}`.replace(/\W/g, '-');
    try {
      const panels = await page.evaluate(([text, name]) => globalThis.untwisted.sequence(globalThis.mermaid, text, name), [text, name]);
      writeFileSync(file.replace(/\.mmd$/, '.panels'), `sha256 ${createHash('sha256').update(text).digest('hex')}\n${panels.join('\n')}\n`);
    } catch (error) {
      throw new Error(`${file}: ${error.message}`);
    }
  }
} finally {
  await chrome.close();
}
