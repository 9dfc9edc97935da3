//! One `run:` step: a script, its process, its output, and what it leaves in its files.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::process::Signal;
use tokio::{io::AsyncReadExt, sync::watch, time::Instant};
use windlass_joblog::{Framer, Line};

use crate::{
    command_files,
    commands::{Commands, SharedMasks},
    processes::{Processes, Running},
    reporter::Log,
};

/// The signals for a step that must end, and how long each may work.
const LADDER: [(Signal, Duration); 2] =
    [(Signal::INT, Duration::from_millis(7_500)), (Signal::TERM, Duration::from_millis(2_500))];
/// A cancelled job may wind up for this long.
pub(crate) const WIND_UP: Duration = Duration::from_secs(285);
/// Bytes of a summary.
const MAX_SUMMARY: u64 = 1024 * 1024;
/// Bytes of an environment, output or path file.
const MAX_COMMAND_FILE: u64 = 64 * 1024 * 1024;

/// Bytes that a pipe holds at most: a daemon that writes without end does not keep its step.
const MAX_PIPE: usize = 1024 * 1024;

/// The files that a step may write.
#[derive(Debug)]
pub(crate) struct CommandFiles {
    files: [(&'static str, PathBuf); 5],
}

impl CommandFiles {
    /// Fresh, empty files for one step.
    pub(crate) fn make(folder: &Path, step: usize) -> std::io::Result<Self> {
        let files = ["env", "output", "path", "state", "step_summary"]
            .map(|name| (name, folder.join(format!("{name}_{step}"))));
        for (_, file) in &files {
            fs::write(file, "")?;
        }
        Ok(Self { files })
    }

    /// Name in the `github` context and path.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        self.files.iter().map(|(name, path)| (*name, path.as_path()))
    }

    fn read(&self, name: &str, most: u64) -> Result<String, String> {
        let Some((_, path)) = self.files.iter().find(|(known, _)| *known == name) else { return Ok(String::new()) };
        match fs::metadata(path) {
            Ok(meta) if meta.len() > most => Err(format!("the file has {} bytes; at most {most} are read", meta.len())),
            Ok(meta) if meta.is_file() => {
                fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).map_err(|e| e.to_string())
            }
            // A deleted file is fine.
            _ => Ok(String::new()),
        }
    }
}

/// What a step left behind.
#[derive(Debug, Default)]
pub(crate) struct Left {
    pub(crate) env: Vec<(String, String)>,
    pub(crate) outputs: Vec<(String, String)>,
    pub(crate) path: Vec<String>,
    pub(crate) summary: Option<String>,
    /// Rows for the log about what went wrong; the step fails if there is an error among them.
    pub(crate) errors: Vec<String>,
    pub(crate) failed: bool,
}

/// Reads a step's files once it has ended, also after a failure. Entries before an error count.
pub(crate) fn collect(files: &CommandFiles) -> Left {
    let mut left = Left::default();
    for kind in ["env", "output"] {
        let entries = match files.read(kind, MAX_COMMAND_FILE) {
            Ok(text) => command_files::parse(&text),
            Err(error) => command_files::Entries { values: Vec::new(), error: Some(error) },
        };
        for (name, value) in entries.values {
            if kind == "output" {
                left.outputs.push((name, value));
            } else if let Some(reason) = command_files::refused_variable(&name) {
                left.errors.push(format!("##[error]{reason}"));
            } else {
                left.env.push((name, value));
            }
        }
        if let Some(error) = entries.error {
            left.errors.push(format!("##[error]Unable to process file command '{kind}' successfully."));
            left.errors.push(format!("##[error]{error}"));
            left.failed = true;
        }
    }
    match files.read("path", MAX_COMMAND_FILE) {
        Ok(text) => left.path.extend(text.lines().filter(|line| !line.is_empty()).map(str::to_owned)),
        Err(error) => left.errors.push(format!("##[error]Unable to process file command 'path': {error}")),
    }
    match files.read("step_summary", MAX_SUMMARY) {
        Ok(text) if !text.is_empty() => left.summary = Some(text),
        Ok(_) => {}
        Err(_) => left
            .errors
            .push("##[error]$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k.".to_owned()),
    }
    left
}

/// Why a process is ended before it ends itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    Cancelled,
    TimedOut,
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stopped: Option<Stopped>,
}

