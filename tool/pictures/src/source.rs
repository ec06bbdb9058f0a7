//! What stands in the source where an event points to: the function of a stage, the name of a
//! Deferred. Read by `syn`.
use crate::{Functions, Look};
use proc_macro2::LineColumn;
use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};
use syn::{
    Expr, Pat, Token,
    punctuated::Punctuated,
    spanned::Spanned,
    visit::{self, Visit},
};
use trace::read::{Error, Site};

/// A call, as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// The last part of its name: `add_callback`.
    name: String,
    /// What the method is called on: `tokens` of `self.tokens.run(f)`.
    pub(super) receiver: Option<String>,
    pub(super) arguments: Vec<String>,
    /// Whether it is `Deferred::…`.
    of_deferred: bool,
}

/// What is found at a place.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) call: Option<Call>,
    /// The variable of the `let` whose value begins there.
    pub(super) variable: Option<String>,
    /// The innermost function around it.
    function: Option<String>,
}

/// Returns the trace with each site in a crate's `src` named after the function that it is in, at
/// line and column 0. So an edit of a library makes no recording stale. `sources`: the text of each
/// file, by the name that it has in the sites.
///
/// # Errors
/// When the header cannot be read.
///
/// ```
/// use std::collections::BTreeMap;
/// let sites = r#"[["a/src/b.rs",2,5,""],["a/examples/c.rs",3,5,""]]"#;
/// let text = format!(r#"{{"v":1,"clock":"virtual","sites":{sites}}}"#);
/// let source = "fn first_line() {\n    read()\n}\n";
/// let sources = BTreeMap::from([("a/src/b.rs".to_owned(), source.to_owned())]);
/// let settled = pictures::settled(&text, &sources)?;
/// assert!(settled.contains(r#"[["a/src/b.rs",0,0,"first_line"],["a/examples/c.rs",3,5,""]]"#));
/// # Ok::<(), trace::read::Error>(())
/// ```
pub fn settled(text: &str, sources: &BTreeMap<String, String>) -> Result<String, Error> {
    Functions::of(sources).settled(text)
}

/// Returns what the Deferred made at a place is called: by the function that made it, or else by
/// its variable.
pub(super) fn made(look: &Look, site: &Site) -> Option<String> {
    if site.in_library() && !site.3.is_empty() {
        return Some(site.3.clone());
    }
    let found = find(&look.sources, site)?;
    match found.call? {
        call if call.of_deferred => found.variable,
        call => Some(call.name),
    }
}

/// Returns what the stage added at a place calls: one text, or two for `add_callbacks`; the name of
/// what added it, if that is not one of ours. In a library a stage is called after the function
/// that adds it. Nothing, when the source is not there.
pub(super) fn stage(look: &Look, site: &Site) -> Vec<String> {
    if site.in_library() && !site.3.is_empty() {
        return vec![site.3.clone()];
    }
    let Some(found) = find(&look.sources, site) else {
        return Vec::new();
    };
    let Some(Call {
        name, arguments, ..
    }) = found.call
    else {
        return Vec::new();
    };
    let most = match name.as_str() {
        "add_callback" | "add_errback" | "add_both" | "on_result" => 1,
        "add_callbacks" => 2,
        _ => return vec![name],
    };
    match found.function.filter(|_| site.in_library()) {
        Some(function) => vec![function],
        None => arguments.into_iter().take(most).collect(),
    }
}

/// Returns what stands at a place of a source; nothing when that is not there or is no Rust.
pub(super) fn find(sources: &BTreeMap<String, String>, site: &Site) -> Option<Found> {
    let text = sources.get(&site.0)?;
    let at = LineColumn {
        line: usize::try_from(site.1).ok()?,
        column: usize::try_from(site.2).ok()?.checked_sub(1)?,
    };
    let mut finder = Finder {
        text,
        at,
        found: Found::default(),
    };
    finder.visit_file(&*parsed(text)?);
    Some(finder.found)
}

/// Returns the source as `syn` reads it. A picture asks many times for the same few files, so the
/// last ones are kept.
pub(super) fn parsed(text: &str) -> Option<Rc<syn::File>> {
    const KEPT: usize = 8;
    thread_local! {
        static LAST: RefCell<VecDeque<(String, Option<Rc<syn::File>>)>> = const { RefCell::new(VecDeque::new()) };
    }
    LAST.with_borrow_mut(|last| {
        if let Some((_, file)) = last.iter().find(|(known, _)| known == text) {
            return file.clone();
        }
        let file = syn::parse_file(text).ok().map(Rc::new);
        last.truncate(KEPT - 1);
        last.push_front((text.to_owned(), file.clone()));
        file
    })
}

