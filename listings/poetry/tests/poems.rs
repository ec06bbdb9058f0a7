//! The poems are whole, plain text, and each says where it comes from.
use poetry::{POEMS, Poem};

#[test]
fn every_poem_can_be_cut_anywhere() {
    for Poem { name, text, .. } in POEMS {
        assert!(text.is_ascii(), "{name} is not plain ASCII");
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{name}");
        assert!(!text.contains(['\r', '\t']), "{name}");
        for line in text.lines() {
            assert_eq!(line.trim(), line, "{name} has a line with spaces around it");
        }
    }
}

#[test]
fn the_number_of_lines_is_that_of_the_printed_poem() {
    let lines = |name| {
        let poem = Poem::named(name).unwrap();
        poem.text.lines().filter(|line| !line.is_empty()).count()
    };
    for (name, count) in [
        ("ozymandias", 14),
        ("tyger", 24),
        ("hope", 12),
        ("jabberwocky", 28),
        ("wind", 8),
        ("eagle", 6),
        ("eldorado", 24),
        ("requiem", 8),
    ] {
        assert_eq!(lines(name), count, "{name}");
    }
}

#[test]
fn names_are_unique_and_every_poem_is_in_the_list_of_sources() {
    let sources = include_str!("../SOURCES.md");
    for (at, poem) in POEMS.iter().enumerate() {
        let row = format!("| `{}.txt` | {} | {} (", poem.name, poem.title, poem.author);
        assert!(sources.contains(&row), "SOURCES.md lacks {row}");
        assert!(POEMS[..at].iter().all(|other| other.name != poem.name));
        assert!(
            poem.source.contains(&poem.year.to_string()),
            "{}",
            poem.name
        );
        assert!(poem.year < 1900);
    }
}
