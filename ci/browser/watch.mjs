// Listens to a page: what it logs, throws and requests becomes findings.

/**
 * Starts to listen. `report(rule, selector, message)` is called for each console error, exception, failed request, and request to
 * any address that does not begin with `home` (what a page builds for itself, `data:` and `blob:`, is its own).
 * Gives `requested`, the addresses asked for so far, and `stop()`.
 */
export function watch(page, home, report) {
  const requested = new Set();
  const listeners = {
    console: (message) => {
      if (message.type() === 'error') report('console-error', place(message.location()), message.text());
    },
    pageerror: (error) => report('page-error', '', error.message),
    crash: () => report('page-error', '', 'the page crashed'),
    request: (request) => {
      const address = request.url();
      requested.add(address);
      if (!/^(data|blob|about):/.test(address) && !address.startsWith(home)) report('foreign-request', '', `it asks for ${address}`);
    },
    requestfailed: (request) => {
      // A navigation by us cancels what was still loading; that is no failure of the page.
      if (request.failure()?.errorText !== 'net::ERR_ABORTED') report('failed-request', '', `${request.url()}: ${request.failure()?.errorText}`);
    },
    response: (response) => {
      if (response.status() >= 400) report('failed-request', '', `${response.url()}: ${response.status()}`);
    },
  };
  for (const [event, listener] of Object.entries(listeners)) page.on(event, listener);
  return {
    requested,
    stop: () => { for (const [event, listener] of Object.entries(listeners)) page.off(event, listener); },
  };
}

function place({ url, lineNumber }) {
  return url ? `${url.split('/').pop()}:${lineNumber + 1}` : '';
}
