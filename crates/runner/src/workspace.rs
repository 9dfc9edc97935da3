//! Where a job works: its folders, and the files of its repository.

use std::{
    fs, io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

/// Where the files of the run's own repository come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// `actions/checkout` fetches the commit from this repository.
    Commit(PathBuf),
    /// The job starts with a copy of this folder, uncommitted changes included; `actions/checkout` has nothing to do.
    Copy(PathBuf),
}

/// The folders of one task.
#[derive(Debug)]
pub(crate) struct Folders {
    root: PathBuf,
    pub(crate) workspace: PathBuf,
    pub(crate) temp: PathBuf,
    /// Scripts, command files and pipes; no job needs to know it.
    pub(crate) control: PathBuf,
}

impl Folders {
    /// Makes the folders of a task. The workspace bears the repository's name, as tools expect.
    pub(crate) fn make(work: &Path, task: i64, repository: &str) -> io::Result<Self> {
        let root = work.join(task.to_string());
        if root.exists() {
            fs::remove_dir_all(&root)?;
        }
        let name = repository.rsplit('/').next().filter(|name| is_plain(name)).unwrap_or("workspace");
        let folders = Self {
            workspace: root.join(name).join(name),
            temp: root.join("_temp"),
            control: Self::control_of(work, task),
            root,
        };
        for folder in [&folders.workspace, &folders.temp, &folders.control] {
            fs::create_dir_all(folder)?;
        }
        Ok(folders)
    }

    /// Where the folder for scripts, command files and pipes of a task will be.
    pub(crate) fn control_of(work: &Path, task: i64) -> PathBuf {
        work.join(task.to_string()).join("_control")
    }

    /// Removes everything.
    pub(crate) fn remove(&self) {
        if let Err(error) = fs::remove_dir_all(&self.root) {
            tracing::warn!(folder = %self.root.display(), %error, "a job's folder could not be removed");
        }
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(['.', '_'])
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// Copies a folder: in a git repository its tracked and its untracked, not ignored files, else everything. Files are
/// shared where the file system can. Cost: one list of files, then the copies on as many threads as there are cores.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let files = match git_files(from) {
        Some(files) => files,
        None => all_files(from)?,
    };
    let mut last = PathBuf::new();
    for file in &files {
        if let Some(parent) = file.parent()
            && parent != last
        {
            fs::create_dir_all(to.join(parent))?;
            parent.clone_into(&mut last);
        }
    }
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(8);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| -> io::Result<()> {
                    while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                        copy_one(&from.join(file), &to.join(file))?;
                    }
                    Ok(())
                })
            })
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|_| Err(io::Error::other("a copying thread stopped"))))
    })
}

fn git_files(from: &Path) -> Option<Vec<PathBuf>> {
    let output = std::process::Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(from)
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    let paths = output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    Some(paths.map(|path| PathBuf::from(std::ffi::OsStr::from_bytes(path))).collect())
}

fn all_files(from: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(from.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

fn copy_one(from: &Path, to: &Path) -> io::Result<()> {
    let Ok(meta) = fs::symlink_metadata(from) else {
        // Tracked, but deleted in the working tree.
        return Ok(());
    };
    if meta.is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(from)?, to);
    }
    if meta.is_dir() {
        // A submodule: its own files are not listed.
        return fs::create_dir_all(to);
    }
    if !meta.is_file() {
        return Ok(());
    }
    let source = fs::File::open(from)?;
    let target = fs::OpenOptions::new().write(true).create_new(true).open(to)?;
    if rustix::fs::ioctl_ficlone(&target, &source).is_err() {
        io::copy(&mut &source, &mut &target)?;
    }
    target.set_permissions(meta.permissions())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_uncommitted_files_but_not_ignored_ones() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("sub")).expect("created");
        let git = |arguments: &[&str]| {
            let status = std::process::Command::new("git").args(arguments).current_dir(&from).status();
            assert!(status.expect("git runs").success());
        };
        git(&["init", "-q"]);
        for (file, text) in [("tracked", "1"), ("sub/new", "2"), (".gitignore", "ignored\n"), ("ignored", "3")] {
            fs::write(from.join(file), text).expect("written");
        }
        git(&["add", "tracked"]);
        fs::write(from.join("tracked"), "changed").expect("written");
        std::os::unix::fs::symlink("tracked", from.join("link")).expect("linked");
        fs::create_dir_all(&to).expect("created");
        copy(&from, &to).expect("copied");
        assert_eq!(fs::read_to_string(to.join("tracked")).expect("there"), "changed");
        assert_eq!(fs::read_link(to.join("link")).expect("a link"), Path::new("tracked"));
        assert!(to.join("sub/new").exists() && !to.join("ignored").exists() && !to.join(".git").exists());
    }
}
