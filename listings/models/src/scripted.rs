//! Sockets that follow a script, for exercises: no network, no clock, and misuse is told at once.
