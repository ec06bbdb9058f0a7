//! Hands the blocks that `cargo book check` wrote into target/text/skeptic to skeptic.
fn main() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../skeptic");
    println!("cargo:rerun-if-changed={folder}");
    let files = skeptic::markdown_files_of_directory(folder);
    assert!(
        !files.is_empty(),
        "{folder} holds no blocks: run `cargo book check`, which writes them first"
    );
    skeptic::generate_doc_tests(&files);
}
