//! Which files a program may touch, held by Landlock on Linux.
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Files and folders that a program may touch. What is not named is not there for it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Fence {
    /// May be read and run, with all below.
    pub read: Vec<PathBuf>,
    /// Files that may be written as they are: neither removed, nor others made.
    pub write: Vec<PathBuf>,
    /// Folders in which it may do as it likes.
    pub own: Vec<PathBuf>,
}

/// Where programs find what they are linked with, and the devices that take nothing and give no
/// secret.
const SYSTEM: [&str; 10] = [
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/nix/store",
    "/gnu/store",
    "/etc/ld.so.cache",
    "/dev/urandom",
    "/dev/null",
];

impl Fence {
    /// Returns a fence around a program and what it is linked with.
    pub fn around(program: impl Into<PathBuf>) -> Fence {
        let mut read: Vec<PathBuf> = SYSTEM.iter().map(PathBuf::from).collect();
        read.push(program.into());
        Fence {
            read,
            write: Vec::new(),
            own: Vec::new(),
        }
    }

    /// Puts the calling thread behind it, for good, with all processes that it starts from now on.
    /// They cannot send signals to others either, where Linux knows how (6.12).
    ///
    /// # Errors
    /// When the kernel has Landlock and refuses.
    #[cfg(target_os = "linux")]
    pub(super) fn enter(&self) -> Result<()> {
        use landlock::{
            ABI, Access, AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
            RulesetAttr, RulesetCreatedAttr, Scope,
        };
        let abi = ABI::V6;
        let mut rules = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(abi))?
            .scope(Scope::from_all(abi))?
            .create()?;
        let all = [
            (&self.read, AccessFs::from_read(abi)),
            (&self.write, AccessFs::WriteFile | AccessFs::Truncate),
            (&self.own, AccessFs::from_all(abi)),
        ];
        for (paths, access) in all {
            for path in paths {
                // What is not there cannot be touched.
                if let Ok(open) = PathFd::new(path) {
                    let file = AccessFs::from_file(abi);
                    let access = if path.is_dir() { access } else { access & file };
                    rules = rules.add_rule(PathBeneath::new(open, access))?;
                }
            }
        }
        rules.restrict_self()?;
        Ok(())
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn enter(&self) -> Result<()> {
        Ok(())
    }
}

/// Returns whether this system holds fences: Linux with Landlock, in the kernel and not switched
/// off.
#[cfg(target_os = "linux")]
pub fn fences() -> bool {
    use std::sync::OnceLock;
    static KNOWN: OnceLock<bool> = OnceLock::new();
    // Asked on a thread of its own, which ends behind the fence.
    *KNOWN.get_or_init(|| {
        std::thread::spawn(|| {
            let fence = Fence::around("/");
            fence.enter().is_ok() && std::fs::write("/dev/null", "").is_err()
        })
        .join()
        .unwrap_or(false)
    })
}

/// Returns whether this system holds fences: it has none that we know of.
#[cfg(not(target_os = "linux"))]
pub fn fences() -> bool {
    false
}
