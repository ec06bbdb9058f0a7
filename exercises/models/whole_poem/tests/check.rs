//! Checks `whole_poem` against poems that are whole, cut, too long and not text at all.

/// What the answer says, in a type that is equal to itself only.
#[derive(Debug, PartialEq)]
enum Problem {
    NoLength,
    Truncated(usize),
    TooMuch(usize),
    NotText,
}

fn whole_poem(received: &[u8]) -> Result<String, Problem> {
    whole_poem::whole_poem(received).map_err(|problem| match problem {
        whole_poem::Problem::NoLength => Problem::NoLength,
        whole_poem::Problem::Truncated(bytes) => Problem::Truncated(bytes),
        whole_poem::Problem::TooMuch(bytes) => Problem::TooMuch(bytes),
        whole_poem::Problem::NotText => Problem::NotText,
    })
}

const EAGLE: &str = "He clasps the crag with crooked hands;\n";

fn sent(poem: &str) -> Vec<u8> {
    format!("{}\n{poem}", poem.len()).into_bytes()
}

#[test]
fn a_whole_poem() {
    assert_eq!(
        whole_poem(&sent(EAGLE)).as_deref(),
        Ok(EAGLE),
        "the text, otherwise unchanged"
    );
}

#[test]
fn lines_stay_as_they_are() {
    let poem = "\nTyger Tyger,\r\n\nburning bright\n\n";
    assert_eq!(
        whole_poem(&sent(poem)).as_deref(),
        Ok(poem),
        "the text, otherwise unchanged"
    );
}

#[test]
fn an_empty_poem() {
    assert_eq!(
        whole_poem(b"0\n").as_deref(),
        Ok(""),
        "a poem of no bytes is whole"
    );
}

#[test]
fn every_cut_is_noticed() {
    let whole = sent(EAGLE);
    let start = whole.len() - EAGLE.len();
    for cut in start..whole.len() {
        let missing = whole.len() - cut;
        assert_eq!(
            whole_poem(&whole[..cut]),
            Err(Problem::Truncated(missing)),
            "half a poem was taken for a whole one, or the number of missing bytes is wrong"
        );
    }
}

#[test]
fn bytes_are_not_characters() {
    let poem = "Mais où sont les neiges d'antan ?\n";
    assert_eq!(
        whole_poem(&sent(poem)).as_deref(),
        Ok(poem),
        "the length is in bytes, and `ù` has two"
    );
}

#[test]
fn a_cut_through_a_character_is_a_cut() {
    let whole = sent("où");
    assert_eq!(
        whole_poem(&whole[..whole.len() - 1]),
        Err(Problem::Truncated(1)),
        "cut in the middle of a character: first of all a byte is missing"
    );
}

#[test]
fn too_much() {
    let mut received = sent(EAGLE);
    received.extend_from_slice(b"!!");
    assert_eq!(
        whole_poem(&received),
        Err(Problem::TooMuch(2)),
        "two bytes came after the poem"
    );
}

#[test]
fn no_length() {
    for received in ["", "39", "He clasps\nthe crag", "\nHe clasps"] {
        let answer = std::panic::catch_unwind(|| whole_poem(received.as_bytes()));
        let answer = answer
            .unwrap_or_else(|_| panic!("no number is a `NoLength`, not a panic: {received:?}"));
        assert_eq!(answer, Err(Problem::NoLength), "for {received:?}");
    }
}

#[test]
fn not_text() {
    assert_eq!(
        whole_poem(b"2\n\xff\xfe"),
        Err(Problem::NotText),
        "two bytes were promised and have come, and they are not UTF-8"
    );
    assert_eq!(
        whole_poem(b"1\n\xff\xfe"),
        Err(Problem::TooMuch(1)),
        "the number of bytes is looked at first: one is left over"
    );
}
