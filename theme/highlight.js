// Code is coloured when the book is built (tool/src/expand/colour.rs). mdBook's own script asks for a highlighter, which this is instead of.
window.hljs = { configure() {}, highlightBlock() {} };
