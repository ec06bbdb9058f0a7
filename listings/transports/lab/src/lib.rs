//! The tokio twins of the chapter on transports, hyper on our reactor, benchmarks and heavy tests.
