//! A web server on our reactor: a tree of resources, templates, and answers that come later.
//!
//! A [`Site`] serves a tree of [`Resource`]s. Each name in the path of a request is looked up in
//! the resource found so far, and the last one renders an [`Answer`]: a response, or a
//! [`Deferred`](deferreds::Deferred) of one. The HTTP is hyper's.
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
//! # The way of a request
//!
//! ```text
//!   bytes ──► hyper_io.rs: one request at a time ──► hyper ──► connection.rs
//!                                                                 ▼
//!                         dispatch.rs: the resource, the body, its answer
//!                                                                 ▼
//!   bytes ◄── hyper_io.rs ◄── hyper ◄── reply.rs: the body, and the end of the reply
//! ```
//!
//! | what | file |
//! |---|---|
//! | the tree: what has children and renders | `resource.rs` |
//! | what it renders: a response, now or later | `answer.rs` |
//! | its body, whole or written piece by piece | `body.rs`, `writer.rs` |
//! | the names in a path | `path.rs` |
//! | a tree that can be served; one that is | `site.rs`, `running.rs`, `site_state.rs` |
//! | one connection: hyper, and what drives it | `connection.rs` |
//! | what hyper reads and writes, a request at a time | `hyper_io.rs`, `head_scanner.rs` |
//! | what is under way, and since when | `connection_state.rs`, `limits.rs` |
//! | from a request to its response | `dispatch.rs` |
//! | requests that are refused, and resources that panic | `request_error.rs`, `panics.rs` |
//! | a reply on its way, and the access log | `reply.rs`, `access.rs` |
//! | pages from templates; forms; files | `templates.rs`, `forms.rs`, `files.rs`, `range.rs` |
//! | a client, its connections, and redirects | `client/` |
//! | functions over HTTP, and another server's pages | `rpc.rs`, `rpc_client.rs`, `proxy.rs` |
//! | the poetry site, over any shelf | `poems.rs`, `shelf.rs` |
//! | a site as a service | `service.rs` |
//! | sends bytes and prints what comes back, for tests | `talk.rs` |
//!
//! No two files need each other: what the connections of a site share is in `site_state.rs`, what
//! hyper and the timer know of one connection in `connection_state.rs`.
// Whatever depends on the real clock or on chance must come from the world; see `clippy.toml`
// beside this crate.
#![warn(clippy::disallowed_methods)]

mod access;
mod answer;
mod body;
mod client;
mod connection;
mod connection_state;
mod dispatch;
mod files;
mod forms;
mod head_scanner;
mod hyper_io;
mod limits;
mod panics;
mod path;
pub mod poems;
mod proxy;
mod range;
mod reply;
mod request_error;
mod resource;
mod rpc;
mod rpc_client;
mod running;
mod service;
mod shelf;
mod site;
mod site_state;
mod talk;
mod templates;
mod writer;

pub use access::Access;
pub use answer::{Answer, Request, Response, html, plain, refuse, see_other};
pub use body::{Body, Ended, WriteError};
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
pub use running::{RunningSite, Served};
pub use service::WebService;
pub use site::Site;
pub use talk::talk;
pub use templates::Templates;
pub use writer::{Writer, streamed};
