//! The real program on real repositories.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// A git repository in a folder of its own, with a state folder beside it.
pub struct Repo {
    folder: TempDir,
}

impl Default for Repo {
    fn default() -> Self {
        Self::new()
    }
}

impl Repo {
    /// An empty repository on branch `main`.
    pub fn new() -> Self {
        let repo = Self::without_git();
        repo.git(&["init", "-q", "-b", "main"]);
        repo
    }

    /// A folder that is no repository.
    pub fn without_git() -> Self {
        let folder = tempfile::Builder::new().prefix("windlass-test-").tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("engine")).expect("created");
        Self { folder }
    }

    /// A repository with one committed workflow.
    pub fn with_workflow(text: &str) -> Self {
        let repo = Self::new();
        repo.write(".forgejo/workflows/ci.yml", text);
        repo.commit("first");
        repo
    }

    /// Where the working tree is.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("engine")
    }

    /// Where `windlass up` keeps its state.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Writes a file.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let full = self.path().join(path);
        fs::create_dir_all(full.parent().expect("a parent")).expect("created");
        fs::write(full, text).expect("written");
    }

    /// Runs git and gives what it prints.
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(self.path())
            .output()
            .expect("git runs");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// A branch of one commit of its own on top of what is checked out, made so many seconds after the start of 2026.
    pub fn branch_made_at(&self, name: &str, seconds: u32) {
        let date = format!("{} +0000", 1_767_225_600 + u64::from(seconds));
        let output = Command::new("git")
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"])
            .args(["commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", name])
            .envs([("GIT_COMMITTER_DATE", &date), ("GIT_AUTHOR_DATE", &date)])
            .current_dir(self.path())
            .output()
            .expect("git runs");
        self.git(&["branch", name, String::from_utf8_lossy(&output.stdout).trim()]);
    }

    /// Commits everything; answers the commit.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }
}

/// The program under test.
#[derive(Clone, Debug)]
pub struct Program {
    binary: PathBuf,
}

/// How the program ended.
#[derive(Debug)]
pub struct Finished {
    /// Its exit code; -1 where a signal ended it.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it said about itself.
    pub stderr: String,
}

impl Finished {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The events that it printed, one JSON object a line.
    pub fn events(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
    }

    /// The output of a step.
    pub fn lines_of(&self, step: &str) -> Vec<String> {
        self.events()
            .iter()
            .filter(|event| event["t"] == "log" && event["step"] == step)
            .map(|event| event["line"].as_str().expect("a line").to_owned())
            .collect()
    }

    /// `id: outcome/conclusion` of each step, in order.
    pub fn steps(&self) -> Vec<String> {
        let text = |event: &serde_json::Value, key: &str| event[key].as_str().unwrap_or_default().to_owned();
        self.events()
            .iter()
            .filter(|event| event["t"] == "step")
            .map(|event| format!("{}: {}/{}", text(event, "step"), text(event, "outcome"), text(event, "conclusion")))
            .collect()
    }
}

impl Program {
    /// The program at a path: `env!("CARGO_BIN_EXE_windlass")`.
    pub fn at(binary: impl AsRef<Path>) -> Self {
        Self { binary: binary.as_ref().to_owned() }
    }

    fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).current_dir(folder).env_remove("WINDLASS_STATE_DIR").env("NO_COLOR", "1");
        command
    }

    /// Runs to its end in a folder.
    pub fn run(&self, folder: &Path, arguments: &[&str]) -> Finished {
        Finished::of(self.command(folder, arguments).stdin(Stdio::null()).output().expect("the program runs"))
    }

    /// Runs with a text on its standard input.
    pub fn run_with_input(&self, folder: &Path, arguments: &[&str], input: &str) -> Finished {
        use std::io::Write;
        let mut child = self
            .command(folder, arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = input.to_owned();
        let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        let output = child.wait_with_output().expect("the program ends");
        writer.join().expect("written");
        Finished::of(output)
    }

    /// Starts it; it is killed when the handle is dropped.
    pub fn start(&self, folder: &Path, arguments: &[&str]) -> Started {
        let mut child = self
            .command(folder, arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the program runs");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Started { child, lines }
    }
}

/// A running program.
pub struct Started {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Started {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The next line that it prints and that the test wants.
    pub fn says(&self, wanted: impl Fn(&str) -> bool) -> String {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).expect("the line comes within 30 s");
            if wanted(&line) {
                return line;
            }
        }
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args([format!("-{name}"), self.pid().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits for its end; answers the exit code, -1 where a signal ended it.
    pub fn ends(&mut self) -> i32 {
        let until = Instant::now() + Duration::from_mins(1);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("a state") {
                return status.code().unwrap_or(-1);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the program does not end");
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
