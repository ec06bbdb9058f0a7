//! A web server on our reactor: a tree of resources, templates, and answers that come later.
//!
//! A [`Site`] serves a tree of [`Resource`]s. Each name in the path of a request is looked up in the resource found so far, and
//! the last one renders an [`Answer`]: a response, or a [`Deferred`](deferreds::Deferred) of one. The HTTP is hyper's.
//!
//! ```
//! use coroutines::block_on;
//! use reactor::{Address, Reactor, Sim};
//! use web::{Branch, Page, Site, html, talk};
//!
//! let mut reactor = Reactor::new(Sim::new(1));
//! let root = Branch::new().put("", Page::new(|_| html("<h1>Hello</h1>")));
//! let port = Site::new(root).listen(&reactor.handle(), &Address::loopback(0))?;
//! let (handle, at) = (reactor.handle(), port.address().clone());
//! let request = "GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
//! let reply = block_on(&mut reactor, async move { talk(&handle, &at, request).await });
//! assert!(reply.unwrap().ends_with("<h1>Hello</h1>"));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! | what | file |
//! |---|---|
//! | the tree: what has children and renders | `resource.rs` |
//! | what it renders: a response, now or later | `answer.rs` |
//! | its body, whole or written piece by piece | `body.rs` |
//! | the names in a path | `path.rs` |
//! | a tree that answers requests | `site.rs` |
//! | its connections, and how they are ended | `running.rs` |
//! | one connection: hyper, and what drives it | `connection.rs` |
//! | what hyper reads and writes, a request at a time | `wire.rs`, `head.rs` |
//! | whose turn it is, and since when | `life.rs`, `limits.rs` |
//! | a reply on its way, and the access log | `reply.rs`, `access.rs` |
//! | pages from templates; forms; files | `templates.rs`, `forms.rs`, `files.rs`, `range.rs` |
//! | a client, its connections, and redirects | `client/` |
//! | functions over HTTP, and another server's pages | `rpc.rs`, `rpc_client.rs`, `proxy.rs` |
//! | the poetry site, over any shelf | `poems.rs`, `shelf.rs` |
//! | a site as a service | `service.rs` |
//! | sends bytes and prints what comes back, for tests | `talk.rs` |
//!
//! Files that need each other, and why: a resource (`resource.rs`) renders an answer (`answer.rs`) with
//! a body (`body.rs`), and a page from a template (`templates.rs`) is a resource. A site (`site.rs`)
//! has connections (`running.rs`, `connection.rs`), and a reply (`reply.rs`) tells its connection when
//! it is over.
// Whatever depends on the real clock or on chance must come from the world; see `clippy.toml` beside this crate.
#![warn(clippy::disallowed_methods)]

mod access;
mod answer;
mod body;
mod client;
mod connection;
mod files;
mod forms;
mod head;
mod life;
mod limits;
mod path;
pub mod poems;
mod proxy;
mod range;
mod reply;
mod resource;
mod rpc;
mod rpc_client;
mod running;
mod service;
mod shelf;
mod site;
mod talk;
mod templates;
mod wire;

pub use access::Access;
pub use answer::{Answer, Request, Response, html, plain, refuse, see_other};
pub use body::{Body, Ended, WriteError, Writer, streamed};
pub use client::{
    Client, ClientOptions, Fetched, NoPage, Pieces, TooLong, TooManyRedirects, get_url, trust,
};
pub use files::Files;
pub use forms::{Form, form, query};
pub use hyper::{Method, StatusCode, Uri, Version, body::Bytes, header};
pub use limits::Limits;
pub use minijinja::{Value, context};
pub use proxy::Proxy;
pub use resource::{Branch, Page, Resource, awaited};
pub use rpc::{JsonRpc, RpcError, json_page};
pub use rpc_client::RpcClient;
pub use running::{Running, Served};
pub use service::WebService;
pub use site::Site;
pub use talk::talk;
pub use templates::Templates;
