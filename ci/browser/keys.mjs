// Presses keys as a keyboard does, many in one go, and has the page itself look at what each has done.

/** What the browser has to be told of a key: its number on a keyboard of Windows. */
const NUMBERS = { Tab: 9, End: 35, Home: 36, ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40 };

const sessions = new WeakMap();

/**
 * Presses `keys`, one after the other, and returns what `look`, a function of the page, says after each of them. It looks when
 * the key comes up: then the page has done what it does when the key goes down. Nothing is waited for in between, so what a
 * page does only later is not seen; nor is a key that leaves the page.
 */
export async function pressed(page, keys, look) {
  if (!sessions.has(page)) sessions.set(page, await page.context().newCDPSession(page));
  const session = sessions.get(page);
  const seen = await page.evaluateHandle(`({ look: ${look}, found: [] })`);
  await seen.evaluate((seen) => addEventListener('keyup', seen.listen = () => seen.found.push(seen.look()), true));
  const send = (type, key) => session.send('Input.dispatchKeyEvent', { type, key, code: key, windowsVirtualKeyCode: NUMBERS[key] });
  await Promise.all(keys.flatMap((key) => [send('rawKeyDown', key), send('keyUp', key)]));
  const found = await seen.evaluate((seen) => { removeEventListener('keyup', seen.listen, true); return seen.found; });
  await seen.dispose();
  return found;
}
