//! `tool/features`: a package that asks for every feature which some package of the workspace asks
//! for. Cargo builds a library with the features that the selected packages want; a selection that
//! holds this one always wants the same, so that nothing is compiled a second time for another
//! selection.
use crate::{house::House, packages};
use anyhow::Result;
use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    path::PathBuf,
};
use toml::{Table, Value};

/// Where the package is.
const FOLDER: &str = "tool/features";

/// Its head; what depends on the folders follows.
const HEAD: &str = "\
# Written by `cargo book tidy`: each library, with all the features that a package of the workspace wants of it.
[package]
name = \"features\"
description = \"Makes each selection of packages want the same features, so that CI compiles every library once.\"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true

[lints]
workspace = true
";

/// What is wanted of one library.
#[derive(Default)]
struct Wanted {
    version: Option<String>,
    /// Every package that wants it does without the default features.
    bare: bool,
    features: BTreeSet<String>,
}

/// The libraries of one table (`dependencies`, `build-dependencies`, or those of a platform), by
/// name and by the part of the version that tells incompatible ones apart.
type Libraries = BTreeMap<(String, String), Wanted>;

/// Returns the file with its text; nothing in a book without that package.
///
/// # Errors
/// When a manifest cannot be understood.
pub(super) fn derived(house: &House) -> Result<Option<(PathBuf, String)>> {
    let file = house.root.join(FOLDER).join("Cargo.toml");
    if !file.is_file() {
        return Ok(None);
    }
    let packages = packages::all(house)?;
    let tools = ["tool", "tool/pictures"].map(|tool| house.root.join(tool).join("Cargo.toml"));
    let listings = packages.values().map(|package| package.manifest.clone());
    let shared = packages::read(&house.root.join("Cargo.toml"))?;
    let shared = |name: &str| {
        let dependencies = shared.get("workspace")?.get("dependencies")?;
        dependencies.get(name).cloned()
    };
    let mut tables: BTreeMap<String, Libraries> = BTreeMap::new();
    for manifest in listings.chain(tools.into_iter().filter(|tool| tool.is_file())) {
        let manifest = packages::read(&manifest)?;
        collect(&manifest, "", &shared, &mut tables);
        let platforms = manifest.get("target").and_then(Value::as_table);
        for (platform, inside) in platforms.into_iter().flatten() {
            if let Value::Table(inside) = inside {
                let place = format!("target.'{platform}'.");
                collect(inside, &place, &shared, &mut tables);
            }
        }
    }
    let mut text = HEAD.to_owned();
    for (place, libraries) in &tables {
        text += &format!("\n[{place}]\n");
        for ((name, major), wanted) in libraries {
            let versions = libraries.keys().filter(|(other, _)| other == name);
            let alone = versions.count() == 1;
            text += &line(name, (!alone).then_some(major.as_str()), wanted);
        }
    }
    Ok(Some((file, text)))
}

/// Returns a line of a manifest. One of several versions gets a name of its own: `toml-1`.
fn line(name: &str, major: Option<&str>, wanted: &Wanted) -> String {
    let mut words = Vec::new();
    let mut label = name.to_owned();
    if let Some(major) = major {
        label = format!("{name}-{}", major.replace('.', "_"));
        words.push(format!("package = {name:?}"));
    }
    words.push(match &wanted.version {
        Some(version) => format!("version = {version:?}"),
        None => "workspace = true".to_owned(),
    });
    if wanted.bare {
        words.push("default-features = false".to_owned());
    }
    if !wanted.features.is_empty() {
        words.push(format!("features = {:?}", Vec::from_iter(&wanted.features)));
    }
    format!("{label} = {{ {} }}\n", words.join(", "))
}

/// Returns the part of a version that tells incompatible ones apart: `1` of 1.2.3, `0.9` of 0.9.4.
fn major(version: &str) -> String {
    let parts: Vec<&str> = version
        .trim_start_matches(['=', '^', '~'])
        .split('.')
        .collect();
    let leading = parts.iter().take_while(|part| **part == "0").count();
    parts[..parts.len().min(leading + 1)].join(".")
}

