//! The processes of one job, kept together by a guard.

use std::{
    collections::{BTreeMap, HashMap},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::unix::pipe,
    process::{Child, ChildStdin, Command},
    sync::{mpsc, oneshot},
};

use crate::guard::{self, Answer, Request};

/// A guard that does not answer to a sweep within this time is ended itself.
const SWEEP_PATIENCE: Duration = Duration::from_secs(12);

/// The guard of a job, seen from the runner.
pub(crate) struct Processes {
    child: Child,
    requests: mpsc::UnboundedSender<Request>,
    waiting: Arc<Waiting>,
    next_id: AtomicU64,
    folder: PathBuf,
    mark: String,
}

#[derive(Default)]
struct Waiting {
    exits: Mutex<HashMap<u64, oneshot::Sender<Result<i32, String>>>>,
    sweeps: Mutex<Vec<oneshot::Sender<()>>>,
    /// The guard has swept and may go: its end is no accident.
    swept: AtomicBool,
}

/// One running process: its output and, once, how it ended.
pub(crate) struct Running {
    pub(crate) id: u64,
    pub(crate) output: pipe::Receiver,
    pub(crate) exit: oneshot::Receiver<Result<i32, String>>,
}

impl Processes {
    /// Starts a guard: this very program again, with `guard` as its first argument. `folder` takes named pipes; `mark`
    /// stands in the environment of every process of the job.
    pub(crate) fn start(guard: &[String], folder: &Path, mark: &str) -> Result<Self, String> {
        let (program, arguments) = guard.split_first().ok_or("no guard program")?;
        let mut command = std::process::Command::new(program);
        // A group of its own: Ctrl-C on the runner's terminal is the runner's to handle.
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let mut child = Command::from(command)
            .kill_on_drop(false)
            .spawn()
            .map_err(|error| format!("the guard process does not start: {error}"))?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (Some(stdin), Some(stdout)) = (stdin, stdout) else { return Err("the guard has no pipes".into()) };
        let (requests, receiver) = mpsc::unbounded_channel();
        let waiting = Arc::new(Waiting::default());
        tokio::spawn(write_requests(stdin, receiver));
        tokio::spawn(read_answers(BufReader::new(stdout), Arc::clone(&waiting), mark.to_owned()));
        Ok(Self {
            child,
            requests,
            waiting,
            next_id: AtomicU64::new(1),
            folder: folder.to_owned(),
            mark: mark.to_owned(),
        })
    }

    /// Starts a process with this whole environment.
    pub(crate) fn spawn(
        &self,
        command: Vec<String>,
        mut env: BTreeMap<String, String>,
        folder: PathBuf,
    ) -> Result<Running, String> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let output = self.folder.join(format!("output-{id}"));
        let failed = |error: &dyn std::fmt::Display| format!("no pipe for the output: {error}");
        rustix::fs::mkfifoat(rustix::fs::CWD, &output, rustix::fs::Mode::from_raw_mode(0o600))
            .map_err(|error| failed(&error))?;
        let receiver = pipe::OpenOptions::new().open_receiver(&output).map_err(|error| failed(&error))?;
        let (sender, exit) = oneshot::channel();
        self.waiting.exits.lock().unwrap_or_else(PoisonError::into_inner).insert(id, sender);
        if let Some((name, value)) = self.mark.split_once('=') {
            env.insert(name.to_owned(), value.to_owned());
        }
        let request = Request::Spawn { id, command, env, folder, output };
        self.requests.send(request).map_err(|_| "the guard process has ended".to_owned())?;
        Ok(Running { id, output: receiver, exit })
    }

    /// Signals the process itself.
    pub(crate) fn signal(&self, id: u64, signal: rustix::process::Signal) {
        let _ = self.requests.send(Request::Signal { id, signal: signal.as_raw() });
    }

    /// Ends everything of the job and the guard itself. When it returns nothing of it lives.
    pub(crate) async fn end(mut self) {
        let (sender, swept) = oneshot::channel();
        self.waiting.sweeps.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        let _ = self.requests.send(Request::Sweep);
        // A guard that was killed answers nothing; its orphans were ended when its end was noticed.
        let answered = async {
            tokio::select! {
                _ = swept => {}
                _ = self.child.wait() => {}
            }
        };
        let _ = tokio::time::timeout(SWEEP_PATIENCE, answered).await;
        drop(self.requests);
        if tokio::time::timeout(SWEEP_PATIENCE, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
            guard::kill_marked(&self.mark);
        }
    }
}

async fn write_requests(mut stdin: ChildStdin, mut requests: mpsc::UnboundedReceiver<Request>) {
    while let Some(request) = requests.recv().await {
        let Ok(mut line) = serde_json::to_vec(&request) else { continue };
        line.push(b'\n');
        if stdin.write_all(&line).await.is_err() {
            return;
        }
    }
}

async fn read_answers(stdout: BufReader<tokio::process::ChildStdout>, waiting: Arc<Waiting>, mark: String) {
    let mut lines = stdout.lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let (id, result) = match serde_json::from_str(&line) {
            Ok(Answer::Exited { id, code }) => (id, Ok(code)),
            Ok(Answer::Failed { id, error }) => (id, Err(error)),
            Ok(Answer::Swept { .. }) => {
                waiting.swept.store(true, Ordering::Relaxed);
                for sender in waiting.sweeps.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
                    let _ = sender.send(());
                }
                continue;
            }
            Err(_) => continue,
        };
        if let Some(sender) = waiting.exits.lock().unwrap_or_else(PoisonError::into_inner).remove(&id) {
            let _ = sender.send(result);
        }
    }
    if waiting.swept.load(Ordering::Relaxed) {
        return;
    }
    // The guard was killed: its orphans carry our mark, and whoever waits learns that nothing will come.
    let orphans = tokio::task::spawn_blocking(move || guard::kill_marked(&mark)).await.unwrap_or(0);
    if orphans > 0 {
        tracing::warn!(orphans, "the guard of a job was killed; its processes were ended");
    }
    waiting.exits.lock().unwrap_or_else(PoisonError::into_inner).clear();
    waiting.sweeps.lock().unwrap_or_else(PoisonError::into_inner).clear();
}
