//! Files below a folder, sent as they are: with ranges, and none from outside of it.
use crate::{
    Answer, Request, Resource, Response, StatusCode, Writer,
    range::{ByteRange, parse_range},
    refuse, streamed,
};
use coroutines::spawn;
use deferreds::{Failure, defer_to_thread};
use hyper::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName,
    HeaderValue, IF_NONE_MATCH, IF_RANGE, LOCATION, RANGE,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reactor::Handle;
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::PathBuf,
    rc::Rc,
    time::UNIX_EPOCH,
};

/// A file is read in pieces of so many bytes, each in a thread of the pool.
const PIECE_BYTES: u64 = 64 * 1024;

/// The files below a folder.
///
/// A file system can block, so it is asked in other threads. `index.html` stands for its folder,
/// and a folder without one shows nothing. Names that begin with a full stop are not there, nor is
/// what a link leads to outside of the folder.
///
/// Source:
/// [`twisted.web.static.File`](https://docs.twisted.org/en/stable/api/twisted.web.static.File.html).
pub struct Files {
    reactor: Handle,
    root: Rc<PathBuf>,
    names: Vec<String>,
}

impl Files {
    /// Returns the files below `folder`.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn new(reactor: &Handle, folder: impl Into<PathBuf>) -> io::Result<Files> {
        let folder = folder.into();
        let explain = |error: io::Error| {
            io::Error::new(error.kind(), format!("{}: {error}", folder.display()))
        };
        let root = folder.canonicalize().map_err(explain)?;
        if !root.is_dir() {
            return Err(explain(io::ErrorKind::NotADirectory.into()));
        }
        Ok(Files {
            reactor: reactor.clone(),
            root: Rc::new(root),
            names: Vec::new(),
        })
    }
}

impl Resource for Files {
    fn child(&self, name: &str) -> Option<Rc<dyn Resource>> {
        // The site refuses such names already; other code may walk this tree, too.
        if name.starts_with('.') || name.contains(['/', '\\', '\0']) {
            return None;
        }
        if self.names.last().is_some_and(String::is_empty) {
            return None; // nothing is below the page of a folder
        }
        let names = self
            .names
            .iter()
            .cloned()
            .chain([name.to_owned()])
            .collect();
        Some(Rc::new(Files {
            reactor: self.reactor.clone(),
            root: Rc::clone(&self.root),
            names,
        }))
    }

    fn render(&self, request: &Request) -> Answer {
        let (reactor, root, names) = (
            self.reactor.clone(),
            self.root.to_path_buf(),
            self.names.clone(),
        );
        let headers = request.headers().clone();
        let folder_name = self.names.last().cloned().unwrap_or_default();
        Answer::Awaited(Box::pin(async move {
            match defer_to_thread(&reactor, move || Ok(open(root, &names))).await? {
                Found::File(file) => send(&reactor, file, &headers),
                // Relative links on its page would lead astray without the slash.
                Found::Folder => {
                    let name = utf8_percent_encode(&folder_name, NON_ALPHANUMERIC);
                    let mut response = refuse(StatusCode::MOVED_PERMANENTLY);
                    let to = HeaderValue::from_str(&format!("{name}/"))?;
                    response.headers_mut().insert(LOCATION, to);
                    Ok(response)
                }
                Found::Nothing => Ok(refuse(StatusCode::NOT_FOUND)),
            }
        }))
    }
}

/// What stands at a path.
enum Found {
    File(OpenFile),
    Folder,
    Nothing,
}

/// A file that is open, and what its headers say.
struct OpenFile {
    file: File,
    length: u64,
    etag: String,
    kind: HeaderValue,
}

// ANCHOR: open
/// Opens the file of these names, in a thread.
fn open(root: PathBuf, names: &[String]) -> Found {
    let mut path = root.clone();
    path.extend(names.iter().filter(|name| !name.is_empty()));
    let at_folder = names.last().is_none_or(String::is_empty);
    // Follows all links, so what comes out is where the file really is.
    let Ok(mut path) = path.canonicalize() else {
        return Found::Nothing;
    };
    if !path.starts_with(&root) {
        return Found::Nothing;
    }
    if path.is_dir() {
        if !at_folder {
            return Found::Folder;
        }
        path.push("index.html");
        match path.canonicalize() {
            Ok(index) if index.starts_with(&root) => path = index,
            _ => return Found::Nothing,
        }
    } else if at_folder && names.len() > 1 {
        return Found::Nothing; // a file with a slash after it
    }
    // A pipe or a device would block the thread that opens it.
    if !path.is_file() {
        return Found::Nothing;
    }
    open_file(&path).map_or(Found::Nothing, Found::File)
}
// ANCHOR_END: open

