//! The event loop: a world, timers, turns and wake-ups.
