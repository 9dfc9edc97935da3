//! Problem matchers at work: on a thread of their own, because a search may take for ever.

use std::{
    fs::File,
    io::Read,
    path::{Component, Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use windlass_joblog::matcher::{Issue, Matcher, Matchers};

/// How long the search in one line may take.
const PATIENCE: Duration = Duration::from_secs(1);
/// After so many lines that took longer nothing is searched any more.
const MAX_SLOW: u8 = 3;
/// Bytes of a file of matchers.
const MAX_FILE: u64 = 1024 * 1024;

/// The matchers of one job.
#[derive(Debug, Default)]
pub struct ProblemMatchers {
    /// As they stand without what earlier lines began: a thread that was given up is replaced by a copy.
    matchers: Matchers,
    thread: Option<Searcher>,
    slow: u8,
}

#[derive(Debug)]
struct Searcher {
    lines: Sender<String>,
    issues: Receiver<Option<Issue>>,
}

impl Searcher {
    fn start(mut matchers: Matchers) -> Self {
        let (lines, asked) = channel::<String>();
        let (answers, issues) = channel();
        std::thread::spawn(move || {
            while let Ok(line) = asked.recv() {
                if answers.send(matchers.line(&line)).is_err() {
                    return;
                }
            }
        });
        Self { lines, issues }
    }
}

impl ProblemMatchers {
    /// Puts matchers in front; those of the same owners go.
    pub fn add(&mut self, fresh: Vec<Matcher>) {
        self.matchers.add(fresh);
        self.thread = None;
    }

    /// Removes the matcher of an owner.
    pub fn remove(&mut self, owner: &str) {
        self.matchers.remove(owner);
        self.thread = None;
    }

    /// The issue that a line completes. Cost without matchers: nothing; else one hop to a thread and back, at most a second.
    pub fn line(&mut self, line: &str) -> Option<Issue> {
        if self.matchers.is_empty() {
            return None;
        }
        let matchers = &self.matchers;
        let thread = self.thread.get_or_insert_with(|| Searcher::start(matchers.clone()));
        thread.lines.send(line.to_owned()).ok()?;
        if let Ok(issue) = thread.issues.recv_timeout(PATIENCE) {
            return issue;
        }
        // The thread may never come back: it is left to itself.
        self.thread = None;
        self.slow += 1;
        if self.slow >= MAX_SLOW {
            tracing::warn!("problem matchers took more than a second for {MAX_SLOW} lines and are removed");
            self.matchers = Matchers::default();
        }
        None
    }
}

/// Reads the file of matchers that a step names, relative to its workspace. The error is for people.
pub(crate) fn read_named(workspace: &Path, file: &str) -> Result<Vec<Matcher>, String> {
    let path = workspace.join(file);
    // A pipe would hold up the job until somebody writes into it.
    if path.exists() && !path.is_file() {
        return Err(format!("{}: this is no file: name a JSON file of problem matchers", path.display()));
    }
    read_file(&path)
}

/// Reads a file of matchers. The error is for people.
pub fn read_file(path: &Path) -> Result<Vec<Matcher>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut text = String::new();
    // What a device or a pipe holds shows only when it is read.
    File::open(path).map_err(failed)?.take(MAX_FILE + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > MAX_FILE {
        return Err(format!("{}: a file of problem matchers has at most {MAX_FILE} bytes", path.display()));
    }
    Matcher::read(&text).map_err(|reason| format!("{}: {reason}", path.display()))
}

/// The file of an issue, relative to the workspace; `None` where it is not there.
pub fn file_in(workspace: &Path, issue: &Issue) -> Option<String> {
    let mut path = PathBuf::from(issue.file.as_ref()?);
    if path.is_relative()
        && let Some(folder) = issue.from_path.as_ref().and_then(|from| Path::new(from).parent())
    {
        path = folder.join(path);
    }
    let root = workspace.canonicalize().ok()?;
    let full = normal(&root.join(path)).canonicalize().ok()?;
    let inside = full.strip_prefix(&root).ok().filter(|_| full.is_file())?;
    Some(inside.to_string_lossy().into_owned())
}

/// The path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = out.pop(),
            part => out.push(part),
        }
    }
    out
}

/// The matchers of a job, shared by its steps.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedMatchers(Arc<Mutex<ProblemMatchers>>);

impl SharedMatchers {
    pub(crate) fn with<A>(&self, work: impl FnOnce(&mut ProblemMatchers) -> A) -> A {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_that_does_not_end_is_given_up() {
        let slow = r#"{"problemMatcher":[{"owner":"slow","pattern":[{"regexp":"^(a+)+$","message":1}]}]}"#;
        let mut matchers = ProblemMatchers::default();
        matchers.add(Matcher::read(slow).expect("valid"));
        let endless = format!("{}b", "a".repeat(60));
        assert_eq!(matchers.line(&endless), None);
        assert_eq!(matchers.line("aaa").expect("the next line is searched").message, "aaa");
        assert_eq!((matchers.line(&endless), matchers.line(&endless)), (None, None));
        assert_eq!(matchers.line("aaa"), None, "after three it is removed");
    }

    #[test]
    fn a_file_is_named_from_the_workspace() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("work");
        std::fs::create_dir_all(root.join("sub")).expect("created");
        for file in ["a.c", "sub/b.c", "../out.c"] {
            std::fs::write(root.join(file), "").expect("written");
        }
        let found = |file: &str, from: Option<&str>| {
            let issue = Issue { file: Some(file.into()), from_path: from.map(str::to_owned), ..Issue::default() };
            file_in(&root, &issue)
        };
        assert_eq!(found("./sub/../a.c", None).as_deref(), Some("a.c"));
        assert_eq!(found("b.c", Some("sub/project.x")).as_deref(), Some("sub/b.c"));
        assert_eq!(found(&root.join("a.c").to_string_lossy(), None).as_deref(), Some("a.c"));
        assert_eq!((found("../out.c", None), found("none.c", None), found("sub", None)), (None, None, None));
    }

    #[test]
    fn only_so_much_is_read() {
        let error = read_file(Path::new("/dev/zero")).expect_err("it has no end");
        assert!(error.contains("at most"), "{error}");
        let error = read_named(Path::new("/"), "dev/zero").expect_err("a step names files");
        assert!(error.contains("no file"), "{error}");
        let error = read_named(Path::new("/"), "none.json").expect_err("it is not there");
        assert!(error.contains("No such file"), "{error}");
    }
}
