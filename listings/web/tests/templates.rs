//! Templates: what is escaped, and what is refused.
use web::{Response, Templates, context};

fn text(page: &Response) -> String {
    String::from_utf8_lossy(page.body().whole().expect("a whole page")).into_owned()
}

const SOURCE: &str =
    "{% for title in titles %}<li title=\"{{ title }}\">{{ title }}{% else %}none{% endfor %}";

#[test]
fn values_are_escaped_whatever_the_page_is_called() {
    let mut templates = Templates::new();
    for name in ["x.html", "x.html.j2"] {
        templates.put(name, SOURCE).unwrap();
        let titles = ["<script>alert('&')</script>", "\"quoted\""];
        let page = templates.page(name, context! { titles }).unwrap();
        let page = text(&page);
        assert!(!page.contains("<script"), "{page}");
        assert!(
            page.contains("&lt;script&gt;alert(&#x27;&amp;&#x27;)"),
            "{page}"
        );
        assert!(page.contains("title=\"&quot;quoted&quot;\""), "{page}");
        let titles: [&str; 0] = [];
        assert_eq!(
            text(&templates.page(name, context! { titles }).unwrap()),
            "none"
        );
    }
}

#[test]
fn a_name_that_would_not_be_escaped_is_refused() {
    let mut templates = Templates::new();
    for name in [
        "x",
        "x.txt",
        "x.j2",
        "x.htm",
        "x.html.txt",
        "x.html.j2.j2",
        "x.html.jinja",
        "x.HTML",
    ] {
        assert!(templates.put(name, SOURCE).is_err(), "{name}");
    }
}

#[test]
fn mistakes_say_where() {
    let mut templates = Templates::new();
    let error = templates.put("x.html", "one\n{% for %}").unwrap_err();
    assert!(error.to_string().contains("x.html:2"), "{error}");
    templates.put("x.html", "one\n{{ missing }}").unwrap();
    let error = templates.page("x.html", context! {}).unwrap_err();
    assert!(error.to_string().contains("x.html:2"), "{error}");
    assert!(templates.page("y.html", context! {}).is_err());
}

#[test]
fn templates_of_a_folder_are_read_again_when_reloading() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text| std::fs::write(folder.path().join("x.html.j2"), text).unwrap();
    write("<p>{{ name }}");
    let once = Templates::folder(folder.path());
    let again = Templates::folder(folder.path()).reloading(true);
    let page = |templates: &Templates| {
        text(
            &templates
                .page("x.html.j2", context! { name => "<b>" })
                .unwrap(),
        )
    };
    assert_eq!(
        [page(&once), page(&again)],
        ["<p>&lt;b&gt;", "<p>&lt;b&gt;"]
    );
    write("<h1>{{ name }}");
    assert_eq!(
        [page(&once), page(&again)],
        ["<p>&lt;b&gt;", "<h1>&lt;b&gt;"]
    );
    write("{% if %}");
    let error = again
        .page("x.html.j2", context! { name => "" })
        .unwrap_err();
    assert!(error.to_string().contains("x.html.j2:1"), "{error}");
    write("mended");
    assert_eq!(page(&again), "mended", "a mistake does not stay");
    for name in ["../x.html", "/etc/x.html", "x.txt", "no.html"] {
        assert!(again.page(name, context! {}).is_err(), "{name}");
    }
}
