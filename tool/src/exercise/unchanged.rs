//! Remembers which chapters' exercises were proven, by a digest of all that their proof depends on.
use crate::house::House;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What was proven in this target folder. A fresh one knows nothing, so there everything is proven.
pub struct Proofs {
    folder: PathBuf,
    /// Of what all proofs depend on: the crates, the tool, the compiler.
    shared: Sha256,
}

impl Proofs {
    /// Reads what every proof depends on.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn of(house: &House) -> Result<Proofs> {
        let mut shared = Sha256::new();
        let compiler = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
            .arg("-vV")
            .output()
            .map(|said| said.stdout)
            .unwrap_or_default();
        shared.update(&compiler);
        for part in ["listings", "tool/src", "exercises/Cargo.lock"] {
            let relevant = |path: &Path| {
                let name = path.file_name().unwrap_or_default();
                path.extension().is_some_and(|end| end == "rs")
                    || name == "Cargo.toml"
                    || name == "Cargo.lock"
            };
            add(&mut shared, &house.root, &house.root.join(part), &relevant)?;
        }
        Ok(Proofs {
            folder: house.target.join("exercises/proven"),
            shared,
        })
    }

    /// The digest of everything that the proof of these folders depends on.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn digest<'a>(
        &self,
        house: &House,
        folders: impl IntoIterator<Item = &'a Path>,
    ) -> Result<String> {
        let mut digest = self.shared.clone();
        for folder in folders {
            add(&mut digest, &house.root, folder, &|_| true)?;
        }
        let mut text = String::new();
        for byte in digest.finalize() {
            let _ = write!(text, "{byte:02x}");
        }
        Ok(text)
    }

    /// Whether the exercises of this chapter were proven with the same digest.
    #[must_use]
    pub fn holds(&self, label: &str, digest: &str) -> bool {
        fs::read_to_string(self.folder.join(label)).is_ok_and(|kept| kept == digest)
    }

    /// Keeps that they are proven.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, label: &str, digest: &str) -> Result<()> {
        fs::create_dir_all(&self.folder)
            .and_then(|()| fs::write(self.folder.join(label), digest))
            .with_context(|| format!("{} cannot be written", self.folder.display()))
    }
}

/// Adds the files below a path in the order of their names, each with its name and its length
/// before it.
fn add(
    digest: &mut Sha256,
    root: &Path,
    path: &Path,
    relevant: &dyn Fn(&Path) -> bool,
) -> Result<()> {
    if path.is_dir() {
        let mut inside: Vec<PathBuf> = fs::read_dir(path)
            .and_then(|entries| {
                entries
                    .map(|entry| entry.map(|entry| entry.path()))
                    .collect()
            })
            .with_context(|| format!("{} cannot be read", path.display()))?;
        inside.sort();
        for entry in inside {
            let name = entry.file_name().unwrap_or_default();
            if name != "target" && name != "backup" {
                add(digest, root, &entry, relevant)?;
            }
        }
    } else if path.exists() && relevant(path) {
        let text = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
        for part in [name.as_bytes(), &text] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn what_a_proof_depends_on_changes_its_digest_and_nothing_else_does() {
        let fixture = Fixture::new();
        fixture.write("listings/demo/src/lib.rs", "pub fn f() {}\n");
        fixture.write("exercises/Cargo.lock", "version = 4\n");
        fixture.write("tool/src/main.rs", "fn main() {}\n");
        fixture.write("exercises/demo/one/src/lib.rs", "pub fn g() {}\n");
        let folder = fixture.house.root.join("exercises/demo/one");
        let digest = || {
            let proofs = Proofs::of(&fixture.house).unwrap();
            proofs.digest(&fixture.house, [folder.as_path()]).unwrap()
        };
        let first = digest();
        assert_eq!(digest(), first);
        fixture.write("listings/demo/output/f.txt", "no program\n");
        fixture.write("exercises/demo/one/backup/lib.rs", "an old answer\n");
        assert_eq!(digest(), first, "outputs and old answers prove nothing");
        for file in [
            "listings/demo/src/lib.rs",
            "exercises/Cargo.lock",
            "tool/src/main.rs",
            "exercises/demo/one/src/lib.rs",
            "exercises/demo/one/README.md",
        ] {
            let before = digest();
            fixture.write(file, "// Another one.\n");
            assert_ne!(digest(), before, "{file}");
        }
    }

    #[test]
    fn a_proof_is_kept_for_its_digest_alone() {
        let fixture = Fixture::new();
        fixture.write("listings/demo/src/lib.rs", "pub fn f() {}\n");
        fixture.write("exercises/Cargo.lock", "version = 4\n");
        fixture.write("tool/src/main.rs", "fn main() {}\n");
        let proofs = Proofs::of(&fixture.house).unwrap();
        assert!(!proofs.holds("demo", "a"), "nothing is known at first");
        proofs.keep("demo", "a").unwrap();
        assert!(proofs.holds("demo", "a"));
        assert!(!proofs.holds("demo", "b") && !proofs.holds("other", "a"));
    }
}
