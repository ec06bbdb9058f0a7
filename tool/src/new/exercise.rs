//! Begins an exercise: a task that is proven as it stands, to be replaced by a real one.
use super::{named, of_chapter, titled, write};
use crate::{exercise::layout, finding::Findings, house::House, packages};
use anyhow::{Result, bail};

const TASK: &str = "Write `twice`. It returns twice its argument; of a number whose double does not fit, it returns `None`.\n";
const STARTER: &str = "//! Twice a number.\n\n/// Returns twice `number`; nothing when that does not fit.\n\
                       pub fn twice(number: u32) -> Option<u32> {\n    todo!(\"twice {number}\")\n}\n";
const TESTS: &str = "#[test]\nfn it_doubles() {\n    assert_eq!(twice(4), Some(8), \"twice 4 is 8\");\n}\n\n\
                     #[test]\nfn what_does_not_fit_is_none() {\n    \
                     assert_eq!(\n        twice(u32::MAX),\n        None,\n        \"the double of the largest number does not fit\"\n    );\n}\n";

/// Returns the starter with another body.
fn answer(body: &str) -> String {
    STARTER.replace("todo!(\"twice {number}\")", body)
}

/// Writes the folder. Returns what to do next.
///
/// # Errors
/// When there is no such chapter, or the name will not do or is taken.
pub fn begin(house: &House, path: &str, title: Option<&str>) -> Result<String> {
    let (chapter, name) = of_chapter(house, path)?;
    named(name, '_')?;
    let others = layout::all(house, &mut Findings::default());
    if let Some(other) = others.iter().find(|other| other.name == name) {
        bail!(
            "there is an exercise {} already; no two have the same name",
            other.path()
        );
    }
    let title = title.map_or_else(|| titled(name), str::to_owned);
    let feature = match packages::all(house)?.contains_key(chapter) {
        true => format!("[\"{chapter}\"]"),
        false => "[]".to_owned(),
    };
    let folder = format!("exercises/{chapter}/{name}");
    write(
        house,
        &format!("{folder}/Cargo.toml"),
        &format!(
            "# The exercise \"{name}\" of the chapter on {chapter}.\n[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
             publish = false\n\n[lib]\nname = \"{name}\"\ndoctest = false\n\n[dependencies]\n\
             untwisted = {{ path = \"../../../listings/untwisted\", features = {feature} }}\n"
        ),
    )?;
    write(
        house,
        &format!("{folder}/README.md"),
        &format!("# {title}\n\n{TASK}"),
    )?;
    write(
        house,
        &format!("{folder}/exercise.toml"),
        &format!(
            "# What the tool knows of this exercise.\ntitle = \"{title}\"\nminutes = 15\nlevel = \"core\"\n\
             goals = [\"say what the exercise is for\"]\nhints = [\n  \"A nudge.\",\n  \"Nearly the answer.\",\n]\n\n\
             [wrong.wraps]\nwhy = \"the largest number does not fit\"\n\n[wrong.squares]\nwhy = \"twice 4 is 8\"\n"
        ),
    )?;
    write(house, &format!("{folder}/starter/lib.rs"), STARTER)?;
    write(house, &format!("{folder}/src/lib.rs"), STARTER)?;
    write(
        house,
        &format!("{folder}/solution/lib.rs"),
        &answer("number.checked_mul(2)"),
    )?;
    write(
        house,
        &format!("{folder}/wrong/wraps.rs"),
        &answer("Some(number.wrapping_mul(2))"),
    )?;
    write(
        house,
        &format!("{folder}/wrong/squares.rs"),
        &answer("number.checked_mul(number)"),
    )?;
    write(
        house,
        &format!("{folder}/tests/check.rs"),
        &format!("//! Compares a few doubles.\nuse {name}::twice;\n\n{TESTS}"),
    )?;
    Ok(format!(
        "\nNext:\n  1. cargo book check --exercise {name}      it is proven as it stands\n  \
         2. Replace the task: README.md, solution, tests, starter (twice: src and starter), wrong answers, hints, minutes.\n  \
         3. At the end of its page: {{{{#exercise {path}}}}}\n  4. cargo book check --exercise {name}, and commit exercises/Cargo.lock"
    ))
}
