//! The tree: a resource has children, and renders itself.
use crate::Response;
use crate::{Answer, Request, StatusCode, refuse};
use deferreds::Failure;
use hyper::Method;
use std::{collections::BTreeMap, future::Future, rc::Rc};

// ANCHOR: resource
/// Something with an address: a page, or what has pages below it.
pub trait Resource {
    /// Returns the resource of that name below this one. `""` is what stands after a last slash.
    fn child(&self, name: &str) -> Option<Rc<dyn Resource>> {
        let _ = name;
        None
    }

    /// Returns the methods it can render. GET includes HEAD; any other method is answered with 405.
    fn methods(&self) -> &[Method] {
        &[Method::GET]
    }

    /// Returns the answer to a request: a response, or a Deferred of one.
    fn render(&self, request: &Request) -> Answer;
}
// ANCHOR_END: resource

impl<R: Resource + ?Sized> Resource for Rc<R> {
    fn child(&self, name: &str) -> Option<Rc<dyn Resource>> {
        (**self).child(name)
    }

    fn methods(&self) -> &[Method] {
        (**self).methods()
    }

    fn render(&self, request: &Request) -> Answer {
        (**self).render(request)
    }
}

/// A resource made of a function.
pub struct Page<F> {
    methods: Vec<Method>,
    render: F,
}

impl<F, A> Page<F>
where
    F: Fn(&Request) -> A + 'static,
    A: Into<Answer>,
{
    /// Answers GET (and so HEAD) with what `render` returns.
    pub fn new(render: F) -> Rc<Page<F>> {
        Page::of(&[Method::GET], render)
    }

    /// Answers these methods with what `render` returns.
    pub fn of(methods: &[Method], render: F) -> Rc<Page<F>> {
        Rc::new(Page {
            methods: methods.to_vec(),
            render,
        })
    }
}

impl<F, A> Resource for Page<F>
where
    F: Fn(&Request) -> A + 'static,
    A: Into<Answer>,
{
    fn methods(&self) -> &[Method] {
        &self.methods
    }

    fn render(&self, request: &Request) -> Answer {
        (self.render)(request).into()
    }
}

// ANCHOR: awaited
/// Returns a page whose response is awaited: `render` takes out of the request what it needs, and
/// returns a future.
///
/// ```
/// use web::{Branch, awaited, plain};
///
/// let greet = awaited(|request| {
///     let path = request.uri().path().to_owned();
///     async move { Ok(plain(format!("you are at {path}"))) }
/// });
/// let root = Branch::new().put("greet", greet);
/// # drop(root);
/// ```
pub fn awaited<F>(render: impl Fn(&Request) -> F + 'static) -> Rc<dyn Resource>
where
    F: Future<Output = Result<Response, Failure>> + 'static,
{
    Page::new(move |request| Answer::Awaited(Box::pin(render(request))))
}
// ANCHOR_END: awaited

/// Children by name, put there once. It has no page of its own: put one at `""`.
#[derive(Default)]
pub struct Branch(BTreeMap<String, Rc<dyn Resource>>);

impl Branch {
    /// Returns a branch without children.
    #[must_use]
    pub fn new() -> Branch {
        Branch::default()
    }

    /// Puts a child at a name, in place of the one that was there.
    #[must_use]
    pub fn put(mut self, name: &str, child: Rc<dyn Resource>) -> Branch {
        self.0.insert(name.to_owned(), child);
        self
    }
}

impl Resource for Branch {
    fn child(&self, name: &str) -> Option<Rc<dyn Resource>> {
        self.0.get(name).cloned()
    }

    fn render(&self, _: &Request) -> Answer {
        refuse(StatusCode::NOT_FOUND).into()
    }
}
