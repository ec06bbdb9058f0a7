//! Calls the compiler for one file, within bounds, and reads what it says about it.
use super::{Message, bare, kit::Kit};
use crate::{
    held::{Bounds, Fence, Held},
    limit::Ended,
};
use anyhow::{Context, Result};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// What a program may use while it is compiled.
const COMPILING: Bounds = Bounds {
    time: Duration::from_secs(30),
    memory: 2 << 30,
    file: 256 << 20,
    output: 2 << 20,
};

/// How many messages are passed on.
const MESSAGES: usize = 50;

/// What the compiler made.
pub(super) struct Compiled {
    pub(super) messages: Vec<Message>,
    pub(super) program: Option<PathBuf>,
    /// Why there is no program, unless the messages say it.
    pub(super) ended: Option<String>,
}

/// Compiles `code` as the file `name` in `folder`.
pub(super) fn compile(kit: &Kit, folder: &Path, name: &str, code: &str) -> Result<Compiled> {
    let source = folder.join(name);
    let above = source.parent().context("a file has a folder")?;
    fs::create_dir_all(above)?;
    fs::write(&source, code)?;
    let program = folder.join("program");
    let mut command = bare(&kit.rustc, folder);
    command
        .args(["--edition=2024", "--crate-name=listing", "--crate-type=bin"])
        .args(["-Cdebuginfo=0", "-Cincremental=", "--error-format=json"])
        .arg(name)
        .arg("-o")
        .arg(&program);
    for folder in &kit.folders {
        command
            .arg("-L")
            .arg(format!("dependency={}", folder.display()));
    }
    for (name, file) in &kit.crates {
        command
            .arg("--extern")
            .arg(format!("{name}={}", file.display()));
    }
    let mut fence = Fence::around(&kit.sysroot);
    // The linker, its libraries, and what it starts.
    fence.read.extend(
        [
            "/usr",
            "/bin",
            "/lib32",
            "/proc",
            "/dev",
            "/etc/alternatives",
        ]
        .map(PathBuf::from),
    );
    fence.read.extend(kit.folders.iter().cloned());
    fence.own.push(folder.to_owned());
    let outcome = Held::new(&command, COMPILING)
        .cleared()
        .fence(fence)
        .crowd(64)
        .run()?;
    let messages = messages(&outcome.stderr, name, folder);
    let made = outcome.ok() && program.is_file();
    let told = messages.iter().any(|message| message.level == "error");
    let ended = match outcome.ended {
        Ended::TooLong(limit) => Some(format!(
            "The compiler was stopped after {} s: something keeps it busy, such as a constant that is never computed.",
            limit.as_secs()
        )),
        _ if outcome.why.is_some() => outcome
            .why
            .map(|why| format!("The compiler was stopped: {why}.")),
        _ if made || told => None,
        ended => Some(format!(
            "The compiler {ended}.\n{}",
            outcome.stderr.trim_end()
        )),
    };
    Ok(Compiled {
        messages,
        program: made.then_some(program),
        ended,
    })
}

/// Returns the compiler's messages: one JSON object a line.
fn messages(said: &str, name: &str, folder: &Path) -> Vec<Message> {
    let folder = format!("{}/", folder.display());
    said.lines()
        .filter_map(|line| message(&serde_json::from_str(line).ok()?, name, &folder))
        .take(MESSAGES)
        .collect()
}

fn message(said: &Value, name: &str, folder: &str) -> Option<Message> {
    let level = said["level"].as_str()?;
    let text = said["message"].as_str()?;
    // What sums up those before it.
    if !matches!(level, "error" | "warning") || text.starts_with("aborting due to") {
        return None;
    }
    let spans = said["spans"].as_array()?;
    let mut own = spans.iter().filter(|span| span["file_name"] == name);
    let primary = own
        .clone()
        .find(|span| span["is_primary"] == true)
        .or_else(|| own.next());
    let number = |key: &str| {
        let number = primary.and_then(|span| span[key].as_u64()).unwrap_or(0);
        usize::try_from(number).unwrap_or(0)
    };
    if level == "warning" && text.ends_with("emitted") {
        return None;
    }
    Some(Message {
        level: level.to_owned(),
        line: number("line_start"),
        column: number("column_start"),
        text: match said["code"]["code"].as_str() {
            Some(code) if code.starts_with('E') => format!("{text} ({code})"),
            _ => text.to_owned(),
        },
        whole: said["rendered"]
            .as_str()
            .unwrap_or(text)
            .replace(folder, ""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stands_at_its_line_of_what_was_typed() {
        let said = r#"{"message":"no method","level":"error","code":{"code":"E0599"},"spans":[{"file_name":"/rust/lib.rs","is_primary":false,"line_start":900,"column_start":1},{"file_name":"a.rs","is_primary":true,"line_start":3,"column_start":7}],"rendered":"error: /tmp/x/a.rs"}
{"message":"aborting due to 1 previous error","level":"error","spans":[],"rendered":""}
not json
{"message":"linking failed","level":"error","code":null,"spans":[],"rendered":"error: linking failed"}"#;
        let all = messages(said, "a.rs", Path::new("/tmp/x"));
        assert_eq!(all.len(), 2, "{all:?}");
        assert_eq!((all[0].line, all[0].column), (3, 7));
        assert_eq!(all[0].text, "no method (E0599)");
        assert_eq!(all[0].whole, "error: a.rs");
        assert_eq!((all[1].line, all[1].text.as_str()), (0, "linking failed"));
    }
}
