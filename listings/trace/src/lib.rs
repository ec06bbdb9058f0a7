//! What a run records of itself: events, the recorder, the lint, the diagrams.
