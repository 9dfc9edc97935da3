//! Folders of local runs: held while the run lives, removed by a later run where the first one was killed.

use std::{
    fs::{self, File},
    path::Path,
    time::Duration,
};

use rustix::fs::{FlockOperation, flock};
use tempfile::TempDir;

const PREFIX: &str = "windlass-run-";
const LOCK: &str = "held";
/// A younger folder may just not be held yet.
const YOUNG: Duration = Duration::from_mins(1);

/// A folder for one run; gone with its handle.
pub(crate) struct RunFolder {
    folder: TempDir,
    _held: File,
}

impl RunFolder {
    /// A new folder that is held until the handle is dropped, or the process ends however it ends.
    pub(crate) fn new() -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir().map_err(|error| error.to_string())?;
        let path = folder.path().join(LOCK);
        let held = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        flock(&held, FlockOperation::LockExclusive).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { folder, _held: held })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Removes it now.
    pub(crate) fn remove(self) {
        let _ = self.folder.close();
    }
}

/// Removes what killed runs of this user have left. Cost: one look into the folder for temporary files.
pub(crate) fn sweep() {
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        if ours && is_left(&entry.path()) {
            // What cannot be removed belongs to somebody else, or is tried again by the next run.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_left(folder: &Path) -> bool {
    let old = |file: &File| {
        file.metadata().and_then(|about| about.modified()).is_ok_and(|made| made.elapsed().is_ok_and(|age| age > YOUNG))
    };
    File::open(folder.join(LOCK))
        .is_ok_and(|file| old(&file) && flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok())
}

#[cfg(test)]
mod tests {
    use std::fs::FileTimes;

    use super::*;

    #[test]
    fn a_folder_that_nobody_holds_is_left() {
        let held = RunFolder::new().expect("a folder");
        let age = |path: &Path| {
            let long_ago = FileTimes::new().set_modified(std::time::SystemTime::UNIX_EPOCH);
            File::options().write(true).open(path.join(LOCK)).and_then(|file| file.set_times(long_ago)).expect("aged");
        };
        assert!(!is_left(held.path()), "it is young");
        age(held.path());
        assert!(!is_left(held.path()), "it is held");
        let killed = tempfile::tempdir().expect("a folder");
        fs::write(killed.path().join(LOCK), "").expect("written");
        age(killed.path());
        assert!(is_left(killed.path()));
        assert!(
            !is_left(tempfile::tempdir().expect("a folder").path()),
            "a folder without a lock is not ours to judge"
        );
    }
}
