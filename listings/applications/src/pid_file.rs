//! The file with a program's number: a lock says that it runs, and not that the file is there.
use nix::fcntl::{Flock, FlockArg};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

// ANCHOR: lock
/// Holds the lock of the file as long as it lives, and removes it in the end.
///
/// The number is for people and scripts. Whether the program runs, the lock says, and the system
/// takes it back when the process ends, however it ends. So a file that a killed program has left
/// is in no one's way, and neither is a number in it that another process has now.
pub(crate) struct PidFile {
    path: PathBuf,
    file: Flock<File>,
}

impl PidFile {
    pub(crate) fn lock(path: &Path) -> io::Result<PidFile> {
        let wrong =
            |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let path = std::path::absolute(path)?;
        loop {
            let mut options = OpenOptions::new();
            let options = options.read(true).write(true).create(true).truncate(false);
            let file = options.open(&path).map_err(wrong)?;
            let mut file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(file) => file,
                Err((file, nix::errno::Errno::EWOULDBLOCK)) => return Err(taken(&path, file)),
                Err((_, error)) => return Err(wrong(error.into())),
            };
            // The process before may have removed the file between our two calls: then the lock is
            // worth nothing.
            let is_there = fs::metadata(&path).is_ok_and(|there| {
                file.metadata()
                    .is_ok_and(|ours| (ours.dev(), ours.ino()) == (there.dev(), there.ino()))
            });
            if is_there {
                file.set_len(0).map_err(wrong)?;
                writeln!(file, "{}", std::process::id()).map_err(wrong)?;
                return Ok(PidFile { path, file });
            }
        }
    }
}
// ANCHOR_END: lock

fn taken(path: &Path, mut file: File) -> io::Error {
    let mut number = String::new();
    let _ = file
        .rewind()
        .and_then(|()| file.read_to_string(&mut number)); // it is only for the message
    let who = match number.trim() {
        "" => "another process".to_owned(),
        number => format!("process {number}"),
    };
    let what = format!("{}: it runs already, as {who}", path.display());
    io::Error::new(io::ErrorKind::WouldBlock, what)
}

impl Drop for PidFile {
    fn drop(&mut self) {
        // While the lock is held: the process that locks it next must find that the file is gone.
        let ours = self.file.metadata().map(|ours| (ours.dev(), ours.ino()));
        let there = fs::metadata(&self.path).map(|there| (there.dev(), there.ino()));
        if ours.is_ok_and(|ours| there.is_ok_and(|there| ours == there)) {
            // We may not have the right any more, as another user.
            let _ = fs::remove_file(&self.path);
        }
    }
}