/// One process that is to run.
pub(crate) struct Run {
    pub(crate) command: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) folder: PathBuf,
    /// When it has run for too long, and what that means.
    pub(crate) limit: Option<(Instant, Stopped)>,
    /// Ends it early; silent for a step that runs in a cancelled job too.
    pub(crate) cancel: watch::Receiver<bool>,
    /// Whether the job is cancelled: then even such a step has [`WIND_UP`] left.
    pub(crate) job_cancel: watch::Receiver<bool>,
}

/// Runs one process and logs its output until the process itself has ended; a daemon that it leaves does not keep the
/// step. The deadline and the cancel end it by the ladder of signals.
pub(crate) async fn run_process(
    processes: &Processes,
    run: Run,
    commands: &mut Commands,
    masks: &SharedMasks,
    log: &Log,
) -> Result<Ended, String> {
    let Run { command, env, folder, mut limit, mut cancel, mut job_cancel } = run;
    let Running { id, mut output, mut exit } = processes.spawn(command, env, folder)?;
    let mut framer = Framer::default();
    let mut buffer = vec![0; 64 * 1024];
    let mut stopped: Option<Stopped> = None;
    let mut ladder = LADDER.iter();
    let mut next_signal: Option<Instant> = None;
    let (mut open, mut winding_up) = (true, false);
    let code = loop {
        let wake = next_signal.or(limit.filter(|_| stopped.is_none()).map(|(at, _)| at));
        tokio::select! {
            read = output.read(&mut buffer), if open => match read {
                Ok(0) | Err(_) => open = false,
                Ok(count) => take(&buffer[..count], &mut framer, commands, masks, log).await,
            },
            ended = &mut exit => {
                break ended.map_err(|_| "the guard process was killed; the step's processes were ended".to_owned())??;
            }
            () = wait_for_stop(&mut cancel), if stopped.is_none() => {
                stopped = Some(Stopped::Cancelled);
                next_signal = Some(Instant::now());
            }
            () = wait_for_stop(&mut job_cancel), if !winding_up => {
                winding_up = true;
                let end = (Instant::now() + WIND_UP, Stopped::Cancelled);
                limit = Some(limit.map_or(end, |limit| if limit.0 < end.0 { limit } else { end }));
            }
            () = sleep_until(wake), if wake.is_some() => {
                stopped = stopped.or(limit.map(|(_, why)| why));
                if let Some((signal, patience)) = ladder.next() {
                    processes.signal(id, *signal);
                    next_signal = Some(Instant::now() + *patience);
                } else {
                    processes.signal(id, Signal::KILL);
                    next_signal = Some(Instant::now() + Duration::from_hours(1));
                }
            }
        }
    };
    if open {
        drain(output, &mut buffer, &mut framer, commands, masks, log).await;
    }
    if let Some(line) = framer.finish() {
        take_line(&line, commands, log).await;
    }
    Ok(Ended { code, stopped })
}

/// What the process wrote before its end is in the pipe now; what its daemons write later is not the step's. The pipe is
/// asked itself: the runtime may not have noticed yet that there is something to read.
async fn drain(
    output: tokio::net::unix::pipe::Receiver,
    buffer: &mut [u8],
    framer: &mut Framer,
    commands: &mut Commands,
    masks: &SharedMasks,
    log: &Log,
) {
    let Ok(pipe) = output.into_nonblocking_fd() else { return };
    let mut pipe = fs::File::from(pipe);
    let mut left = MAX_PIPE;
    while left > 0
        && let Ok(count) = std::io::Read::read(&mut pipe, buffer)
    {
        if count == 0 {
            return;
        }
        left = left.saturating_sub(count);
        take(&buffer[..count], framer, commands, masks, log).await;
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Returns once the job is to stop; never if nobody can say so any more.
pub(crate) async fn wait_for_stop(cancel: &mut watch::Receiver<bool>) {
    if cancel.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn take(bytes: &[u8], framer: &mut Framer, commands: &mut Commands, masks: &SharedMasks, log: &Log) {
    let lines = framer.push(bytes, &masks.lock().clone());
    for line in lines {
        take_line(&line, commands, log).await;
    }
}

async fn take_line(line: &Line, commands: &mut Commands, log: &Log) {
    if line.continuation {
        return log.row(&line.text).await;
    }
    for row in commands.line(&line.text) {
        log.row(row).await;
    }
    while let Some(annotation) = commands.take_annotation() {
        log.annotation(annotation).await;
    }
}
