//! The archive of the repository that a reader of the site downloads.
use crate::house::{House, SITE_MARK};
use anyhow::{Context, Result, bail};
use flate2::{Compression, GzBuilder};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The folder inside the archive, and with `.tar.gz` its name.
const FOLDER: &str = concat!("untwisted-", env!("CARGO_PKG_VERSION"));

/// What is never a source: built, downloaded, or a reader's own answers. `.gitignore` names these,
/// too; this list is for a folder that is no clone, such as an unpacked archive.
const BUILT: [&str; 5] = ["target", "node_modules", "backup", ".git", "mermaid.min.js"];

/// Returns what the file is called in the site.
pub(crate) fn name() -> String {
    format!("{FOLDER}.tar.gz")
}

/// Writes the archive into the site at `dest`: every tracked file, the same bytes for the same
/// files.
///
/// # Errors
/// When a file cannot be read, or the site cannot be written.
pub(crate) fn write(house: &House, dest: &Path) -> Result<()> {
    // Before the archive is there, or it would find itself.
    let files = files(house)?;
    let file = fs::File::create(dest.join(name()))?;
    // No time and no name of the machine: the same files make the same archive.
    let packed = GzBuilder::new().mtime(0).write(file, Compression::best());
    let mut archive = tar::Builder::new(packed);
    archive.mode(tar::HeaderMode::Deterministic);
    for file in files {
        let path = house.root.join(&file);
        archive
            .append_path_with_name(&path, Path::new(FOLDER).join(&file))
            .with_context(|| format!("{} cannot be packed", file.display()))?;
    }
    archive.into_inner()?.finish()?;
    Ok(())
}

/// Returns the files of the repository, relative to its root, in order.
fn files(house: &House) -> Result<Vec<PathBuf>> {
    let mut found = if house.root.join(".git").exists() {
        tracked(house)?
    } else {
        let mut found = Vec::new();
        walk(&house.root, Path::new(""), &mut found)?;
        found
    };
    // A file that is tracked and was removed by hand is not in the next commit either.
    found.retain(|file| house.root.join(file).is_file());
    found.sort();
    Ok(found)
}

fn tracked(house: &House) -> Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached"])
        .current_dir(&house.root)
        .output()
        .context("git, which knows the files for the archive, cannot be started")?;
    if !output.status.success() {
        bail!(
            "git does not list the files for the archive: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let names = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    Ok(names
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(PathBuf::from)
        .collect())
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name();
        if BUILT.iter().any(|built| name == *built) {
            continue;
        }
        let path = folder.join(&name);
        let kind = entry.file_type()?;
        // A site that was built into some other folder, or is being built, is no source either.
        let site = root.join(&path).join(SITE_MARK).is_file();
        if kind.is_dir() && !site {
            walk(root, &path, found)?;
        } else if kind.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use flate2::read::GzDecoder;
    use std::io::Read;

    fn packed(fixture: &Fixture) -> (Vec<u8>, Vec<String>) {
        let dest = tempfile::tempdir().unwrap();
        write(&fixture.house, dest.path()).unwrap();
        let bytes = fs::read(dest.path().join(name())).unwrap();
        let mut archive = tar::Archive::new(GzDecoder::new(bytes.as_slice()));
        let names = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let mut entry = entry.unwrap();
                let mut text = String::new();
                entry.read_to_string(&mut text).unwrap();
                assert!(!text.is_empty());
                entry.path().unwrap().display().to_string()
            })
            .collect();
        (bytes, names)
    }

    #[test]
    fn sources_are_packed_in_order_and_what_is_built_is_not() {
        let fixture = Fixture::new();
        fixture.write("target/site/index.html", "built");
        fixture.write("exercises/a/b/backup/lib.rs", "mine");
        fixture.write("public/.nojekyll", "");
        fixture.write("public/index.html", "built");
        let (bytes, names) = packed(&fixture);
        let inside = |name: &str| format!("{FOLDER}/{name}");
        assert!(names.contains(&inside("book.toml")), "{names:?}");
        assert!(names.contains(&inside("listings/reactor/examples/simplest.rs")));
        assert!(
            names
                .iter()
                .all(|name| !name.contains("target") && !name.contains("backup"))
        );
        assert!(names.is_sorted());
        assert_eq!(bytes, packed(&fixture).0, "the same files, the same bytes");
    }

    #[test]
    fn in_a_clone_only_what_is_tracked_is_packed() {
        let fixture = Fixture::new();
        fixture.write("secret.txt", "mine");
        let git = |args: &[&str]| {
            let done = Command::new("git")
                .args(args)
                .current_dir(&fixture.house.root)
                .output()
                .unwrap();
            assert!(done.status.success(), "{done:?}");
        };
        git(&["init", "-q"]);
        git(&["add", "book.toml", "src", "theme"]);
        fixture.remove("src/start.md");
        let (_, names) = packed(&fixture);
        assert!(names.contains(&format!("{FOLDER}/book.toml")));
        assert!(
            names
                .iter()
                .all(|name| !name.contains("secret") && !name.contains("start.md"))
        );
    }
}
