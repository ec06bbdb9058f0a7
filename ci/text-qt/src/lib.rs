//! Every block of the chapter on Qt: `cargo book check` writes them, and runs `cargo test --doc` here.
include!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../target/text/qt/pages.rs"
));
