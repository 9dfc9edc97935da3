//! The `git` program, asked.

use std::{
    fmt,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What git would not do, with the remedy where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitError(pub String);

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A git repository on this machine.
#[derive(Clone, Debug)]
pub struct Repository {
    /// The top folder of its working tree; of a bare one the repository itself.
    pub root: PathBuf,
    /// Where its refs are: the same for all of its working trees.
    pub common_dir: PathBuf,
    /// `owner/name`: of the remote `origin`, else `local/` and the folder's name.
    pub name: String,
}

/// The folders that may hold workflows; the first one that exists counts.
pub(crate) const WORKFLOW_FOLDERS: [&str; 3] = [".forgejo/workflows", ".gitea/workflows", ".github/workflows"];

/// A path and its text, or why it is no text.
pub(crate) type FileAtCommit = (String, Result<String, String>);

/// Only so many changed files count, as on the forges.
const MAX_PATHS: usize = 300;

/// One commit, as far as events speak of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Commit {
    pub(crate) sha: String,
    pub(crate) tree: String,
    pub(crate) author: String,
    pub(crate) email: String,
    /// RFC 3339.
    pub(crate) date: String,
    pub(crate) message: String,
}

impl Repository {
    /// The repository in which a folder lies.
    pub fn open(folder: &Path) -> Result<Self, GitError> {
        if !folder.is_dir() {
            return Err(GitError(format!(
                "{} is not a folder: name one that holds a git repository",
                folder.display()
            )));
        }
        let ask = |arguments: &[&str]| run(folder, &[&["rev-parse", "--path-format=absolute"], arguments].concat());
        let answer = ask(&["--git-common-dir", "--show-toplevel"]).or_else(|_| ask(&["--git-common-dir"]));
        let answer = answer.map_err(|error| {
            if error.0.contains("not a git repository") {
                let place = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
                GitError(format!(
                    "{} is not in a git repository: run `git init` there, or name another folder",
                    place.display()
                ))
            } else {
                error
            }
        })?;
        // A bare repository has no top folder: it is its own.
        let mut lines = answer.lines();
        let common_dir = lines.next().unwrap_or_default().to_owned();
        let root = PathBuf::from(lines.next().unwrap_or(&common_dir));
        let name = run(&root, &["config", "--get", "remote.origin.url"]).ok().and_then(|url| name_of(&url));
        let name = name.unwrap_or_else(|| {
            let folder = root.file_name().map(|name| name.to_string_lossy().into_owned());
            format!("local/{}", folder.unwrap_or_else(|| "repository".into()))
        });
        Ok(Self { root, common_dir: PathBuf::from(common_dir), name })
    }

    /// A folder that is in no repository, under the name that it would have.
    pub fn plain(folder: &Path) -> Self {
        let name = folder.file_name().map_or("workspace".into(), |name| name.to_string_lossy());
        Self { root: folder.to_owned(), common_dir: folder.to_owned(), name: format!("local/{name}") }
    }

    /// Branches and tags with the commits they point to; with `remotes` the remote-tracking ones too.
    pub fn refs(&self, remotes: bool) -> Result<Vec<(String, String)>, GitError> {
        let mut arguments =
            vec!["for-each-ref", "--format=%(refname) %(objectname) %(*objectname)", "refs/heads", "refs/tags"];
        if remotes {
            arguments.push("refs/remotes");
        }
        let listed = self.git(&arguments)?;
        let parse = |line: &str| {
            let mut words = line.split(' ');
            let (name, object, peeled) = (words.next()?, words.next()?, words.next().unwrap_or_default());
            let symbolic = name.starts_with("refs/remotes/") && name.ends_with("/HEAD");
            let commit = if peeled.is_empty() { object } else { peeled };
            (!symbolic).then(|| (name.to_owned(), commit.to_owned()))
        };
        Ok(listed.lines().filter_map(parse).collect())
    }

    /// The branch that is checked out, if any.
    pub fn head_ref(&self) -> Option<String> {
        self.git(&["symbolic-ref", "-q", "HEAD"]).ok()
    }

    /// The branch that others are merged into: the remote's, else `main`, `master` or what is checked out.
    pub(crate) fn default_branch(&self) -> Option<String> {
        let exists = |name: &str| self.git(&["rev-parse", "-q", "--verify", name]).is_ok();
        let remote = self.git(&["symbolic-ref", "-q", "refs/remotes/origin/HEAD"]).ok();
        let remote = remote.and_then(|name| Some(format!("refs/heads/{}", name.strip_prefix("refs/remotes/origin/")?)));
        let usual = ["refs/heads/main", "refs/heads/master"].map(str::to_owned);
        remote.into_iter().chain(usual).find(|name| exists(name)).or_else(|| self.head_ref())
    }

    pub(crate) fn commit(&self, sha: &str) -> Result<Commit, GitError> {
        let format = "--format=%H%x00%T%x00%an%x00%ae%x00%cI%x00%B";
        let shown = self.git(&["log", "-1", "--no-show-signature", format, sha, "--"])?;
        let mut fields = shown.split('\0').map(str::to_owned);
        let mut next = || fields.next().unwrap_or_default();
        Ok(Commit {
            sha: next(),
            tree: next(),
            author: next(),
            email: next(),
            date: next(),
            message: next().trim_end().to_owned(),
        })
    }

