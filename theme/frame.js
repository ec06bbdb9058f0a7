// Mends what mdBook's own frame does with a keyboard: the link to the text, the side bar's button, and arrow keys, which turn the page wherever you are.
(function () {
  'use strict';

  // mdBook has a place for the link to the text behind the side bar only. `cargo book build` has put it first already (tool/src/skip.rs).
  const skip = document.querySelector('a.skip');
  if (skip) document.body.prepend(skip);

  // A <label> that acts as a button, and that the Tab key cannot reach.
  const toggle = document.getElementById('mdbook-sidebar-toggle');
  if (toggle) {
    toggle.setAttribute('role', 'button');
    toggle.tabIndex = 0;
    toggle.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      toggle.click();
    });
  }

  // mdBook listens on the document. What happens inside one of our widgets, or in code that scrolls, is no wish to leave the page.
  const widget = '.listing, .exercise, figure, pre, details, [role=tablist], button, summary, [tabindex="0"]';
  const main = document.querySelector('main');
  if (main) {
    main.addEventListener('keydown', (event) => {
      if ((event.key === 'ArrowLeft' || event.key === 'ArrowRight') && event.target.closest(widget)) event.stopPropagation();
    });
  }

  // Code that is wider than its box has to be reachable, or a keyboard cannot scroll it.
  const blocks = document.querySelectorAll('main pre > code');
  const scrollable = () => {
    // All are measured before one is changed: else the page is laid out anew for each.
    const scrolls = [...blocks].map((code) => code.scrollWidth > code.clientWidth + 1);
    blocks.forEach((code, at) => {
      if (scrolls[at]) code.tabIndex = 0;
      else code.removeAttribute('tabindex');
    });
  };
  addEventListener('load', scrollable);
  addEventListener('resize', scrollable);
})();
