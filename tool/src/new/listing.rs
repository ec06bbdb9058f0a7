//! Begins a listing: a program that runs, and its entry.
use super::{change, named, titled, write};
use crate::{finding::name as named_file, house::House, packages, problem::nearest};
use anyhow::{Result, bail};

/// Writes the program and the entry. Returns what to do next.
///
/// # Errors
/// When there is no such package, or the name will not do or is taken.
pub fn begin(house: &House, path: &str, title: Option<&str>) -> Result<String> {
    let Some((package, name)) = path.split_once('/') else {
        bail!("`{path}` is not package/name, for instance reactor/{path}");
    };
    named(name, '_')?;
    let all = packages::all(house)?;
    let Some(known) = all.get(package) else {
        let offer = nearest(package, all.keys().map(String::as_str))
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        bail!("there is no package `{package}` in listings/{offer}");
    };
    let folder = named_file(house, known.manifest.parent().unwrap_or(&house.root));
    let manifest = format!("{folder}/listings.toml");
    let entries = std::fs::read_to_string(house.root.join(&manifest)).unwrap_or_default();
    if entries
        .lines()
        .any(|line| line.trim() == format!("[{name}]"))
    {
        bail!("{manifest} has an entry [{name}] already");
    }
    let title = title.map_or_else(|| titled(name), str::to_owned);
    let ours = known.depends.iter().any(|one| one == "reactor") || package == "reactor";
    let (class, code) = if known.is_lab() {
        (
            "twin",
            "use std::error::Error;\n\n#[tokio::main(flavor = \"current_thread\")]\nasync fn main() -> Result<(), Box<dyn Error>> {\n    \
             println!(\"hello\");\n    Ok(())\n}\n",
        )
    } else if ours {
        (
            "sim",
            "use reactor::Reactor;\nuse std::io;\nuse trace::say;\n\nfn main() -> io::Result<()> {\n    \
             let mut reactor = Reactor::from_env()?;\n    reactor.handle().call_soon(|reactor| {\n        \
             say!(\"hello\");\n        say!(\"stop: {:?}\", reactor.stop());\n    });\n    reactor.run()?;\n    Ok(())\n}\n",
        )
    } else {
        ("real", "fn main() {\n    println!(\"hello\");\n}\n")
    };
    write(
        house,
        &format!("{folder}/examples/{name}.rs"),
        &format!("//! {title}.\n{code}"),
    )?;
    if entries.is_empty() && !house.root.join(&manifest).is_file() {
        write(house, &manifest, "")?;
    }
    change(house, &manifest, |text| {
        let between = if text.is_empty() { "" } else { "\n" };
        Ok(format!(
            "{text}{between}[{name}]\ncaption = \"{title}\"\nclass = \"{class}\"\n"
        ))
    })?;
    let show = match package.strip_suffix("-lab") {
        Some(chapter) => format!(
            "Its pair {chapter}/{name} shows it as the second tab; without a pair: {{{{#listing {path}}}}}"
        ),
        None => format!("On its page, in a paragraph of its own: {{{{#listing {path}}}}}"),
    };
    Ok(format!(
        "\nNext:\n  1. Write the program, and its caption in {manifest}.\n  2. cargo run -p {package} --example {name}\n  \
         3. cargo book record {path}\n  4. {show}\n  5. cargo book check --page with that page"
    ))
}
