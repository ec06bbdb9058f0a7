//! Pages from templates: MiniJinja's, with what is put in escaped by the name's ending.
use crate::{Response, html};
use deferreds::Failure;
use minijinja::Environment;
use serde::Serialize;
use std::{cell::RefCell, path::PathBuf};

/// Templates by name.
///
/// In one whose name ends in `.html` every value is escaped, also when it ends in `.html.j2`. Other
/// names are refused, so that no page is left unescaped by its name.
///
/// ```
/// use web::{Templates, context};
///
/// let mut templates = Templates::new();
/// templates.put("hello.html.j2", "<p>Hello, {{ name }}")?;
/// let page = templates.page("hello.html.j2", context! { name => "<Emily>" })?;
/// assert_eq!(page.body().whole().unwrap(), "<p>Hello, &lt;Emily&gt;");
/// # Ok::<(), deferreds::Failure>(())
/// ```
pub struct Templates {
    environment: RefCell<Environment<'static>>,
    reloading: bool,
}

impl Templates {
    /// Returns a set without templates. A value that a template names and the context lacks is an
    /// error.
    #[must_use]
    pub fn new() -> Templates {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        Templates {
            environment: RefCell::new(environment),
            reloading: false,
        }
    }

    /// Returns the templates in a folder. Each is read when it is first asked for, and kept.
    #[must_use]
    pub fn folder(folder: impl Into<PathBuf>) -> Templates {
        let templates = Templates::new();
        let loader = minijinja::path_loader(folder.into());
        templates.environment.borrow_mut().set_loader(loader);
        templates
    }

    /// Reads them again for each page, so that a change shows when the browser reloads. It blocks
    /// for as long as the disk takes: for development.
    #[must_use]
    pub fn reloading(mut self, on: bool) -> Templates {
        self.reloading = on;
        self
    }

    /// Adds a template, in place of the one of that name.
    ///
    /// # Errors
    /// When it is no template, with the line; and when its name does not end in `.html` or
    /// `.html.j2`.
    pub fn put(&mut self, name: &'static str, source: &'static str) -> Result<(), Failure> {
        check_name(name)?;
        Ok(self.environment.get_mut().add_template(name, source)?)
    }

    /// Returns the page that a template makes of `values`.
    ///
    /// # Errors
    /// When there is no such template, its name would leave values unescaped, it is no template, or
    /// it needs a value that is not there. Each names the template and the line.
    pub fn page(&self, name: &str, values: impl Serialize) -> Result<Response, Failure> {
        check_name(name)?;
        if self.reloading
            && let Ok(mut environment) = self.environment.try_borrow_mut()
        {
            environment.clear_templates();
        }
        let environment = self.environment.borrow();
        Ok(html(environment.get_template(name)?.render(values)?))
    }
}

/// Fails when values put into a template of that name would not be escaped.
fn check_name(name: &str) -> Result<(), Failure> {
    if name.strip_suffix(".j2").unwrap_or(name).ends_with(".html") {
        return Ok(());
    }
    let message = format!("{name}: a page's template ends in .html or .html.j2");
    Err(Failure::new(message))
}

impl Default for Templates {
    fn default() -> Templates {
        Templates::new()
    }
}
