//! The poetry site: pages over a shelf of poems, whatever the shelf is made of.
pub use crate::shelf::{MemoryShelf, NameTaken, Poem, Shelf};
use crate::{
    Answer, Branch, Form, JsonRpc, Method, Page, Request, Resource, Response, RpcError, StatusCode,
    Templates, Writer, answer::typed, awaited, context, form, json_page, see_other, streamed,
};
use coroutines::{sleep, spawn};
use deferreds::{Deferred, Failure};
use reactor::Handle;
use serde::Serialize;
use serde_json::json;
use std::{path::Path, rc::Rc, time::Duration};

/// The site's templates by name, as they were when this was compiled.
const TEMPLATES: [(&str, &str); 5] = [
    ("base.html.j2", include_str!("../templates/base.html.j2")),
    ("list.html.j2", include_str!("../templates/list.html.j2")),
    ("poem.html.j2", include_str!("../templates/poem.html.j2")),
    ("add.html.j2", include_str!("../templates/add.html.j2")),
    (
        "missing.html.j2",
        include_str!("../templates/missing.html.j2"),
    ),
];

/// Returns the templates of the site: those in a folder, read again for each page, or those that
/// were compiled in.
///
/// # Errors
/// When one of them is no template.
pub fn templates(folder: Option<&Path>) -> Result<Templates, Failure> {
    if let Some(folder) = folder {
        return Ok(Templates::folder(folder).reloading(true));
    }
    let mut templates = Templates::new();
    for (name, source) in TEMPLATES {
        templates.put(name, source)?;
    }
    Ok(templates)
}

/// What the pages of the site share.
struct PoetrySite {
    reactor: Handle,
    shelf: Rc<dyn Shelf>,
    templates: Templates,
}

/// Returns the root of the site.
///
/// | address | page |
/// |---|---|
/// | `/` | what is on the shelf |
/// | `/poems/NAME` | one poem |
/// | `/slowly/NAME` | the same, a line each half second |
/// | `/add` | a form, and where it is sent |
/// | `/api/poems`, `/api/poems/NAME` | the same as JSON: an array of objects, and one object |
/// | `/rpc` | the functions `catalogue` and `poem`, by JSON-RPC |
#[must_use]
pub fn site(reactor: &Handle, shelf: Rc<dyn Shelf>, templates: Templates) -> Branch {
    let site = Rc::new(PoetrySite {
        reactor: reactor.clone(),
        shelf,
        templates,
    });
    // One for each closure that outlives this function.
    let (list, add) = (Rc::clone(&site), Rc::clone(&site));
    let style = || {
        typed(
            StatusCode::OK,
            "text/css; charset=utf-8",
            include_str!("../templates/style.css"),
        )
    };
    let api = Branch::new().put("poems", Rc::new(PoemsApi(Rc::clone(&site))));
    Branch::new()
        .put("", awaited(move |_| Rc::clone(&list).list()))
        .put("poems", Rc::new(PoemPages(Rc::clone(&site), one_poem)))
        .put("slowly", Rc::new(PoemPages(Rc::clone(&site), slowly)))
        .put(
            "add",
            Page::of(&[Method::GET, Method::POST], move |request: &Request| {
                Rc::clone(&add).add(request)
            }),
        )
        .put("style.css", Page::new(move |_| style()))
        .put("api", Rc::new(api))
        .put("rpc", Rc::new(rpc(&site)))
}

impl PoetrySite {
    // ANCHOR: list
    async fn list(self: Rc<PoetrySite>) -> Result<Response, Failure> {
        let poems = self.shelf.catalogue().await?;
        let lately = self.shelf.lately().await?;
        self.templates
            .page("list.html.j2", context! { poems, lately })
    }
    // ANCHOR_END: list

    fn add(self: Rc<PoetrySite>, request: &Request) -> Answer {
        if request.method() == Method::GET {
            return self.form(&Form::default(), None, StatusCode::OK).into();
        }
        let filled = match form(request) {
            Ok(filled) => filled,
            Err(status) => return crate::refuse(status).into(),
        };
        let poem = match parse_poem(&filled) {
            Ok(poem) => poem,
            Err(problem) => {
                return self
                    .form(&filled, Some(problem), StatusCode::BAD_REQUEST)
                    .into();
            }
        };
        let to = format!("/poems/{}", poem.name);
        let added = self.shelf.add(poem).add_callback(move |()| see_other(&to));
        // A name that is taken is told in the form; any other failure is a 500.
        let refused = added.add_errback(move |failure| {
            let taken = failure.trap::<NameTaken>()?;
            self.form(&filled, Some(taken.to_string()), StatusCode::CONFLICT)
        });
        refused.into()
    }

    fn form(
        &self,
        form: &Form,
        problem: Option<String>,
        status: StatusCode,
    ) -> Result<Response, Failure> {
        let field = |name| form.get(name).unwrap_or_default();
        let form = context! {
            name => field("name"), title => field("title"), poet => field("poet"), text => field("text"),
        };
        let mut page = self
            .templates
            .page("add.html.j2", context! { form, problem })?;
        *page.status_mut() = status;
        Ok(page)
    }

