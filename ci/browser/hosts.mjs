// Reads every file of a built site and says where it would load something from another host. Links a reader may follow are fine.
//
//   node ci/browser/hosts.mjs SITE
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const site = process.argv[2] ?? 'target/site';
// A name that ends in .invalid is nobody's and never will be (RFC 6761, section 6.4).
const HOST = String.raw`(?:https?:)?//(?![a-z0-9.-]*\.invalid\b)[a-z0-9.-]+\.[a-z]{2,}`;

/** What makes a browser fetch by itself, by kind of file. */
const LOADS = {
  html: [
    new RegExp(String.raw`<(?:script|img|iframe|source|video|audio|embed|input|track)\b[^>]*\s(?:src|srcset|poster)\s*=\s*["']?\s*(${HOST}[^"'\s>]*)`, 'gi'),
    new RegExp(String.raw`<link\b(?![^>]*rel=["']?(?:canonical|license|author))[^>]*\shref\s*=\s*["']?\s*(${HOST}[^"'\s>]*)`, 'gi'),
    new RegExp(String.raw`<(?:form|object|base|use|image)\b[^>]*\s(?:action|data|href|xlink:href)\s*=\s*["']?\s*(${HOST}[^"'\s>]*)`, 'gi'),
    new RegExp(String.raw`url\(\s*["']?(${HOST}[^"')\s]*)`, 'gi'),
  ],
  css: [new RegExp(String.raw`(?:url\(|@import)\s*["']?(${HOST}[^"')\s;]*)`, 'gi')],
  js: [
    new RegExp(String.raw`\b(?:fetch|fetch_with_timeout|import|importScripts|open|Worker|WebSocket|EventSource|sendBeacon)\(\s*[^)]{0,60}?["'\x60]((?:wss?:|https?:)?//(?![a-z0-9.-]*\.invalid\b)[a-z0-9.-]+\.[a-z]{2,}[^"'\x60]*)`, 'gi'),
    new RegExp(String.raw`\.(?:src|href)\s*=\s*["'\x60](${HOST}[^"'\x60]*)`, 'gi'),
  ],
};
LOADS.svg = [...LOADS.html, ...LOADS.css];

/** Not to be named at all: mdBook's Run button sends code there. */
const NEVER = /play\.rust-lang\.org/g;

const found = [];
let files = 0;
for (const entry of readdirSync(site, { recursive: true, withFileTypes: true })) {
  const kind = entry.name.split('.').pop();
  if (!entry.isFile() || !(kind in LOADS)) continue;
  files += 1;
  const path = join(entry.parentPath ?? entry.path, entry.name);
  const text = readFileSync(path, 'utf8');
  const tell = (index, what) => found.push(`${relative(site, path)}:${text.slice(0, index).split('\n').length}: ${what}`);
  for (const pattern of LOADS[kind]) {
    for (const match of text.matchAll(pattern)) tell(match.index, `loads ${match[1]}`);
  }
  for (const match of text.matchAll(NEVER)) tell(match.index, `names ${match[0]}`);
}
if (files === 0) found.push(`${site}: there is no page here; build the book first (cargo book build)`);
found.forEach((line) => console.log(line));
console.log(`${files} files read, ${found.length} references to other hosts`);
process.exit(found.length ? 1 : 0);
