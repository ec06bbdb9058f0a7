// A built site: which pages it has, and a small server that offers it from a sub-path, as a project page on a host would.
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json', '.ndjson': 'application/x-ndjson', '.svg': 'image/svg+xml', '.png': 'image/png',
  '.woff2': 'font/woff2', '.txt': 'text/plain; charset=utf-8', '.wasm': 'application/wasm',
};

/** Not pages of their own: the table of contents is a frame in a page, 404.html is for a host at its root. */
const NOT_PAGES = new Set(['toc.html', '404.html']);

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}

/** Where a page that only sends its visitors on sends them: `output.html.redirect` in book.toml. Null for any other page. */
function leadsTo(folder, path) {
  const [, to] = /<meta http-equiv="refresh" content="0; URL=([^"]+)">/.exec(readFileSync(join(folder, path), 'utf8').slice(0, 400)) ?? [];
  const [page, place] = to?.split('#') ?? [];
  const at = page && join(folder, dirname(path), page);
  const there = at && existsSync(at) && (!place || readFileSync(at, 'utf8').includes(`id="${place}"`));
  if (to && !there) throw new Error(`${path} sends its visitors to ${to}, which is not there`);
  return to ?? null;
}

/** The pages of a built site, as paths with `/`: those of the table of contents in its order, then the others by name. */
export function pagesOf(folder) {
  const there = files(folder)
    .filter((path) => path.endsWith('.html'))
    .map((path) => relative(folder, path).split(sep).join('/'))
    .filter((path) => !NOT_PAGES.has(path) && !leadsTo(folder, path))
    .sort();
  const contents = join(folder, 'toc.html');
  const listed = !existsSync(contents) ? [] : [...readFileSync(contents, 'utf8').matchAll(/<a href="([^"#?]+\.html)"/g)].map((m) => m[1]);
  const missing = listed.filter((path) => !there.includes(path));
  if (missing.length) throw new Error(`the table of contents names pages that are not there: ${missing.join(', ')}`);
  // mdBook writes index.html as a copy of the first page; it is opened, too: it is what a visitor sees first.
  return [...new Set([...listed, ...there])];
}

/** The address of a page when the folder is opened from disk. */
export const fileAddress = (folder, page) => pathToFileURL(join(folder, page)).href;

/** Serves `folder` at http://127.0.0.1:PORT/some/where/ and nothing above it. */
export async function serve(folder) {
  const prefix = '/some/where/';
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://host').pathname);
    let file = path.startsWith(prefix) && !path.includes('..') ? join(folder, path.slice(prefix.length)) : null;
    if (file && existsSync(file) && statSync(file).isDirectory()) file = join(file, 'index.html');
    if (!file || !existsSync(file)) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not here');
      return;
    }
    // Cached for the run: every page loads the same scripts, styles and fonts.
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'cache-control': 'max-age=600' });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}${prefix}`,
    close: () => { server.closeAllConnections?.(); server.close(); },
  };
}