/// Goes through a source, and keeps what is at one place.
struct Finder<'a> {
    text: &'a str,
    at: LineColumn,
    found: Found,
}

impl Finder<'_> {
    fn begins(&self, part: &impl Spanned) -> bool {
        part.span().start() == self.at
    }

    /// Functions come from the outside in: the last one that holds the place is the innermost.
    fn function(&mut self, whole: &impl Spanned, name: &syn::Ident) {
        let span = whole.span();
        if span.start() <= self.at && self.at < span.end() {
            self.found.function = Some(name.to_string());
        }
    }

    fn call(&self, name: &syn::Ident, arguments: &Punctuated<Expr, Token![,]>) -> Call {
        let written = |argument: &Expr| {
            let range = argument.span().byte_range();
            tidy(self.text.get(range).unwrap_or_default())
        };
        Call {
            name: name.to_string(),
            receiver: None,
            arguments: arguments.iter().map(written).collect(),
            of_deferred: false,
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, node: &'ast syn::ItemFn) {
        self.function(node, &node.sig.ident);
        visit::visit_item_fn(self, node);
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        self.function(node, &node.sig.ident);
        visit::visit_impl_item_fn(self, node);
    }

    fn visit_trait_item_fn(&mut self, node: &'ast syn::TraitItemFn) {
        self.function(node, &node.sig.ident);
        visit::visit_trait_item_fn(self, node);
    }

    fn visit_expr_method_call(&mut self, node: &'ast syn::ExprMethodCall) {
        if self.begins(&node.method) {
            self.found.call = Some(Call {
                receiver: receiver(&node.receiver),
                ..self.call(&node.method, &node.args)
            });
        }
        visit::visit_expr_method_call(self, node);
    }

    fn visit_expr_call(&mut self, node: &'ast syn::ExprCall) {
        if let Expr::Path(path) = &*node.func
            && let Some(last) = path.path.segments.last()
            && self.begins(node)
        {
            let mut call = self.call(&last.ident, &node.args);
            let segments = &path.path.segments;
            call.of_deferred =
                segments.len() > 1 && segments[segments.len() - 2].ident == "Deferred";
            self.found.call = Some(call);
        }
        visit::visit_expr_call(self, node);
    }

    fn visit_local(&mut self, node: &'ast syn::Local) {
        let init = node.init.as_ref().map(|init| &*init.expr);
        // Of a method call it is the method whose place is recorded.
        let method =
            |expr: &Expr| matches!(expr, Expr::MethodCall(call) if self.begins(&call.method));
        if init.is_some_and(|expr| self.begins(expr) || method(expr)) {
            self.found.variable = variable(&node.pat);
        }
        visit::visit_local(self, node);
    }

    /// What a macro is given is often code: what it prints, what it compares.
    fn visit_macro(&mut self, node: &'ast syn::Macro) {
        if let Ok(parts) = node.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            for part in &parts {
                // What was parsed lives only here, and nothing of it is kept.
                Finder::visit_expr(self, part);
            }
        }
    }
}

/// Returns what a reader calls the object of a method: its variable or its field, behind what
/// borrows, clones or looks it up.
fn receiver(of: &Expr) -> Option<String> {
    match of {
        Expr::Path(path) => Some(path.path.segments.last()?.ident.to_string()),
        Expr::Field(field) => match &field.member {
            syn::Member::Named(name) => Some(name.to_string()),
            syn::Member::Unnamed(_) => receiver(&field.base),
        },
        Expr::MethodCall(call) if call.args.is_empty() => receiver(&call.receiver),
        Expr::Index(index) => receiver(&index.expr),
        Expr::Paren(inner) => receiver(&inner.expr),
        Expr::Reference(inner) => receiver(&inner.expr),
        Expr::Unary(inner) => receiver(&inner.expr),
        _ => None,
    }
}

/// `poem` of `let poem` and of `let (resolver, poem)`; a name that says nothing is none.
fn variable(pattern: &Pat) -> Option<String> {
    let name = match pattern {
        Pat::Type(typed) => return variable(&typed.pat),
        Pat::Tuple(tuple) => return variable(tuple.elems.iter().nth(1)?),
        Pat::Ident(name) => name.ident.to_string(),
        _ => return None,
    };
    let name = name.trim_start_matches('_');
    (name.len() > 1).then(|| name.to_owned())
}