    /// Paths that differ between two commits; for a new ref those of its last commit. `None` where git cannot say.
    pub(crate) fn changed_paths(&self, before: Option<&str>, after: &str) -> Option<Vec<String>> {
        let listed = match before {
            Some(before) => self.git(&["diff", "--name-only", "-z", "--no-renames", before, after, "--"]),
            None => self.git(&["diff-tree", "--root", "--no-commit-id", "--name-only", "-r", "-m", "-z", after]),
        };
        let paths = listed.ok()?;
        Some(paths.split('\0').filter(|path| !path.is_empty()).take(MAX_PATHS).map(str::to_owned).collect())
    }

    /// Paths that a branch has changed since it left another; `None` where git cannot say.
    pub(crate) fn paths_since(&self, base: &str, head: &str) -> Option<Vec<String>> {
        let listed =
            self.git(&["diff", "--name-only", "-z", "--no-renames", &format!("{base}...{head}"), "--"]).ok()?;
        Some(listed.split('\0').filter(|path| !path.is_empty()).take(MAX_PATHS).map(str::to_owned).collect())
    }

    /// Whether one commit is an ancestor of another.
    pub(crate) fn is_ancestor(&self, ancestor: &str, of: &str) -> bool {
        self.git(&["merge-base", "--is-ancestor", ancestor, of]).is_ok()
    }

    /// When a commit was made, in seconds, for sorting.
    pub(crate) fn commit_time(&self, sha: &str) -> i64 {
        self.git(&["log", "-1", "--format=%ct", sha, "--"]).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// The workflow files at a commit: path and text.
    pub(crate) fn workflow_files(&self, sha: &str) -> Result<Vec<FileAtCommit>, GitError> {
        let listed = self.git(&[
            "ls-tree",
            "-r",
            "-z",
            "--name-only",
            sha,
            "--",
            WORKFLOW_FOLDERS[0],
            WORKFLOW_FOLDERS[1],
            WORKFLOW_FOLDERS[2],
        ])?;
        let all: Vec<&str> = listed.split('\0').collect();
        let directly_in = |folder: &str| -> Vec<String> {
            let file = |path: &&&str| {
                path.strip_prefix(folder)
                    .and_then(|rest| rest.strip_prefix('/'))
                    .is_some_and(|name| !name.contains('/') && is_workflow_name(name))
            };
            all.iter().filter(file).map(|path| (*path).to_owned()).collect()
        };
        let folder =
            WORKFLOW_FOLDERS.iter().find(|folder| all.iter().any(|path| path.starts_with(&format!("{folder}/"))));
        let paths = folder.map(|folder| directly_in(folder)).unwrap_or_default();
        self.read_at(sha, paths)
    }

    /// Reads files at a commit by one `git cat-file`.
    fn read_at(&self, sha: &str, paths: Vec<String>) -> Result<Vec<FileAtCommit>, GitError> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let wanted: String = paths.iter().map(|path| format!("{sha}:{path}\n")).collect();
        let output = run_with_input(&self.root, &["cat-file", "--batch"], wanted.as_bytes())?;
        let mut rest = output.as_slice();
        let mut files = Vec::new();
        for path in paths {
            let cut = || GitError(format!("git did not give {path} at {sha}"));
            let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(cut)?;
            let header = String::from_utf8_lossy(&rest[..end]).into_owned();
            rest = &rest[end + 1..];
            let size: usize = header.rsplit(' ').next().and_then(|size| size.parse().ok()).ok_or_else(cut)?;
            let content = rest.get(..size).ok_or_else(cut)?;
            let text = String::from_utf8(content.to_vec()).map_err(|_| format!("{path}: the file is not UTF-8"));
            rest = rest.get(size + 1..).unwrap_or_default();
            files.push((path, text));
        }
        Ok(files)
    }

    fn git(&self, arguments: &[&str]) -> Result<String, GitError> {
        run(&self.root, arguments)
    }
}

/// `*.yml` or `*.yaml`, but no action's metadata.
pub(crate) fn is_workflow_name(name: &str) -> bool {
    (name.ends_with(".yml") || name.ends_with(".yaml")) && !matches!(name, "action.yml" | "action.yaml")
}

/// `owner/name` in the address of a remote.
fn name_of(url: &str) -> Option<String> {
    let path = url.trim().trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let mut segments = path.rsplit(['/', ':']);
    let (name, owner) = (segments.next()?, segments.next()?);
    let named = |segment: &str| !matches!(segment, "" | "." | "..");
    (named(name) && named(owner)).then(|| format!("{owner}/{name}"))
}

fn run(folder: &Path, arguments: &[&str]) -> Result<String, GitError> {
    let output = run_with_input(folder, arguments, b"")?;
    Ok(String::from_utf8_lossy(&output).trim_end_matches('\n').to_owned())
}

fn run_with_input(folder: &Path, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, GitError> {
    let mut child = Command::new("git")
        .arg("--no-optional-locks")
        .args(arguments)
        .current_dir(folder)
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| GitError(format!("the `git` program does not run ({error}): install git")))?;
    let mut stdin = child.stdin.take();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.take().map(|mut stdin| stdin.write_all(input)));
        child.wait_with_output()
    })
    .map_err(|error| GitError(error.to_string()))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(GitError(format!("git {}: {}", arguments.first().unwrap_or(&""), said.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_names_its_repository() {
        for url in ["https://host/o/r.git", "git@host:o/r", "ssh://git@host:22/o/r/", "/srv/o/r"] {
            assert_eq!(name_of(url).as_deref(), Some("o/r"), "{url}");
        }
        for url in ["r", "/srv/o/.", "../r"] {
            assert_eq!(name_of(url), None, "{url}");
        }
    }

    #[test]
    fn a_folder_without_a_repository_is_said_with_a_remedy() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = Repository::open(folder.path()).expect_err("no repository");
        assert!(error.0.contains("git init"), "{error}");
    }
}
