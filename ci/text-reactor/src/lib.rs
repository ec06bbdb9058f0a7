//! Every block of the chapter on the reactor: `cargo book check` writes them, and runs `cargo test --doc` here.
include!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../target/text/reactor/pages.rs"
));
