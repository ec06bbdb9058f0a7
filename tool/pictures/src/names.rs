//! What a player calls what stands at the places of a run: stages, Deferreds, timers, tasks, locks.
use crate::{
    Look,
    source::{find, made, stage},
    text::short,
};
use std::collections::BTreeMap;
use trace::{
    Kind,
    read::{Event, Site, Trace},
};

/// What a reader finds at the places of a run: by the number of the site, the function of a stage,
/// the name of a Deferred, a timer, a task; by its object, the name of a lock, where others stand
/// as well. So a player shows names and needs no parser.
pub fn names(trace: &Trace, look: &Look) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    // A task and its Deferred are made at one place: what is to run says more than what makes it.
    for first in [true, false] {
        for event in &trace.events {
            let Some((at, site)) = event.site.zip(trace.site(event)) else {
                continue;
            };
            let name = match event.known {
                Some(Kind::TimerSet | Kind::TaskSpawn) if first => given(look, site),
                Some(Kind::DfAdd) if !first => Some(runs(look, site)),
                Some(Kind::DfNew) if !first => made(look, site),
                _ => None,
            };
            if let Some(name) = name.filter(|name| !name.is_empty()) {
                let entry = names.entry(at.to_string());
                entry.or_insert_with(|| short(&name, NAME));
            }
        }
    }
    for event in &trace.events {
        let Some((lock, name)) = event.object.as_ref().zip(locked(trace, look, event)) else {
            continue;
        };
        names
            .entry(lock.clone())
            .or_insert_with(|| short(&name, NAME));
    }
    names
}

/// What a lock is called where the program locks it: `two` of `two.run(f)`.
fn locked(trace: &Trace, look: &Look, event: &Event) -> Option<String> {
    if !(event.is(Kind::LockJoin) || event.is(Kind::LockEnter)) {
        return None;
    }
    let site = trace.site(event).filter(|site| !site.in_library())?;
    let name = find(&look.sources, site)?.call?.receiver?;
    (name.len() > 1).then_some(name)
}

/// What a stage runs, for a player: `first_line`, or `run()` where a library has added it.
fn runs(look: &Look, site: &Site) -> String {
    let awaits = || {
        let line = usize::try_from(site.1).ok()?.checked_sub(1)?;
        let column = usize::try_from(site.2).ok()?.checked_sub(1)?;
        let line = look.sources.get(&site.0)?.lines().nth(line)?;
        let rest: String = line.chars().skip(column).collect();
        Some(rest.trim_start_matches('.').starts_with("await"))
    };
    let name = stage(look, site).join(" / ");
    match site.in_library() && !name.is_empty() {
        true => format!("{name}()"),
        false if awaits() == Some(true) => "the task that awaits it".to_owned(),
        false => name,
    }
}

/// How many characters of a name a player gets.
const NAME: usize = 80;

/// What a timer or a task is called: by its variable, or else by what is to run, unless that is a
/// closure or a block.
fn given(look: &Look, site: &Site) -> Option<String> {
    // How a library calls what it does for itself tells a reader nothing.
    if site.in_library() {
        return None;
    }
    let found = find(&look.sources, site)?;
    let runs = || {
        let last = found.call?.arguments.pop()?;
        let named = !last.contains(['|', '{', '\n']) && !last.starts_with("async");
        named.then(|| last.split('(').next().unwrap_or_default().to_owned())
    };
    found.variable.or_else(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_player_finds_what_runs_and_what_it_is_called() {
        let text = r#"fn outer() {
    let late = h.call_later(MS, |_| {});
    h.call_later(MS, first_line);
    drop(spawn(&h, count("a", 3)));
    let answer = poem.await?;
    d.add_callback(shout);
    h.call_later(MS, move |_| {});
    two.run(fetch);
}
"#;
        let sites = [
            (2, 18, "timer.set"),
            (3, 7, "timer.set"),
            (4, 10, "df.new"),
            (4, 10, "task.spawn"),
            (5, 23, "df.add"),
            (6, 7, "df.add"),
            (7, 7, "timer.set"),
        ];
        let mut trace = String::from(r#"{"v":1,"clock":"virtual","sites":["#);
        let places: Vec<String> = sites
            .iter()
            .map(|(line, column, _)| format!(r#"["examples/a.rs",{line},{column},""]"#))
            .chain([
                r#"["a/src/lock.rs",0,0,"run"]"#.to_owned(),
                r#"["examples/a.rs",8,9,""]"#.to_owned(),
            ])
            .collect();
        trace.push_str(&places.join(","));
        trace.push_str("]}\n");
        for (at, (_, _, kind)) in sites.iter().enumerate() {
            // A task and its Deferred share one place.
            let site = if *kind == "task.spawn" { at - 1 } else { at };
            let n = at + 1;
            trace.push_str(&format!(
                "{{\"n\":{n},\"t\":0,\"w\":0,\"k\":\"{kind}\",\"s\":{site}}}\n"
            ));
        }
        trace.push_str("{\"n\":8,\"t\":0,\"w\":0,\"k\":\"df.add\",\"s\":7}\n");
        // A lock and what waits for it share one place, too.
        for (n, kind, site) in [(9, "lock.enter", 7), (10, "lock.join", 8)] {
            trace.push_str(&format!(
                "{{\"n\":{n},\"t\":0,\"w\":0,\"k\":\"{kind}\",\"o\":\"m1\",\"s\":{site}}}\n"
            ));
        }
        trace.push_str("{\"n\":11,\"t\":0,\"w\":0,\"k\":\"df.add\",\"s\":8}\n");
        let trace = Trace::parse(&trace).unwrap();
        let sources = BTreeMap::from([("examples/a.rs".to_owned(), text.to_owned())]);
        let look = Look {
            sources,
            ..Look::default()
        };
        let told: Vec<(String, String)> = names(&trace, &look).into_iter().collect();
        let expected = [
            ("0", "late"),
            ("1", "first_line"),
            ("2", "count"),
            ("4", "the task that awaits it"),
            ("5", "shout"),
            ("7", "run()"),
            ("8", "run"),
            ("m1", "two"),
        ];
        assert_eq!(
            told,
            expected.map(|(at, name)| (at.to_owned(), name.to_owned()))
        );
    }
}