/// Opens the file and reads its length, its date and its type.
fn open_file(path: &std::path::Path) -> Option<OpenFile> {
    let file = File::open(path).ok()?;
    let facts = file.metadata().ok()?;
    let changed = facts
        .modified()
        .ok()?
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    // Without a charset, browsers guess one for text.
    let text = kind.type_() == "text" || kind.subtype() == "javascript";
    let kind = if text {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_string()
    };
    Some(OpenFile {
        file,
        length: facts.len(),
        etag: format!("\"{:x}-{:x}\"", facts.len(), changed.as_nanos()),
        kind: HeaderValue::from_str(&kind).ok()?,
    })
}

/// Returns the file, or the range of it that was asked for, or that the client has it already.
fn send(reactor: &Handle, file: OpenFile, asked: &HeaderMap) -> Result<Response, Failure> {
    let OpenFile {
        file,
        length,
        etag,
        kind,
    } = file;
    let header = |name: HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
    let is_known = |known: &str| {
        known
            .split(',')
            .any(|one| matches!(one.trim(), "*") || one.trim() == etag)
    };
    let mut head = HeaderMap::new();
    head.insert(ETAG, HeaderValue::from_str(&etag)?);
    if header(IF_NONE_MATCH).is_some_and(is_known) {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.headers_mut() = head;
        return Ok(response);
    }
    head.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // A part of another version of the file is of no use.
    let range = header(RANGE).filter(|_| header(IF_RANGE).is_none_or(|known| known == etag));
    let (status, from, count) = match parse_range(range, length) {
        ByteRange::Whole => (StatusCode::OK, 0, length),
        ByteRange::Bytes(from, to) => {
            let range = format!("bytes {from}-{to}/{length}");
            head.insert(CONTENT_RANGE, HeaderValue::from_str(&range)?);
            (StatusCode::PARTIAL_CONTENT, from, to - from + 1)
        }
        ByteRange::Unsatisfiable => {
            let mut response = refuse(StatusCode::RANGE_NOT_SATISFIABLE);
            let range = HeaderValue::from_str(&format!("bytes */{length}"))?;
            response.headers_mut().insert(CONTENT_RANGE, range);
            return Ok(response);
        }
    };
    head.insert(CONTENT_TYPE, kind);
    head.insert(CONTENT_LENGTH, count.into());
    let (writer, mut response) = streamed(reactor, "");
    *response.status_mut() = status;
    *response.headers_mut() = head;
    let (handle, pump) = (reactor.clone(), reactor.clone());
    drop(spawn(&handle, async move {
        // The client left, or the file became shorter meanwhile: the reply is cut off, and that is
        // all.
        if let Err(why) = send_pieces(&pump, file, from, count, writer).await {
            tracing::debug!("a file was not sent whole: {why}");
        }
        Ok(())
    }));
    Ok(response)
}

// ANCHOR: send_pieces
/// Reads a piece in another thread, writes it, and reads the next one when there is room.
async fn send_pieces(
    reactor: &Handle,
    mut file: File,
    mut at: u64,
    mut left: u64,
    writer: Writer,
) -> Result<(), Failure> {
    while left > 0 {
        let count = left.min(PIECE_BYTES);
        // The file goes to the thread and comes back: a worker thread can borrow nothing from here.
        let (back, piece) = defer_to_thread(reactor, move || {
            let mut piece = vec![0; usize::try_from(count)?];
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(&mut piece)?;
            Ok((file, piece))
        })
        .await?;
        file = back;
        (at, left) = (at + count, left - count);
        writer.send(piece).await?;
    }
    writer.finish();
    Ok(())
}
// ANCHOR_END: send_pieces
