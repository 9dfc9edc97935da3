//! The guard: a small process between the runner and a job's processes.
//!
//! It is their subreaper, so that nothing of the job can slip away to init, and it lives no longer than its standard
//! input: when the runner is killed, however it is killed, the guard reads the end of the file and ends everything.
//! Requests and answers are JSON lines.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs::OpenOptions,
    io::{self, BufRead, Write},
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{Command, Stdio},
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, WaitOptions};
use serde::{Deserialize, Serialize};

/// How long a sweep goes on before it gives up on processes that do not die (uninterruptible sleep).
const SWEEP_AT_MOST: Duration = Duration::from_secs(10);

/// What a guard is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Start a process.
    Spawn {
        /// By which later requests and answers name it.
        id: u64,
        /// Program and arguments.
        command: Vec<String>,
        /// The whole environment.
        env: BTreeMap<String, String>,
        /// Working directory.
        folder: PathBuf,
        /// A named pipe that takes standard output and standard error.
        output: PathBuf,
    },
    /// Send a signal to the process itself, not to its children.
    Signal {
        /// Which.
        id: u64,
        /// Number of the signal.
        signal: i32,
    },
    /// End every process of the job.
    Sweep,
}

/// What a guard answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The process could not be started.
    Failed {
        /// Which.
        id: u64,
        /// Why.
        error: String,
    },
    /// The process has ended.
    Exited {
        /// Which.
        id: u64,
        /// Its exit code, 128 plus the signal where a signal ended it.
        code: i32,
    },
    /// Nothing of the job lives.
    Swept {
        /// Processes that had to be killed.
        killed: usize,
    },
}

#[derive(Default)]
struct Children {
    /// Processes that were asked for, by pid.
    ids: Mutex<HashMap<i32, u64>>,
    started: Condvar,
}

/// Runs the guard until its standard input ends. The answer is the exit code.
pub fn main() -> i32 {
    if let Err(error) = rustix::process::set_child_subreaper(Some(rustix::process::getpid())) {
        say(&Answer::Failed { id: 0, error: format!("this system has no subreapers: {error}") });
        return 1;
    }
    let children = Arc::new(Children::default());
    let reaped = Arc::clone(&children);
    std::thread::spawn(move || reap(&reaped));
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        match serde_json::from_str(&line) {
            Ok(Request::Spawn { id, command, env, folder, output }) => {
                if let Err(error) = spawn(&children, id, &command, &env, &folder, &output) {
                    say(&Answer::Failed { id, error });
                }
            }
            Ok(Request::Signal { id, signal }) => signal_child(&children, id, signal),
            Ok(Request::Sweep) => say(&Answer::Swept { killed: sweep() }),
            Err(error) => say(&Answer::Failed { id: 0, error: error.to_string() }),
        }
    }
    sweep();
    0
}

fn say(answer: &Answer) {
    let mut out = io::stdout().lock();
    // A runner that is gone needs no answer; the end of standard input follows.
    if let Ok(line) = serde_json::to_string(answer) {
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

fn spawn(
    children: &Children,
    id: u64,
    command: &[String],
    env: &BTreeMap<String, String>,
    folder: &PathBuf,
    output: &PathBuf,
) -> Result<(), String> {
    let (program, arguments) = command.split_first().ok_or("the command is empty")?;
    let failed = |what: &str, error: io::Error| format!("{what}: {error}");
    let stdout = OpenOptions::new().write(true).open(output).map_err(|e| failed("opening the output", e))?;
    let stderr = stdout.try_clone().map_err(|e| failed("opening the output", e))?;
    // Held over the start, so that the reaper cannot see the child end before it is known.
    let mut ids = children.ids.lock().unwrap_or_else(PoisonError::into_inner);
    let child = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(env)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(stderr)
        .spawn()
        .map_err(|e| failed(&format!("starting `{program}` in {}", folder.display()), e))?;
    ids.insert(child.id().cast_signed(), id);
    children.started.notify_one();
    Ok(())
}

/// Waits for every child, asked for or inherited.
fn reap(children: &Children) {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) => {
                let pid = pid.as_raw_nonzero().get();
                let known = children.ids.lock().unwrap_or_else(PoisonError::into_inner).remove(&pid);
                if let Some(id) = known {
                    let status = std::process::ExitStatus::from_raw(status.as_raw());
                    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
                    say(&Answer::Exited { id, code });
                }
            }
            Ok(None) => {}
            Err(_) => {
                let ids = children.ids.lock().unwrap_or_else(PoisonError::into_inner);
                let wait = Duration::from_millis(50);
                drop(children.started.wait_timeout(ids, wait));
            }
        }
    }
}

fn signal_child(children: &Children, id: u64, signal: i32) {
    let ids = children.ids.lock().unwrap_or_else(PoisonError::into_inner);
    // The lock keeps the reaper from giving the pid back before the signal is sent.
    if let Some((pid, _)) = ids.iter().find(|(_, known)| **known == id) {
        kill(*pid, signal);
    }
}

fn kill(pid: i32, signal: i32) {
    if let (Some(pid), Some(signal)) = (Pid::from_raw(pid), Signal::from_named_raw(signal)) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}

/// Kills every descendant until none is left. Says how many there were.
fn sweep() -> usize {
    let own = rustix::process::getpid().as_raw_nonzero().get();
    let until = Instant::now() + SWEEP_AT_MOST;
    let mut killed = HashSet::new();
    loop {
        let living = descendants(own);
        if living.is_empty() || Instant::now() > until {
            return killed.len();
        }
        for pid in living {
            kill(pid, Signal::KILL.as_raw());
            killed.insert(pid);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Every living process below one, zombies left out. Cost: one read of `/proc/*/stat`.
pub(crate) fn descendants(of: i32) -> Vec<i32> {
    let mut parents: Vec<(i32, i32)> = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        // The name in parentheses may hold anything; what counts stands after the last one.
        let Some((_, rest)) = stat.rsplit_once(')') else { continue };
        let mut fields = rest.split_whitespace();
        let (state, parent) = (fields.next(), fields.next().and_then(|ppid| ppid.parse::<i32>().ok()));
        if let (Some(state), Some(parent)) = (state, parent)
            && state != "Z"
        {
            parents.push((pid, parent));
        }
    }
    let mut found = vec![of];
    let mut at = 0;
    while at < found.len() {
        let parent = found[at];
        found.extend(parents.iter().filter(|(_, ppid)| *ppid == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    found.split_off(1)
}

/// Kills every process in whose environment the text stands: what a killed guard has left behind.
pub fn kill_marked(mark: &str) -> usize {
    let own = rustix::process::getpid().as_raw_nonzero().get();
    let mut killed = 0;
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        let Ok(environ) = std::fs::read(entry.path().join("environ")) else { continue };
        let marked = environ.split(|byte| *byte == 0).any(|entry| entry.starts_with(mark.as_bytes()));
        if marked && pid != own {
            kill(pid, Signal::KILL.as_raw());
            killed += 1;
        }
    }
    killed
}
