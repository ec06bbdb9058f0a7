//! A small book in a temporary folder, for tests.
use book::house::House;
use std::path::Path;

/// A house with nothing but its frame; the folder goes when the guard is dropped.
#[allow(dead_code, reason = "not every test file needs one")]
pub(crate) fn house() -> (tempfile::TempDir, House) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), "book.toml", "[book]\ntitle = \"Small\"\n");
    write(folder.path(), "listings/.keep", "");
    let house = House::find(folder.path()).expect("the frame of a house");
    (folder, house)
}

/// Writes one file, with its folders.
pub(crate) fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
    std::fs::write(path, text).expect("the file is written");
}

/// Reads one file.
#[allow(dead_code, reason = "not every test file reads")]
pub(crate) fn read(root: &Path, path: &str) -> String {
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
