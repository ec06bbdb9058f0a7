//! Three models of doing several things: one thread, many threads, one thread with readiness.