    fn missing(&self, name: &str) -> Result<Response, Failure> {
        let mut page = self.templates.page("missing.html.j2", context! { name })?;
        *page.status_mut() = StatusCode::NOT_FOUND;
        Ok(page)
    }
}

/// Reads a poem from the form, or says what is wrong with it.
fn parse_poem(form: &Form) -> Result<Poem, String> {
    let field = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
    let (name, title, poet) = (field("name"), field("title"), field("poet"));
    let text = form.get("text").unwrap_or_default().replace("\r\n", "\n");
    // The name becomes part of an address.
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > 40 || !name.bytes().all(good) {
        return Err(
            "The name is one word of up to 40 small letters, digits and hyphens.".to_owned(),
        );
    }
    for (what, value) in [("title", &title), ("poet", &poet)] {
        if value.is_empty() || value.chars().count() > 200 {
            return Err(format!("The {what} has 1 to 200 letters."));
        }
    }
    if text.trim().is_empty() || text.len() > 20_000 {
        return Err("The poem has 1 to 20,000 bytes.".to_owned());
    }
    Ok(Poem {
        name,
        title,
        poet,
        text,
    })
}

/// Pages that have the name of a poem.
struct PoemPages(Rc<PoetrySite>, fn(Rc<PoetrySite>, String) -> Answer);

impl Resource for PoemPages {
    fn child(&self, name: &str) -> Option<Rc<dyn Resource>> {
        let (site, page, name) = (Rc::clone(&self.0), self.1, name.to_owned());
        Some(Page::new(move |_| page(Rc::clone(&site), name.clone())))
    }

    fn render(&self, _: &Request) -> Answer {
        crate::refuse(StatusCode::NOT_FOUND).into()
    }
}

// ANCHOR: one_poem
fn one_poem(site: Rc<PoetrySite>, name: String) -> Answer {
    let found = site.shelf.poem(&name);
    let page = found.add_callback(move |poem| match poem {
        Some(poem) => site.templates.page("poem.html.j2", context! { poem }),
        None => site.missing(&name),
    });
    page.into()
}
// ANCHOR_END: one_poem

// ANCHOR: slowly
fn slowly(site: Rc<PoetrySite>, name: String) -> Answer {
    Answer::Awaited(Box::pin(async move {
        let Some(poem) = site.shelf.poem(&name).await? else {
            return site.missing(&name);
        };
        let (writer, response) = streamed(&site.reactor, "text/plain; charset=utf-8");
        let (reactor, reader) = (site.reactor.clone(), site.reactor.clone());
        let recited = spawn(&reactor, recite(reader, writer, poem.text));
        drop(recited.add_errback(|_| Ok(()))); // the reader left
        Ok(response)
    }))
}

async fn recite(reactor: Handle, writer: Writer, text: String) -> Result<(), Failure> {
    for line in text.split_inclusive('\n') {
        writer.send(line.to_owned()).await?;
        sleep(&reactor, Duration::from_millis(500)).await;
    }
    writer.finish();
    Ok(())
}
// ANCHOR_END: slowly

/// The same poems for programs.
struct PoemsApi(Rc<PoetrySite>);

impl Resource for PoemsApi {
    fn child(&self, name: &str) -> Option<Rc<dyn Resource>> {
        let (site, name) = (Rc::clone(&self.0), name.to_owned());
        Some(awaited(move |_| {
            let found = site.shelf.poem(&name);
            async move {
                Ok(match found.await? {
                    Some(poem) => json_page(&poem),
                    None => {
                        let mut page = json_page(&json!({ "error": "no such poem" }));
                        *page.status_mut() = StatusCode::NOT_FOUND;
                        page
                    }
                })
            }
        }))
    }

    fn render(&self, _: &Request) -> Answer {
        let all = self.0.shelf.catalogue();
        all.add_callback(|poems| {
            Ok(json_page(
                &poems.iter().map(CatalogueEntry::of).collect::<Vec<_>>(),
            ))
        })
        .into()
    }
}

/// An entry of the catalogue.
#[derive(Serialize)]
struct CatalogueEntry<'a> {
    name: &'a str,
    title: &'a str,
    poet: &'a str,
}

impl CatalogueEntry<'_> {
    fn of(poem: &Poem) -> CatalogueEntry<'_> {
        CatalogueEntry {
            name: &poem.name,
            title: &poem.title,
            poet: &poem.poet,
        }
    }
}

fn rpc(site: &Rc<PoetrySite>) -> JsonRpc {
    let (all, one) = (Rc::clone(site), Rc::clone(site));
    JsonRpc::new()
        .method("catalogue", move |_| {
            all.shelf.catalogue().add_callback(|poems| {
                Ok(json!(
                    poems.iter().map(CatalogueEntry::of).collect::<Vec<_>>()
                ))
            })
        })
        .method("poem", move |params| {
            // By position or by name: the protocol allows both.
            let found = match params
                .get(0)
                .or_else(|| params.get("name"))
                .and_then(|name| name.as_str())
            {
                Some(name) => one.shelf.poem(name),
                None => Deferred::fail(Failure::new(RpcError::params(
                    "the name of a poem is missing",
                ))),
            };
            found.add_callback(|poem| {
                Ok(json!(poem.ok_or_else(|| Failure::new(RpcError::new(
                    404,
                    "no such poem"
                )))?))
            })
        })
}
