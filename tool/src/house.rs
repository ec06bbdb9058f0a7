//! Where everything stands: the folders of the book, one name per chapter in each.
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// What every site that mdBook writes holds: the mark by which we know that we may replace it.
pub(crate) const SITE_MARK: &str = ".nojekyll";

/// The repository, by its root.
#[derive(Clone, Debug)]
pub struct House {
    /// The folder that holds `book.toml` and `listings/`.
    pub root: PathBuf,
    /// Where Cargo builds: `target` in the root, or what `CARGO_TARGET_DIR` says.
    pub target: PathBuf,
}

impl House {
    /// Returns the book whose root is known; it is built in `target` there.
    pub fn at(root: impl Into<PathBuf>) -> House {
        let root = root.into();
        let target = root.join("target");
        House { root, target }
    }

    /// Returns the same book, built where the environment says: `CARGO_TARGET_DIR`, which Cargo
    /// takes relative to the folder that you are in.
    ///
    /// # Errors
    /// When it is relative and the current folder is gone.
    pub fn built_as_cargo_does(mut self) -> Result<House> {
        if let Some(target) = std::env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty()) {
            self.target = std::path::absolute(target)?;
        }
        Ok(self)
    }

    /// Finds the root by walking up from `from`.
    ///
    /// # Errors
    /// When no folder above `from` holds `book.toml` and `listings/`.
    pub fn find(from: &Path) -> Result<House> {
        let from = from
            .canonicalize()
            .with_context(|| format!("{} cannot be read", from.display()))?;
        for folder in from.ancestors() {
            if folder.join("book.toml").is_file() && folder.join("listings").is_dir() {
                return Ok(House::at(folder));
            }
        }
        bail!(
            "no book here: neither {} nor a folder above it holds book.toml and listings/.\n\
             Run `cargo book` inside your clone of the repository.",
            from.display()
        )
    }

    /// Returns the labs that there are, by name: `reactor-lab`.
    pub fn labs(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.root.join("listings"));
        let folders = entries.into_iter().flatten().flatten();
        let mut labs: Vec<String> = folders
            .filter(|chapter| chapter.path().join("lab/Cargo.toml").is_file())
            .map(|chapter| format!("{}-lab", chapter.file_name().to_string_lossy()))
            .collect();
        labs.sort();
        labs
    }

    /// Returns the folder of a package of listings: `reactor` is `listings/reactor`, `reactor-lab`
    /// is `listings/reactor/lab`.
    pub fn package(&self, package: &str) -> PathBuf {
        let listings = self.root.join("listings");
        match package.strip_suffix("-lab") {
            Some(chapter) => listings.join(chapter).join("lab"),
            None => listings.join(package),
        }
    }
}
