//! Every block of the poetry server: `cargo book check` writes them, and runs `cargo test --doc` here.
include!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../target/text/poetry/pages.rs"
));
