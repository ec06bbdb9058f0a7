//! Every block of the introduction: `cargo book check` writes them, and runs `cargo test --doc` here.
include!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../target/text/introduction/pages.rs"
));
