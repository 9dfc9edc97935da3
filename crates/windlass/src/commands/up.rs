//! `windlass up`: a repository watched, its commits run, everything on a page.

use std::{path::PathBuf, sync::Arc};

use tokio::signal::unix::{SignalKind, signal};
use windlass_control::Keys;
use windlass_forge::folder::{Announcement, Repository, watch};
use windlass_runner::Source;
use windlass_store::Durability;

use super::{block_on, log_to_stderr, machine_name, usual_labels};
use crate::{
    exit::{Exit, fail},
    local::{Local, Plan},
    state_folder::{RunningServer, StateFolder},
};

/// Watch a git repository: each commit becomes a run; shows them on a page.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The repository
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Where its state lives [default: a folder of its own in the XDG state home]
    #[arg(long, value_name = "DIR", env = "WINDLASS_STATE_DIR")]
    state_dir: Option<PathBuf>,
    /// Port of the page on 127.0.0.1 [default: any free one]
    #[arg(long, value_name = "PORT", env = "WINDLASS_PORT")]
    port: Option<u16>,
    /// Labels of the built-in runner, separated by commas [default: the usual ones]
    #[arg(long, value_name = "LABELS", value_delimiter = ',', env = "WINDLASS_LABELS")]
    labels: Option<Vec<String>>,
    /// Jobs at a time [default: the number of processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    parallel: Option<u16>,
    /// MiB to keep free on the disk of the state folder: below, no job is handed out until there is room
    #[arg(long, value_name = "MIB", env = "WINDLASS_KEEP_FREE", default_value_t = 256)]
    keep_free: u32,
    /// Watch remote-tracking branches too: a `git fetch` starts runs
    #[arg(long)]
    watch_remotes: bool,
}

pub(crate) fn main(arguments: Arguments) -> Exit {
    log_to_stderr("warn");
    block_on(async { serve(arguments).await.unwrap_or_else(|error| fail(Exit::Invalid, error)) })
}

async fn serve(arguments: Arguments) -> Result<Exit, String> {
    let repository = Repository::open(&arguments.path).map_err(|error| error.to_string())?;
    let state = StateFolder::of(&repository, arguments.state_dir.as_deref())?;
    state.make()?;
    let _lock = state.lock()?;
    // What a killed runner left behind must be found: the mark in its processes ends with the process itself.
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    let secret = Keys::random_hex(16);
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let plan = Plan {
        durability: Durability::Full,
        keep_free: u64::from(arguments.keep_free) * 1024 * 1024,
        port: arguments.port,
        secret: secret.clone(),
        runner_name: machine_name(),
        labels: arguments.labels.unwrap_or_else(usual_labels),
        capacity: arguments.parallel.map_or(processors, usize::from),
        work: state.path().join("work"),
        source: Source::Commit(repository.common_dir.clone()),
        forge: Arc::new(repository.clone()),
        state: state.clone(),
    };
    let mut local = Local::start(plan).await?;
    let address = format!("http://{}", local.address);
    state.set_running(&RunningServer { address: address.clone(), secret: secret.clone() })?;
    anstream::println!("Windlass watches {} ({})", repository.root.display(), repository.name);
    anstream::println!("{address}/?secret={secret}");
    let watching = tokio::spawn(watch(local.core.clone(), repository, arguments.watch_remotes, announce));
    let asked = tokio::select! {
        asked = asked_to_end() => asked,
        trouble = local.trouble() => return Err(trouble),
    };
    watching.abort();
    anstream::eprintln!("windlass: {asked}; running jobs are cancelled (once more: end at once)");
    state.forget_running();
    tokio::select! {
        stopped = local.stop() => stopped.map(|()| Exit::Success),
        // The guards end what is left, and the next start says what became of the jobs.
        _ = asked_to_end() => std::process::exit(1),
    }
}

fn announce(announcement: Announcement) {
    match announcement {
        Announcement::Started { number, workflow, ref_name, invalid: None } => {
            anstream::println!("#{number} {workflow} for {ref_name}");
        }
        Announcement::Started { number, ref_name, invalid: Some(reason), .. } => {
            anstream::println!("#{number} for {ref_name} cannot run:\n{reason}");
        }
        Announcement::Nothing { ref_name, reason } => anstream::println!("{ref_name}: nothing runs: {reason}"),
        Announcement::Trouble(error) => tracing::error!(%error, "the repository could not be read"),
    }
}

/// Waits for Ctrl-C, the end of the service or the end of the terminal.
pub(crate) async fn asked_to_end() -> &'static str {
    tokio::select! {
        () = arrives(SignalKind::interrupt()) => "interrupted",
        () = arrives(SignalKind::terminate()) => "asked to end",
        () = arrives(SignalKind::hangup()) => "the terminal was closed",
    }
}

async fn arrives(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signals) => _ = signals.recv().await,
        Err(error) => {
            tracing::error!(%error, "a signal cannot be waited for");
            std::future::pending::<()>().await;
        }
    }
}