/// Adds what one manifest, or its part for a platform, wants. A library of the workspace is built
/// in one way unless features are named; only then it is listed, and only then compiled with this.
fn collect(
    manifest: &Table,
    place: &str,
    shared: &dyn Fn(&str) -> Option<Value>,
    tables: &mut BTreeMap<String, Libraries>,
) {
    for (key, into) in [
        ("dependencies", "dependencies"),
        ("dev-dependencies", "dependencies"),
        ("build-dependencies", "build-dependencies"),
    ] {
        let listed = manifest.get(key).and_then(Value::as_table);
        for (name, value) in listed.into_iter().flatten() {
            let own = table(value);
            let in_workspace = own.get("workspace") == Some(&Value::Boolean(true));
            let base = shared(name).filter(|_| in_workspace);
            let base = base.as_ref().map(table).unwrap_or_default();
            let is_ours = own.contains_key("path") || base.contains_key("path");
            if is_ours && !own.contains_key("features") {
                continue;
            }
            let version = own.get("version").or_else(|| base.get("version"));
            let version = version.and_then(Value::as_str).map(str::to_owned);
            let key = (
                name.clone(),
                version.as_deref().map(major).unwrap_or_default(),
            );
            let bare = [&own, &base]
                .iter()
                .any(|table| table.get("default-features") == Some(&Value::Boolean(false)));
            let wanted = tables.entry(format!("{place}{into}")).or_default();
            let wanted = match wanted.entry(key) {
                Entry::Occupied(one) => one.into_mut(),
                Entry::Vacant(place) => place.insert(Wanted {
                    bare,
                    ..Wanted::default()
                }),
            };
            wanted.bare &= bare;
            // The longer one asks for more: `1.0.107`, not `1`.
            if version.as_ref().map(String::len) > wanted.version.as_ref().map(String::len) {
                wanted.version = version;
            }
            for table in [&own, &base] {
                let features = table.get("features").and_then(Value::as_array);
                let features = features.into_iter().flatten().filter_map(Value::as_str);
                wanted.features.extend(features.map(str::to_owned));
            }
        }
    }
}

/// Returns a dependency as a table: `"1"` is `{ version = "1" }`.
fn table(value: &Value) -> Table {
    match value {
        Value::Table(table) => table.clone(),
        version => Table::from_iter([("version".to_owned(), version.clone())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn every_feature_that_a_package_wants_is_wanted() {
        let fixture = Fixture::new();
        assert!(
            derived(&fixture.house).expect("read").is_none(),
            "there is no such package"
        );
        fixture.write("tool/features/Cargo.toml", "");
        fixture.write(
            "Cargo.toml",
            "[workspace.dependencies]\nreactor = { path = \"listings/reactor\" }\n\
             tokio = { version = \"1\", features = [\"rt\"] }\n",
        );
        let package = |path: &str, rest: &str| {
            let name = path.rsplit('/').next().expect("a name");
            let text = format!("[package]\nname = \"{name}\"\n{rest}");
            fixture.write(&format!("{path}/Cargo.toml"), &text);
        };
        package(
            "listings/reactor",
            "[features]\nfast = []\n[dependencies]\nnix = { version = \"0.31\", default-features = false, features = [\"fs\"] }\n\
             [target.'cfg(unix)'.dependencies]\nmio = \"1.2\"\n[build-dependencies]\ncc = \"1\"\n",
        );
        package(
            "listings/web",
            "[dependencies]\nreactor.workspace = true\ntoml = \"1\"\n[dev-dependencies]\n\
             reactor = { workspace = true, features = [\"fast\"] }\nnix = { version = \"0.31.2\", features = [\"time\"] }\n",
        );
        package(
            "tool",
            "[dependencies]\ntoml = \"0.9\"\ntokio = { workspace = true, features = [\"net\"] }\n",
        );
        let (_, text) = derived(&fixture.house).expect("read").expect("a package");
        let tables = text.strip_prefix(HEAD).expect("the head");
        assert_eq!(
            tables,
            "\n[build-dependencies]\ncc = { version = \"1\" }\n\n[dependencies]\n\
             nix = { version = \"0.31.2\", features = [\"fs\", \"time\"] }\n\
             reactor = { workspace = true, features = [\"fast\"] }\n\
             tokio = { version = \"1\", features = [\"net\", \"rt\"] }\n\
             toml-0_9 = { package = \"toml\", version = \"0.9\" }\n\
             toml-1 = { package = \"toml\", version = \"1\" }\n\n\
             [target.'cfg(unix)'.dependencies]\nmio = { version = \"1.2\" }\n"
        );
    }
}
