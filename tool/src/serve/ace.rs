//! mdBook's own Ace, for who wants a real editor in the page. It is in no other place that a
//! program may read: mdBook writes it beside a book that asks for it.
use anyhow::{Context, Result};
use mdbook_driver::{MDBook, config::Config};
use std::{collections::BTreeMap, fs, path::Path};

/// The editor, the colours of Rust, and how it looks in the light and in the dark.
const FILES: [&str; 4] = [
    "ace.js",
    "mode-rust.js",
    "theme-dawn.js",
    "theme-tomorrow_night.js",
];

/// Returns the files of the editor, by their names.
///
/// # Errors
/// When no temporary folder can be written, or mdBook brings no Ace any more.
pub(super) fn files() -> Result<BTreeMap<&'static str, Vec<u8>>> {
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    write(folder.path()).context("mdBook did not write its editor")
}

fn write(folder: &Path) -> Result<BTreeMap<&'static str, Vec<u8>>> {
    fs::create_dir(folder.join("src"))?;
    fs::write(folder.join("src/SUMMARY.md"), "[One](one.md)\n")?;
    fs::write(folder.join("src/one.md"), "# One\n")?;
    let mut config = Config::default();
    config.set("output.html.playground.editable", true)?;
    config.set("output.html.playground.copy-js", true)?;
    config.set("output.html.hash-files", false)?;
    config.set("output.html.search.enable", false)?;
    MDBook::load_with_config(folder, config)?.build()?;
    FILES
        .iter()
        .map(|name| {
            let file = folder.join("book").join(name);
            let bytes =
                fs::read(&file).with_context(|| format!("{} is not there", file.display()))?;
            Ok((*name, bytes))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn mdbook_brings_an_editor_that_knows_rust() {
        let files = super::files().unwrap();
        let text = |name: &str| String::from_utf8_lossy(&files[name]).into_owned();
        assert!(text("ace.js").contains("ace/ace"));
        assert!(text("mode-rust.js").contains("ace/mode/rust"));
        assert!(text("theme-dawn.js").contains("ace/theme/dawn"));
    }
}
