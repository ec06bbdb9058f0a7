// Listens to a page: what it logs, throws and requests becomes findings.

/**
 * Starts to listen. `report(rule, selector, message)` is called for each console error, exception, failed request, and request to
 * any address that does not begin with `home` (what a page builds for itself, `data:` and `blob:`, is its own).
 * Gives the set of addresses it asked for.
 */
export function watch(page, home, report) {
  const requested = new Set();
  page.on('console', (message) => {
    if (message.type() === 'error') report('console-error', place(message.location()), message.text());
  });
  page.on('pageerror', (error) => report('page-error', '', error.message));
  page.on('crash', () => report('page-error', '', 'the page crashed'));
  page.on('request', (request) => {
    const address = request.url();
    requested.add(address);
    if (/^(data|blob|about):/.test(address)) return;
    if (!address.startsWith(home)) report('foreign-request', '', `it asks for ${address}`);
  });
  page.on('requestfailed', (request) => {
    // A navigation by us cancels what was still loading; that is no failure of the page.
    if (request.failure()?.errorText === 'net::ERR_ABORTED') return;
    report('failed-request', '', `${request.url()}: ${request.failure()?.errorText}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) report('failed-request', '', `${response.url()}: ${response.status()}`);
  });
  return requested;
}

function place({ url, lineNumber }) {
  return url ? `${url.split('/').pop()}:${lineNumber + 1}` : '';
}