/// On one line, without comments, `move` and paths that say nothing.
fn tidy(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split("// ").next().unwrap_or(line));
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let text = words.join(" ");
    let text = text
        .strip_prefix("move ")
        .unwrap_or(if text == "move" { "" } else { &text });
    text.replace("trace::say!", "say!").replace(" .", ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what is found where `mark` begins in a file of one function.
    fn at(code: &str, mark: &str) -> Found {
        let text = format!("fn outer() {{\n{code}\n}}\n");
        let before = &text[..text.find(mark).expect("the mark")];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let site = Site(
            "a.rs".to_owned(),
            u32::try_from(line).unwrap(),
            u32::try_from(column).unwrap(),
            String::new(),
        );
        find(&[("a.rs".to_owned(), text)].into(), &site).expect("it is Rust")
    }

    #[test]
    fn a_call_has_a_name_and_its_arguments() {
        let code =
            "d.add_callbacks(\n    move |a, b| f(a, \"),\"), // why\n    other::g,\n)\n.next();";
        let call = at(code, "add_callbacks").call.unwrap();
        assert_eq!(call.name, "add_callbacks");
        assert_eq!(call.arguments, ["|a, b| f(a, \"),\")", "other::g"]);
        let call = at(
            "let é = 1; let x = (é, Deferred::<String>::new());",
            "Deferred",
        )
        .call
        .unwrap();
        assert!(call.of_deferred && call.name == "new" && call.arguments.is_empty());
        let call = at("f(|f| Err::<(), Vec<u8>>(f), a < b, c);", "f(|")
            .call
            .unwrap();
        assert_eq!(call.arguments, ["|f| Err::<(), Vec<u8>>(f)", "a < b", "c"]);
        assert_eq!(at("a + b;", "a +").call, None);
        // Inside of a macro, and inside a closure.
        let call = at("say!(\"{}\", d.add_both(|r| r));", "add_both")
            .call
            .unwrap();
        assert_eq!(call.arguments, ["|r| r"]);
        let call = at("g(move |_| { d.add_errback(h); });", "add_errback")
            .call
            .unwrap();
        assert_eq!(call.arguments, ["h"]);
    }

    #[test]
    fn a_method_is_called_on_something_that_has_a_name() {
        for (code, name) in [
            ("lock.run(f);", Some("lock")),
            ("(&*self.tokens.borrow()).run(f);", Some("tokens")),
            ("locks[0].clone().run(f);", Some("locks")),
            ("state::LOCK.run(f);", Some("LOCK")),
            ("pair.0.run(f);", Some("pair")),
            ("find(x).run(f);", None),
            ("Lock::new().run(f);", None),
        ] {
            let call = at(code, "run(").call.unwrap();
            assert_eq!(call.receiver.as_deref(), name, "{code}");
        }
    }

    #[test]
    fn what_is_no_rust_and_what_is_not_there_have_no_names() {
        let site = Site("a.rs".to_owned(), 1, 1, String::new());
        assert!(find(&[("a.rs".to_owned(), "f(a".to_owned())].into(), &site).is_none());
        assert!(find(&BTreeMap::new(), &site).is_none());
    }

    #[test]
    fn a_stage_of_a_library_is_called_after_its_function() {
        for method in ["add_callback", "add_errback", "add_both", "on_result"] {
            let text = format!(
                "//! A lock.\npub fn run(x: u8) {{\n    fn inner() {{}}\n    d.{method}(|r| r)\n}}\n"
            );
            let look = |file: &str| Look {
                sources: [(file.to_owned(), text.clone())].into(),
                ..Look::default()
            };
            let at = |file: &str| stage(&look(file), &Site(file.to_owned(), 4, 7, String::new()));
            let example = at("listings/deferreds/examples/lock.rs");
            assert_eq!(at("listings/deferreds/src/sync/lock.rs"), ["run"]);
            assert_eq!(example, ["|r| r"], "{method}");
        }
    }

    #[test]
    fn a_variable_names_a_deferred() {
        for (code, name) in [
            ("x(); let (resolver, poem) = Deferred::new();", Some("poem")),
            (
                "{ let mut poem: Deferred<u8> = Deferred::new(); }",
                Some("poem"),
            ),
            ("let (_never, _late) = Deferred::new();", Some("late")),
            ("let (r, d) = Deferred::new();", None),
            ("foo(Deferred::new());", None),
            ("let [a] = Deferred::new();", None),
        ] {
            assert_eq!(
                at(code, "Deferred::new").variable.as_deref(),
                name,
                "{code}"
            );
        }
    }
}
