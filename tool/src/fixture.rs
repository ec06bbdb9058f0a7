//! A tiny book in a temporary folder, for tests.
use crate::{house::House, record::draw};
use std::{fs, path::PathBuf};

/// The book; its folder is removed when this is dropped.
#[derive(Debug)]
pub struct Fixture {
    /// Where it stands.
    pub house: House,
    /// Kept for its drop.
    _folder: tempfile::TempDir,
}

/// A page that shows one listing.
pub const PAGE: &str = "---\nminutes: 5\nlevel: core\ngoals: [run it]\n---\n\n# Reactor\n\nA loop.\n\n{{#listing reactor/simplest}}\n";

/// The listing of the fixture.
pub const SIMPLEST: &str = "//! The smallest loop.\nfn main() {\n    // ANCHOR: print\n    println!(\"one\");\n    // ANCHOR_END: print\n}\n";

impl Fixture {
    /// Writes the book: a first page, a chapter with a listing and its twin.
    ///
    /// # Panics
    /// When the temporary folder cannot be written.
    pub fn new() -> Fixture {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("its real path");
        let fixture = Fixture {
            house: House::at(root),
            _folder: folder,
        };
        fixture.write(
            "book.toml",
            "[book]\ntitle = \"Tiny\"\nlanguage = \"en\"\n\n[build]\nbuild-dir = \"target/site\"\ncreate-missing = false\n\n\
             [preprocessor.untwisted]\ncommand = \"false\"\nbefore = [\"links\"]\n\n[output.html]\nplayground = { runnable = false }\nsearch = { enable = false }\n",
        );
        fixture.write(
            "src/SUMMARY.md",
            "# Summary\n\n[Start](start.md)\n\n- [Reactor](reactor/index.md)\n",
        );
        fixture.write("src/start.md", "# Start\n\nHello.\n");
        fixture.write("src/reactor/index.md", PAGE);
        fixture.write(
            "listings/reactor/listings.toml",
            "[simplest]\ncaption = \"The smallest `loop`\"\nclass = \"sim\"\n",
        );
        fixture.write("listings/reactor/examples/simplest.rs", SIMPLEST);
        fixture.write(
            "listings/reactor/output/simplest.txt",
            "$ cargo run -p reactor --example simplest\none\n",
        );
        fixture.write(
            "diagrams/reactor/simplest.mmd",
            "sequenceDiagram\n  a->>b: hi\n",
        );
        fixture.write("diagrams/reactor/simplest.md", "1. a greets b\n");
        fixture.write(
            "listings/reactor/lab/listings.toml",
            "[simplest]\ncaption = \"The twin\"\nclass = \"twin\"\n",
        );
        fixture.write(
            "listings/reactor/lab/examples/simplest.rs",
            "//! The twin.\nfn main() {\n    println!(\"one, awaited\");\n}\n",
        );
        fixture.write(
            "listings/reactor/lab/output/simplest.txt",
            "$ cargo run -p reactor-lab --example simplest\none, awaited\n",
        );
        for part in [
            "model.js",
            "say.js",
            "stage.js",
            "ruler.js",
            "player.js",
            "ask.js",
            "why.js",
        ] {
            fixture.write(&format!("theme/player/{part}"), &format!("\"{part}\";\n"));
        }
        fixture.write("theme/player/player.css", ".player { }\n");
        for part in [
            "wasi.js",
            "world.js",
            "panel.js",
            "sequence.js",
            "picture.js",
            "race.js",
            "knobs.css",
        ] {
            fixture.write(&format!("theme/knobs/{part}"), &format!("/* {part} */\n"));
        }
        fixture
    }

    /// Has the sequence picture of the listing drawn, as a recording with a browser does.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn draw(&self) -> &Fixture {
        let hash = draw::hash(&self.read("diagrams/reactor/simplest.mmd"));
        let svg = "<svg class=\"sequence\" data-label=\"turn 1\"><title>x</title></svg>";
        self.write(
            "diagrams/reactor/simplest.panels",
            &format!("{hash}\n{svg}\n"),
        );
        self
    }

    /// Writes a file of the book, and the folders above it.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.house.root.join(path);
        if let Some(above) = path.parent() {
            fs::create_dir_all(above).expect("a folder");
        }
        fs::write(&path, text).expect("a file");
        path
    }

    /// Reads a file of the book.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.house.root.join(path))
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Removes a file of the book.
    ///
    /// # Panics
    /// When it cannot be removed.
    pub fn remove(&self, path: &str) {
        fs::remove_file(self.house.root.join(path)).expect("a file to remove");
    }
}

impl Default for Fixture {
    fn default() -> Self {
        Self::new()
    }
}
