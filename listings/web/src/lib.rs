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
//! | the names in a path | `path.rs` |
//! | a tree at an address, and hyper's connections | `site.rs` |
//! | pages from templates | `templates.rs` |
//! | sends bytes and prints what comes back, for tests | `talk.rs` |
//!
//! There is no limit yet on how long a client may take to send a request: keep it away from the open internet.
// Whatever depends on the real clock or on chance must come from the world; see `clippy.toml` beside this crate.
#![warn(clippy::disallowed_methods)]

mod answer;
mod path;
mod resource;
mod site;
mod talk;
mod templates;

pub use answer::{Answer, Request, Response, html, plain, refuse};
pub use hyper::{Method, StatusCode, body::Bytes};
pub use minijinja::context;
pub use resource::{Branch, Page, Resource};
pub use site::Site;
pub use talk::talk;
pub use templates::Templates;
