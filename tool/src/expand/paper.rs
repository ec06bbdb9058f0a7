//! What a page leaves out when it is printed with all others: what only a screen can show, and what
//! is there twice.
use regex::Regex;
use std::sync::LazyLock;

/// The numbers of lines that are not there, the button of the player, and steps whose picture is
/// drawn above them. Steps without a picture are open, and stay.
static LEFT_OUT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?s)<span id="[^"]*" class="boring">\d+</span>|<p class="step-through">.*?</p>\n?|<details class="steps">.*?</details>\n?|<nav class="(?:neighbours|az)".*?</nav>\n?"#,
    )
    .expect("a pattern")
});

/// Returns the page without them.
pub(crate) fn page(text: &str) -> String {
    // Nothing on paper leads to a line.
    static ID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"<span id="[^"]*-L\d+"( class="gap")?>"#).expect("a pattern")
    });
    let text = LEFT_OUT.replace_all(text, "");
    ID.replace_all(&text, "<span$1>").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_has_the_numbers_of_its_lines_and_steps_where_no_picture_is() {
        let text = "<div class=\"lines\"><span id=\"a-L1\" class=\"boring\">1</span><span id=\"a-L2\">2</span></div>\n\
            <details class=\"steps\">\n<summary>x</summary>\n\n1. a\n\n</details>\n<details class=\"steps\" open>\n1. b\n</details>\n\
            <p class=\"step-through\"><button>Step</button></p>\nEnd.";
        assert_eq!(
            page(text),
            "<div class=\"lines\"><span>2</span></div>\n<details class=\"steps\" open>\n1. b\n</details>\nEnd."
        );
    }
}
