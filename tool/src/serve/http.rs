//! Answers browsers: the files of the last good build, and a socket that says when to reload.
use super::{
    State, ace, desk,
    guard::{self, Guard},
};
use crate::{house::House, knobs, run::Runner};
use axum::{
    Router,
    body::Body,
    extract::{
        Path as Named, State as Shared,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, StatusCode, Uri, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::{OnceCell, watch};

type Now = watch::Receiver<State>;

/// Added to each page while it is served, never to the pages of `cargo book build`.
const SCRIPT: &str = include_str!("live.js");

/// As [`SCRIPT`]: what a page needs to have programs run.
const EDIT: &str = include_str!("edit.js");
const EDIT_STYLE: &str = include_str!("edit.css");

pub(super) fn app(now: Now, guard: &Arc<Guard>, house: &House) -> Router {
    Router::new()
        .route("/__book/live", get(live))
        .route("/__book/live.js", get(|| script("text/javascript", SCRIPT)))
        .route("/__book/edit.js", get(|| script("text/javascript", EDIT)))
        .route("/__book/edit.css", get(|| script("text/css", EDIT_STYLE)))
        .route("/__book/ace/{file}", get(editor))
        .route("/wasm/{file}", get(module).with_state(house.clone()))
        .fallback(file)
        .with_state(now)
        .merge(desk::routes(guard, Runner::new(house)))
        .layer(middleware::from_fn_with_state(
            Arc::clone(guard),
            guard::named,
        ))
}

async fn script(kind: &'static str, text: &'static str) -> Response {
    respond(StatusCode::OK, kind, text.into())
}

/// Returns a file of the editor that a reader asks for. mdBook writes them once, the first time.
async fn editor(Named(name): Named<String>) -> Response {
    static FILES: OnceCell<BTreeMap<&str, Vec<u8>>> = OnceCell::const_new();
    let made = FILES.get_or_try_init(|| async {
        let made = tokio::task::spawn_blocking(ace::files).await;
        made.unwrap_or_else(|error| Err(error.into()))
    });
    match made.await.map(|files| files.get(&*name)) {
        Ok(Some(bytes)) => respond(StatusCode::OK, "text/javascript", bytes.clone()),
        Ok(None) => respond(
            StatusCode::NOT_FOUND,
            "text/plain",
            "the editor has no such file".into(),
        ),
        Err(error) => {
            eprintln!("the editor cannot be shown: {error:#}");
            respond(
                StatusCode::INTERNAL_SERVER_ERROR,
                "text/plain",
                "it cannot be shown: the terminal says why".into(),
            )
        }
    }
}

/// Returns what a page runs of a chapter, compiled when it is asked for: who writes does not wait
/// for it.
async fn module(
    Shared(house): Shared<House>,
    headers: HeaderMap,
    Named(file): Named<String>,
) -> Response {
    let own = headers
        .get("sec-fetch-site")
        .is_none_or(|site| site == "same-origin" || site == "none");
    let chapter = file.strip_suffix(".js").filter(|_| own).map(str::to_owned);
    let made = match chapter {
        Some(chapter) => tokio::task::spawn_blocking(move || knobs::script(&house, &chapter)).await,
        None => Ok(Ok(None)),
    };
    match made {
        Ok(Ok(Some(script))) => respond(StatusCode::OK, "text/javascript", script.into()),
        Ok(Err(error)) => {
            eprintln!("{error:#}");
            respond(
                StatusCode::NOT_FOUND,
                "text/plain",
                "it does not compile: the terminal says why".into(),
            )
        }
        _ => respond(
            StatusCode::NOT_FOUND,
            "text/plain",
            "there is no such program here".into(),
        ),
    }
}

fn respond(status: StatusCode, kind: &str, body: Vec<u8>) -> Response {
    (
        status,
        [
            (header::CONTENT_TYPE, kind.to_owned()),
            // A reload must never show yesterday's page.
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ],
        Body::from(body),
    )
        .into_response()
}

/// Returns a file of the site; a page also gets the script that reloads it.
async fn file(Shared(now): Shared<Now>, uri: Uri) -> Response {
    let state = now.borrow().clone();
    let Some(site) = &state.site else {
        let page = with_script(nothing_yet(), state.version);
        return respond(
            StatusCode::SERVICE_UNAVAILABLE,
            "text/html; charset=utf-8",
            page,
        );
    };
    let found = safe(uri.path()).and_then(|path| read(site, &path));
    let (status, path, bytes) = match found {
        Some((path, bytes)) => (StatusCode::OK, path, bytes),
        None => {
            let page = fs::read(site.join("404.html")).unwrap_or_else(|_| b"404".to_vec());
            (StatusCode::NOT_FOUND, PathBuf::from("404.html"), page)
        }
    };
    let kind = kind(&path);
    let bytes = if kind.starts_with("text/html") {
        with_script(bytes, state.version)
    } else {
        bytes
    };
    respond(status, kind, bytes)
}

/// Returns a path inside the site, or none when it climbs out of it.
fn safe(path: &str) -> Option<PathBuf> {
    let mut safe = PathBuf::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let part = percent_encoding::percent_decode_str(part)
            .decode_utf8()
            .ok()?;
        if part == ".." || part == "." || part.contains(['/', '\\', '\0']) {
            return None;
        }
        safe.push(&*part);
    }
    Some(safe)
}

fn read(site: &Path, path: &Path) -> Option<(PathBuf, Vec<u8>)> {
    let mut path = site.join(path);
    if path.is_dir() {
        path.push("index.html");
    }
    let bytes = fs::read(&path).ok()?;
    Some((path, bytes))
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|end| end.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

fn with_script(page: Vec<u8>, version: u64) -> Vec<u8> {
    let script = format!(
        "<script src=\"/__book/live.js\" data-version=\"{version}\"></script><script src=\"/__book/edit.js\"></script>"
    );
    match String::from_utf8(page) {
        Ok(mut page) => {
            match page.rfind("</body>") {
                Some(at) => page.insert_str(at, &script),
                None => page.push_str(&script),
            }
            page.into_bytes()
        }
        Err(error) => error.into_bytes(),
    }
}

/// Returns what a reader sees when even the first build failed.
fn nothing_yet() -> Vec<u8> {
    b"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
      <meta name=\"viewport\" content=\"width=device-width\"><title>Not built yet</title></head>\
      <body style=\"font-family:sans-serif;margin:2rem\"><h1>The book is not built yet</h1>\
      <p>This page shows it as soon as it is.</p></body></html>"
        .to_vec()
}

async fn live(Shared(now): Shared<Now>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|socket| tell(socket, now))
}

/// Sends the state at once and whenever it changes.
async fn tell(mut socket: WebSocket, mut now: Now) {
    loop {
        let message = {
            let state = now.borrow_and_update();
            serde_json::json!({ "version": state.version, "error": state.error, "part": state.part }).to_string()
        };
        if socket.send(Message::text(message)).await.is_err() {
            return;
        }
        tokio::select! {
            changed = now.changed() => if changed.is_err() { return },
            // Nothing is asked of us here: this is how a closed tab is noticed.
            said = socket.recv() => if said.is_none_or(|said| said.is_err()) { return },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leaves_the_site() {
        assert_eq!(safe("/a/b.html"), Some(PathBuf::from("a/b.html")));
        assert_eq!(safe("/a%20b.html"), Some(PathBuf::from("a b.html")));
        assert_eq!(
            safe("/%zz"),
            Some(PathBuf::from("%zz")),
            "no code is itself"
        );
        for bad in ["/../x", "/a/%2e%2e/x", "/a%2fb", "/%5c..", "/%ff"] {
            assert_eq!(safe(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_script_stands_at_the_end_of_a_page() {
        let page = with_script(b"<body>text</body></html>".to_vec(), 3);
        assert_eq!(
            String::from_utf8(page).unwrap(),
            "<body>text<script src=\"/__book/live.js\" data-version=\"3\"></script><script src=\"/__book/edit.js\"></script></body></html>"
        );
    }
}
