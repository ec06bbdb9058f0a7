//! Every block of the chapter on three models: `cargo book check` writes them, and runs `cargo test --doc` here.
include!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../target/text/models/pages.rs"
));
