//! Which function of a library stands around a place: known from its text once, so that a run can
//! be named without it.
use crate::{header::rewrite, source::parsed};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use syn::{
    Expr, Token,
    punctuated::Punctuated,
    spanned::Spanned,
    visit::{self, Visit},
};
use trace::read::{Error, Site};

/// The functions of some files, by the names that the files have in the sites of a trace.
///
/// ```
/// use pictures::Functions;
/// use std::collections::BTreeMap;
/// let text = "fn outer() {\n    fn inner() {\n        read()\n    }\n}\n";
/// let functions = Functions::of(&BTreeMap::from([("a/src/b.rs".to_owned(), text.to_owned())]));
/// let json = serde_json::to_string(&functions)?;
/// let settled = serde_json::from_str::<Functions>(&json)?
///     .settled(concat!(
///         r#"{"v":1,"clock":"virtual","sites":"#,
///         r#"[["a/src/b.rs",3,9,""],["a/src/b.rs",5,1,""]]}"#
///     ))?;
/// let named = r#"[["a/src/b.rs",0,0,"inner"],["a/src/b.rs",0,0,"outer"]]"#;
/// assert!(settled.contains(named), "{settled}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Functions(BTreeMap<String, Vec<Function>>);

/// Its name, and where it begins and ends: line and column, both from 1, the end not in it.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Function(String, (u32, u32), (u32, u32));

impl Functions {
    /// Returns the functions of these files. A file that is no Rust has none.
    pub fn of(sources: &BTreeMap<String, String>) -> Functions {
        let library = sources.iter().filter(|(file, _)| file.contains("/src/"));
        let listed = library.map(|(file, text)| {
            let mut lister = Lister::default();
            if let Some(parsed) = parsed(text) {
                lister.visit_file(&parsed);
            }
            (file.clone(), lister.0)
        });
        Functions(listed.filter(|(_, found)| !found.is_empty()).collect())
    }

    /// Returns the innermost function around a place.
    fn around(&self, site: &Site) -> Option<&str> {
        let at = (site.1, site.2);
        let functions = self.0.get(&site.0)?.iter();
        // They stand in the order of their beginnings, the outer before the inner.
        let mut around = functions.rev().filter(|one| one.1 <= at && at < one.2);
        Some(&around.next()?.0)
    }

    /// As [`settled`](crate::settled), without the text of the libraries.
    ///
    /// # Errors
    /// When the header cannot be read.
    pub fn settled(&self, text: &str) -> Result<String, Error> {
        rewrite(text, |mut header| {
            let sites = header.get_mut("sites").and_then(Value::as_array_mut);
            for value in sites.into_iter().flatten() {
                let Ok(mut site) = serde_json::from_value::<Site>(value.clone()) else {
                    continue;
                };
                if site.in_library() {
                    if site.3.is_empty() {
                        site.3 = self.around(&site).unwrap_or_default().to_owned();
                    }
                    *value = Value::from(vec![
                        Value::from(site.0),
                        0.into(),
                        0.into(),
                        Value::from(site.3),
                    ]);
                }
            }
            header
        })
    }
}

/// Goes through a file and writes down its functions.
#[derive(Default)]
struct Lister(Vec<Function>);

impl Lister {
    fn add(&mut self, whole: &impl Spanned, name: &syn::Ident) {
        let span = whole.span();
        let place = |at: proc_macro2::LineColumn| {
            let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            (number(at.line), number(at.column + 1))
        };
        let (from, end) = (place(span.start()), place(span.end()));
        self.0.push(Function(name.to_string(), from, end));
    }
}

impl<'ast> Visit<'ast> for Lister {
    fn visit_item_fn(&mut self, node: &'ast syn::ItemFn) {
        self.add(node, &node.sig.ident);
        visit::visit_item_fn(self, node);
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        self.add(node, &node.sig.ident);
        visit::visit_impl_item_fn(self, node);
    }

    fn visit_trait_item_fn(&mut self, node: &'ast syn::TraitItemFn) {
        self.add(node, &node.sig.ident);
        visit::visit_trait_item_fn(self, node);
    }

    /// What a macro is given is often code.
    fn visit_macro(&mut self, node: &'ast syn::Macro) {
        if let Ok(parts) = node.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            for part in &parts {
                Lister::visit_expr(self, part);
            }
        }
    }
}
