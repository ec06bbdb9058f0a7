//! Names, good and bad.
use by_prefix::call;

fn sql(name: &str, values: usize) -> String {
    let result: Result<String, String> = call(name, values);
    match result {
        Ok(sql) => sql,
        Err(error) => panic!("{name:?} is a good name, and was refused: {error}"),
    }
}

#[test]
fn a_plain_name() {
    let found = sql("poems_by", 2);
    assert_eq!(
        found, "SELECT * FROM \"function_poems_by\"($1, $2)",
        "poems_by with two values; the name is to be one identifier in quotes"
    );
    let found = sql("all", 0);
    assert_eq!(
        found, "SELECT * FROM \"function_all\"()",
        "all, with no values"
    );
    let found = sql("one", 11);
    assert!(
        found.ends_with("$9, $10, $11)"),
        "eleven values are numbered from 1 to 11: {found}"
    );
}

#[test]
fn whatever_is_in_it_it_stays_one_identifier() {
    for (name, quoted) in [
        (
            "x\"(); DROP TABLE poems; --",
            "\"function_x\"\"(); DROP TABLE poems; --\"",
        ),
        ("\"", "\"function_\"\"\""),
        ("", "\"function_\""),
        ("Größe 'a'", "\"function_Größe 'a'\""),
        ("a.b", "\"function_a.b\""),
    ] {
        let found = sql(name, 0);
        assert_eq!(
            found,
            format!("SELECT * FROM {quoted}()"),
            "the name {name:?} must stay one identifier, prefix and all"
        );
    }
}

#[test]
fn a_name_that_would_be_cut_off_is_refused() {
    let longest = "x".repeat(54);
    assert!(
        sql(&longest, 0).contains(&longest),
        "63 bytes with the prefix are allowed, all of them"
    );
    let longer = call(&"x".repeat(55), 0);
    assert!(
        longer.is_err(),
        "64 bytes with the prefix is more than 63 bytes, and is refused, not shortened: {longer:?}"
    );
    let wide = call(&"é".repeat(28), 0);
    assert!(
        wide.is_err(),
        "28 letters é are 56 bytes, with the prefix more than 63 bytes: {wide:?}"
    );
    let wide = call(&"é".repeat(27), 0);
    assert!(
        wide.is_ok(),
        "27 letters é are 54 bytes, with the prefix exactly 63 bytes: {wide:?}"
    );
    let quotes = call(&"\"".repeat(54), 0);
    assert!(
        quotes.is_ok(),
        "54 quotes are a name of 63 bytes: a doubled quote is one byte of the name: {quotes:?}"
    );
}

#[test]
fn a_zero_byte_is_refused() {
    let found = call("a\0b", 0);
    assert!(
        found.is_err(),
        "PostgreSQL's text ends at a zero byte, so such a name is refused: {found:?}"
    );
}
