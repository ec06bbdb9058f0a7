//! `{{#exercise chapter/name}}`: the card of an exercise.
use super::{
    directive::Directive,
    figure::titled,
    fragment::unmarked,
    front::facts,
    references::{PageInfo, References},
};
use crate::{finding::Finding, house::House, markup::inline, problem::nearest};
use serde::Deserialize;
use std::{fmt::Write, fs};

/// What the card needs of an `exercise.toml`; the rest is for those who prove it.
#[derive(Debug, Deserialize)]
pub(crate) struct Task {
    pub(crate) title: String,
    pub(crate) minutes: u32,
    pub(crate) level: String,
    #[serde(default)]
    pub(crate) goals: Vec<String>,
    #[serde(default)]
    pub(crate) hints: Vec<String>,
}

impl Task {
    /// Returns the exercises of a chapter that can be read, by name.
    pub(crate) fn of_chapter(house: &House, chapter: &str) -> Vec<Task> {
        names(house, chapter)
            .iter()
            .filter_map(|name| {
                let file = house.root.join("exercises").join(chapter).join(name);
                let text = fs::read_to_string(file.join("exercise.toml")).ok()?;
                toml::from_str(text.trim_start_matches('\u{feff}')).ok()
            })
            .collect()
    }
}

fn names(house: &House, chapter: &str) -> Vec<String> {
    if chapter.is_empty() {
        return Vec::new();
    }
    let Ok(entries) = fs::read_dir(house.root.join("exercises").join(chapter)) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// Expands the directive.
pub(crate) fn show(
    refs: &References,
    info: &PageInfo,
    directive: &Directive,
) -> Result<String, Finding> {
    let problem = |what: String| Finding::new(&info.file, directive.line, what);
    let (chapter, name) = directive.chapter_and_name(&info.file, "reactor/call_twice")?;
    let folder = format!("exercises/{chapter}/{name}");
    let known = names(&refs.house, chapter);
    if !known.iter().any(|one| one == name) {
        let hint = match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{chapter}/{near}`?"),
            None => format!("make it in {folder}/"),
        };
        return Err(problem(format!(
            "unknown exercise `{}`; {hint}",
            directive.argument
        )));
    }
    let read = |file: &str| {
        fs::read_to_string(refs.house.root.join(&folder).join(file))
            .map(|text| text.trim_start_matches('\u{feff}').to_owned())
            .map_err(|error| problem(format!("{folder}/{file} cannot be read ({error})")))
    };
    let task: Task = toml::from_str(&read("exercise.toml")?).map_err(|error| {
        Finding::new(
            format!("{folder}/exercise.toml"),
            1,
            error.message().to_owned(),
        )
    })?;
    let readme = unmarked(&read("README.md")?);
    let (_, words) = titled(&readme).ok_or_else(|| {
        Finding::new(
            format!("{folder}/README.md"),
            1,
            "an exercise begins with `# ` and its title, then says what to do",
        )
    })?;
    Ok(card(&task, name, &folder, &deeper(words)))
}

fn card(task: &Task, name: &str, folder: &str, words: &str) -> String {
    let mut out = format!(
        "<div class=\"exercise\" id=\"exercise-{name}\" data-exercise=\"{}\" role=\"group\" aria-labelledby=\"exercise-{name}-title\">\n\
         <p class=\"exercise-title\" id=\"exercise-{name}-title\"><span>Exercise</span> {}</p>\n\
         <p class=\"exercise-facts\">{}</p>\n\n{words}\n\n",
        folder.strip_prefix("exercises/").unwrap_or(name),
        inline(&task.title),
        facts(task.minutes, &task.level),
    );
    if !task.goals.is_empty() {
        let goals: Vec<String> = task.goals.iter().map(|goal| inline(goal)).collect();
        let _ = write!(
            out,
            "<p class=\"exercise-goals\">You practise to {}.</p>\n\n",
            goals.join("; to ")
        );
    }
    let _ = write!(
        out,
        "Change <code>{}</code>, then let the tests speak:\n\n\
         ```console,command\ncargo book exercise check {name}\n```\n\n",
        // Where a phone breaks the path.
        format!("{folder}/src/lib.rs").replace('/', "/<wbr>"),
    );
    for (at, hint) in task.hints.iter().enumerate() {
        let _ = write!(
            out,
            "<details class=\"hint\">\n<summary>Hint {}</summary>\n\n{}\n\n</details>\n\n",
            at + 1,
            hint.trim()
        );
    }
    let _ = write!(
        out,
        "When your answer passes, `cargo book exercise solution {name}` shows ours.\n\n</div>\n"
    );
    out
}

/// Puts headings of a task below those of the page it stands on.
fn deeper(words: &str) -> String {
    let mut fenced = false;
    let mut out = String::new();
    for line in words.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if !fenced && line.starts_with("##") {
            out.push_str("##");
        }
        out.push_str(line);
        out.push('\n');
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_a_task_go_below_the_page() {
        assert_eq!(
            deeper("## What\n\n```text\n## not\n```\n"),
            "#### What\n\n```text\n## not\n```"
        );
    }
}
