//! Pages from templates: MiniJinja's, with what is put in escaped by the name's ending.
use crate::{Response, html};
use deferreds::Failure;
use minijinja::Environment;
use serde::Serialize;

/// Templates by name.
///
/// In one whose name ends in `.html` every value is escaped, also when it ends in `.html.j2`. [`put`](Templates::put)
/// refuses other names, so that no page is left unescaped by its name.
///
/// ```
/// use web::{Templates, context};
///
/// let mut templates = Templates::new();
/// templates.put("hello.html.j2", "<p>Hello, {{ name }}")?;
/// let page = templates.page("hello.html.j2", context! { name => "<Emily>" })?;
/// assert_eq!(page.body(), "<p>Hello, &lt;Emily&gt;");
/// # Ok::<(), deferreds::Failure>(())
/// ```
pub struct Templates(Environment<'static>);

impl Templates {
    /// Returns a set without templates. A value that a template names and the context lacks is an error.
    #[must_use]
    pub fn new() -> Templates {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        Templates(environment)
    }

    /// Adds a template, in place of the one of that name.
    ///
    /// # Errors
    /// When it is no template, with the line; and when its name does not end in `.html` or `.html.j2`.
    pub fn put(&mut self, name: &'static str, source: &'static str) -> Result<(), Failure> {
        if !name.strip_suffix(".j2").unwrap_or(name).ends_with(".html") {
            let message = format!("{name}: a page's template ends in .html or .html.j2");
            return Err(Failure::new(message));
        }
        Ok(self.0.add_template(name, source)?)
    }

    /// Returns the page that a template makes of `values`.
    ///
    /// # Errors
    /// When there is no such template, or it needs a value that is not there.
    pub fn page(&self, name: &str, values: impl Serialize) -> Result<Response, Failure> {
        Ok(html(self.0.get_template(name)?.render(values)?))
    }
}

impl Default for Templates {
    fn default() -> Templates {
        Templates::new()
    }
}
