//! One file per subcommand.

pub(crate) mod cancel;
pub(crate) mod check;
pub(crate) mod dispatch;
pub(crate) mod expr;
pub(crate) mod filecmd;
pub(crate) mod filter;
pub(crate) mod hashfiles;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod mask;
pub(crate) mod matcher;
pub(crate) mod plan;
pub(crate) mod rerun;
pub(crate) mod run;
pub(crate) mod up;
pub(crate) mod why;

mod follow;
mod print;

use std::path::{Path, PathBuf};

use windlass_forge::folder::Repository;

use crate::{
    exit::{Exit, fail},
    http_client::segment,
    state_folder::StateFolder,
};

/// The hidden subcommand that is the guard of a job's processes.
pub(crate) const GUARD: &str = "__guard";

/// This very program, as a guard. `/proc/self/exe` is right even after the file was replaced.
pub(crate) fn guard_command() -> Vec<String> {
    vec!["/proc/self/exe".into(), GUARD.into()]
}

/// A runtime for one command.
fn block_on(future: impl Future<Output = Exit>) -> Exit {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            let exit = runtime.block_on(future);
            // What is left waits for nothing that a person would miss.
            runtime.shutdown_timeout(std::time::Duration::from_millis(100));
            exit
        }
        Err(error) => fail(Exit::Internal, format!("no runtime: {error}")),
    }
}

/// Messages about the program itself go to stderr; `WINDLASS_LOG` says how many (`error`, `warn`, `info`, `debug`).
fn log_to_stderr(default: &str) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("WINDLASS_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(default));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
}

/// Where the commands find the server of the repository one stands in.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Place {
    /// The repository
    #[arg(short = 'C', value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Where its state lives [default: a folder of its own in the XDG state home]
    #[arg(long, value_name = "DIR", env = "WINDLASS_STATE_DIR")]
    state_dir: Option<PathBuf>,
}

impl Place {
    fn state(&self) -> Result<StateFolder, String> {
        if let Some(path) = &self.state_dir {
            return Ok(StateFolder::at(path));
        }
        let repository = Repository::open(&self.folder).map_err(|error| error.to_string())?;
        StateFolder::of(&repository, None)
    }
}

/// A job of a run, as a person writes it: `12/build`.
#[derive(Clone, Debug)]
pub(crate) struct JobName {
    run: u32,
    job: String,
}

impl std::str::FromStr for JobName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (run, job) = text.split_once('/').ok_or("write the run's number, a slash and the job's name: 12/build")?;
        Ok(Self { run: run_number(run)?, job: job.to_owned() })
    }
}

impl JobName {
    /// Where the server has it.
    fn path(&self) -> String {
        format!("/api/v1/runs/{}/jobs/{}", self.run, segment(&self.job))
    }
}

/// The number of a run, as a person writes it: `12` or `#12`.
fn run_number(text: &str) -> Result<u32, String> {
    text.trim_start_matches('#').parse().map_err(|_| format!("'{text}' is not a run's number"))
}

/// Labels that mean "any Linux machine" in workflows, and what this machine is.
fn usual_labels() -> Vec<String> {
    let mut labels: Vec<String> =
        ["ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04", "ubuntu-20.04", "docker", "self-hosted", "linux"]
            .map(str::to_owned)
            .to_vec();
    labels.push(architecture().to_owned());
    labels
}

fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "x86",
        other => other,
    }
}

/// The name of this machine.
fn machine_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn absolute(path: &Path) -> Result<PathBuf, String> {
    path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))
}
