//! Reading a trace back: the parser, the lint, and the writers of diagrams.
