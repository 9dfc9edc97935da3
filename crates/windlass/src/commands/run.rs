//! `windlass run`: the workflows of a folder, on this machine, now.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::json;
use windlass_control::{
    Core, IDS_PER_EVENT, Keys, Store,
    use_cases::{CancelRun, EventFacts, NewRun, SubmitEvent, WatchedRefs, WorkflowFile, plan_event},
};
use windlass_forge::folder::{LocalEvent, Repository, local_event, workflow_files_in};
use windlass_lifecycle::RunId;
use windlass_runner::Source;
use windlass_store::Durability;

use super::{
    absolute, architecture, block_on,
    follow::follow,
    log_to_stderr, machine_name,
    print::{Format, Printer},
    up::asked_to_end,
};
use crate::{
    exit::{Exit, fail},
    leftovers::{self, RunFolder},
    local::{Local, Plan},
    state_folder::StateFolder,
};

/// Run the workflows of a repository on this machine, uncommitted changes included.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The repository's folder
    #[arg(short = 'C', value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Workflow files or folders, relative to -C [default: the first of .forgejo/workflows, .gitea/workflows and
    /// .github/workflows that exists]
    #[arg(short = 'W', value_name = "PATH")]
    workflows: Vec<PathBuf>,
    /// The event: every workflow that names it runs, whatever its filters
    #[arg(value_name = "EVENT", default_value = "push")]
    event: String,
    /// Only these jobs and what they need
    #[arg(short = 'j', value_name = "JOB")]
    jobs: Vec<String>,
    /// Jobs at a time [default: the number of processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    parallel: Option<u16>,
    /// Print events as JSON, one a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn main(arguments: Arguments) -> Exit {
    log_to_stderr("error");
    block_on(async { run(arguments).await.unwrap_or_else(|(exit, error)| fail(exit, error)) })
}

async fn run(arguments: Arguments) -> Result<Exit, (Exit, String)> {
    let invalid = |error: String| (Exit::Invalid, error);
    let internal = |error: String| (Exit::Internal, error);
    let folder = absolute(&arguments.folder).map_err(invalid)?;
    // What is to run is found out while the place where it runs is made ready.
    let gathering = {
        let (folder, workflows, event) = (folder.clone(), arguments.workflows.clone(), arguments.event.clone());
        tokio::task::spawn_blocking(move || gather(&folder, &workflows, event))
    };
    let temp = RunFolder::new().map_err(internal)?;
    let starting = Local::start(plan(&folder, temp.path(), arguments.parallel).map_err(internal)?);
    let (gathered, local) = tokio::join!(gathering, starting);
    let gathered = gathered.map_err(|error| internal(error.to_string()))?.map_err(invalid)?;
    let mut local = local.map_err(internal)?;
    let core = local.core.clone();
    let runs = submit(&core, gathered, &arguments.jobs).await?;
    if runs.is_empty() {
        let _ = local.stop().await;
        let place = folder.display();
        return Err(invalid(format!("no workflow in {place} names the event `{}` in `on`", arguments.event)));
    }
    let format = if arguments.json { Format::Json } else { Format::for_stdout() };
    let mut printer = Printer::new(format);
    let cancelling = tokio::spawn(cancel_on_signal(core.clone(), runs.clone()));
    let exit = tokio::select! {
        exit = follow(&core, &runs, &mut printer) => exit.map_err(|error| internal(error.to_string())),
        trouble = local.trouble() => return Err(internal(trouble)),
    };
    cancelling.abort();
    tracing::debug!("every run has ended");
    local.stop().await.map_err(internal)?;
    let cleaning = tokio::task::spawn_blocking(move || {
        temp.remove();
        leftovers::sweep();
    });
    let _ = cleaning.await;
    exit
}

/// The runs that the event makes; none if no workflow names it.
async fn submit<S: Store>(
    core: &Core<S>,
    (files, facts): (Vec<WorkflowFile>, EventFacts),
    jobs: &[String],
) -> Result<Vec<RunId>, (Exit, String)> {
    let failed = |error: windlass_control::Error| (Exit::Internal, error.to_string());
    let repository = facts.context["repository"].as_str().unwrap_or("local/workspace").to_owned();
    let (repository, _) = core.run(WatchedRefs { repository, now: core.now() }).await.map_err(failed)?;
    let mut ids = core.ids(IDS_PER_EVENT);
    let mut runs = plan_event(&facts, &files, repository, &mut ids, core.now()).map_err(failed)?;
    choose_jobs(&mut runs, jobs).map_err(|error| (Exit::Invalid, error))?;
    let submit = SubmitEvent { runs, repository, seen: Vec::new(), ids, now: core.now() };
    let numbers = core.run(submit).await.map_err(failed)?;
    tracing::debug!(runs = numbers.len(), "submitted");
    Ok(numbers.into_iter().map(|(run, _)| run).collect())
}

/// The workflow files and what the event says.
fn gather(folder: &Path, workflows: &[PathBuf], event: String) -> Result<(Vec<WorkflowFile>, EventFacts), String> {
    let files = workflow_files_in(folder, workflows)?;
    let repository = Repository::open(folder).ok();
    Ok((files, local_event(repository.as_ref(), folder, LocalEvent { event, payload: json!({}) })))
}

/// Everything in one folder that is thrown away afterwards.
fn plan(folder: &Path, temp: &Path, parallel: Option<u16>) -> Result<Plan, String> {
    let state = StateFolder::at(temp);
    state.make()?;
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Ok(Plan {
        durability: Durability::ThrowAway,
        keep_free: 0,
        port: None,
        secret: Keys::random_hex(16),
        runner_name: machine_name(),
        labels: ["self-hosted", "linux", architecture(), "ubuntu-latest"].map(str::to_owned).to_vec(),
        capacity: parallel.map_or(processors, usize::from),
        work: temp.join("work"),
        source: Source::Copy(folder.to_owned()),
        forge: Arc::new(Repository::plain(folder)),
        state,
    })
}

/// `-j`: only these jobs; a name that no workflow has is an error.
fn choose_jobs(runs: &mut Vec<NewRun>, wanted: &[String]) -> Result<(), String> {
    if wanted.is_empty() {
        return Ok(());
    }
    let known: Vec<String> = runs.iter().flat_map(|run| run.job_keys().map(str::to_owned)).collect();
    if let Some(unknown) = wanted.iter().find(|job| !known.iter().any(|key| key.eq_ignore_ascii_case(job))) {
        return Err(format!("there is no job '{unknown}': the workflows have {}", known.join(", ")));
    }
    for run in runs.iter_mut() {
        run.keep_jobs(wanted);
    }
    runs.retain(|run| run.invalid().is_some() || run.job_keys().next().is_some());
    Ok(())
}

/// The first Ctrl-C cancels as a person would; jobs wind up. The second one ends them at once.
async fn cancel_on_signal<S: Store>(core: Core<S>, runs: Vec<RunId>) {
    let why = asked_to_end().await;
    anstream::eprintln!("windlass: {why}; jobs are cancelled");
    for run in runs {
        let cancel = CancelRun { run, by: "a person (Ctrl-C)".into(), ids: core.ids(IDS_PER_EVENT), now: core.now() };
        // A run that has ended meanwhile needs no cancel.
        let _ = core.run(cancel).await;
    }
    asked_to_end().await;
    // The guards end what is left: their standard input ends with this process.
    std::process::exit(1);
}
