//! Finds what somebody probably meant when a name is not known.

/// Up to three of `known` that look like `name`, best first.
pub fn near<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut scored: Vec<_> = known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(score, _)| *score > 0.75)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

/// "Did you mean `a` or `b`?", or nothing.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let near: Vec<_> = near(name, known)
        .into_iter()
        .map(|name| format!("`{name}`"))
        .collect();
    if near.is_empty() {
        return String::new();
    }
    format!("Did you mean {}? ", near.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_nonsense_finds_none() {
        let known = ["two_rails", "fallback_poem", "echo"];
        assert_eq!(near("tow_rails", known), ["two_rails"]);
        assert_eq!(did_you_mean("echoo", known), "Did you mean `echo`? ");
        assert_eq!(did_you_mean("zzz", known), "");
    }
}
