// Finds an installed Chromium or Chrome and starts it without anything of its owner's: no profile, no updates, no calls home.
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { chromium } from 'playwright-core';

const USUAL = [
  'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  join(process.env.HOME ?? '/', 'Applications/Google Chrome.app/Contents/MacOS/Google Chrome'),
];

function executable(path) {
  try { accessSync(path, constants.X_OK); return true; } catch { return false; }
}

/** The browser to use: $CHROMIUM, or one at a usual place (the same places as in ci/setup). */
export function findChromium() {
  for (const name of [process.env.CHROMIUM, ...USUAL].filter(Boolean)) {
    const candidates = isAbsolute(name) ? [name] : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
    const found = candidates.find(executable);
    if (found) return found;
  }
  throw new Error('no Chromium found: run ci/setup, or set CHROMIUM to the path of Chromium or Chrome');
}

/** Starts the browser. `close()` ends it. */
export async function launch() {
  // Its own home, so that nothing is read from or left in the owner's; playwright makes a fresh profile by itself.
  const home = mkdtempSync(join(tmpdir(), 'untwisted-browser-'));
  const browser = await chromium.launch({
    executablePath: findChromium(),
    headless: true,
    env: { ...process.env, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home },
    args: [
      '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--allow-file-access-from-files=false', '--force-color-profile=srgb', '--font-render-hinting=none',
    ],
  });
  return {
    browser,
    version: browser.version(),
    close: async () => { await browser.close(); rmSync(home, { recursive: true, force: true }); },
  };
}
