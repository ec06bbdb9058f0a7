//! What packages want installed, and which of them cannot be looked at here because it is missing.
use crate::house::House;
use anyhow::{Context, Result, bail};
use std::{collections::BTreeMap, fmt::Write as _, process::Command};

/// Finds it out; the tests' shell scripts ask it, too.
const SCRIPT: &str = include_str!("../../ci/needs");

/// What a package needs and this machine lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Lack {
    /// `postgresql`.
    need: String,
    /// How it is installed, in words.
    how: String,
}

/// The packages that cannot be looked at on this machine.
#[derive(Clone, Debug, Default)]
pub struct Missing(BTreeMap<String, Vec<Lack>>);

impl Missing {
    /// Looks for what the packages of `listings/` need.
    ///
    /// # Errors
    /// When a package needs what is not known, or the shell cannot be started.
    pub fn here(house: &House) -> Result<Missing> {
        let output = Command::new("sh")
            .args(["-c", SCRIPT, "ci/needs"])
            .current_dir(&house.root)
            .output()
            .context("sh cannot be started, which looks for what packages need")?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim_end());
        }
        let mut missing = Missing::default();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let mut parts = line.split('\t').map(str::to_owned);
            if let (Some(package), Some(need), Some(how)) =
                (parts.next(), parts.next(), parts.next())
            {
                let lacks = missing.0.entry(package).or_default();
                lacks.push(Lack { need, how });
            }
        }
        Ok(missing)
    }

    /// Returns whether nothing is missing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether a package needs something that is missing: `databases`, `databases-lab`.
    pub fn concerns(&self, package: &str) -> bool {
        self.0.contains_key(package)
    }

    /// Returns whether the blocks of a chapter's text and its exercises need something that is
    /// missing.
    pub fn concerns_chapter(&self, chapter: &str) -> bool {
        self.concerns(chapter) || self.concerns(&format!("{chapter}-lab"))
    }

    /// Returns the packages, in order.
    pub fn packages(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns why a package is not looked at: `postgresql is not installed`.
    pub fn why(&self, package: &str) -> String {
        let lacks = self.0.get(package).map_or(&[][..], Vec::as_slice);
        let names: Vec<&str> = lacks.iter().map(|lack| lack.need.as_str()).collect();
        match names.as_slice() {
            [one] => format!("{one} is not installed"),
            _ => format!("{} are not installed", names.join(" and ")),
        }
    }

    /// Returns a line for each of the given packages, loud, and one for each thing to install;
    /// nothing when nothing is missing.
    pub fn said<'a>(&self, what: impl Iterator<Item = (&'a str, String)>) -> String {
        let mut text = String::new();
        let mut ways: Vec<String> = Vec::new();
        for (package, left_out) in what {
            let _ = writeln!(
                text,
                "NOT LOOKED AT: {package}{left_out}: {}",
                self.why(package)
            );
            for Lack { need, how } in self.0.get(package).into_iter().flatten() {
                let way = format!("    -> {need}: {how}\n");
                if !ways.contains(&way) {
                    ways.push(way);
                }
            }
        }
        text + &ways.concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    fn manifest(name: &str, needs: &str) -> String {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n\n[package.metadata.book]\n{needs}\n\n[lints]\nworkspace = true\n"
        )
    }

    #[test]
    fn an_unknown_need_is_named_with_its_manifest() {
        let fixture = Fixture::new();
        fixture.write(
            "listings/a/Cargo.toml",
            &manifest("a", "needs = [\"postgres\"]"),
        );
        let error = Missing::here(&fixture.house).unwrap_err().to_string();
        assert!(
            error.contains(
                "listings/a/Cargo.toml needs \"postgres\", which is not known; known are postgresql"
            ),
            "{error}"
        );
    }

    #[test]
    fn what_is_missing_is_said_loudly_and_by_name() {
        let lack = |need: &str| Lack {
            need: need.to_owned(),
            how: format!("install {need}"),
        };
        let missing = Missing(BTreeMap::from([
            ("a".to_owned(), vec![lack("qt")]),
            ("a-lab".to_owned(), vec![lack("qt"), lack("redis")]),
        ]));
        assert!(missing.concerns("a") && missing.concerns_chapter("a") && !missing.concerns("b"));
        let said =
            missing.said([("a", " (3 listings)".to_owned()), ("a-lab", String::new())].into_iter());
        assert_eq!(
            said,
            "NOT LOOKED AT: a (3 listings): qt is not installed\n\
             NOT LOOKED AT: a-lab: qt and redis are not installed\n    -> qt: install qt\n    -> redis: install redis\n"
        );
    }
}
