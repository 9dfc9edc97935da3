//! Watches a repository: each update of a ref becomes one event, once.

use std::{collections::HashMap, path::Path, time::Duration};

use notify::{RecursiveMode, Watcher};
use tokio::sync::mpsc;
use windlass_control::{
    Core, IDS_PER_EVENT, Store,
    use_cases::{EventFacts, SubmitEvent, WatchedRefs, WorkflowFile, plan_event},
};

use super::{
    facts,
    git::Repository,
    updates::{MAX_AT_ONCE, Update, newest, updates},
};

/// File events may be lost: the refs are looked at after this long in any case.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// The same where there are no file events, or the last look failed.
const LOOK_AGAIN_UNTOLD: Duration = Duration::from_secs(2);
/// Refs that move together (a fetch, a rebase) are looked at together.
const SETTLE: Duration = Duration::from_millis(15);

/// What the watcher tells people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announcement {
    /// A run was started.
    Started {
        /// Its number.
        number: i64,
        /// Path of its workflow.
        workflow: String,
        /// The ref that moved.
        ref_name: String,
        /// Why it has no jobs, where the workflow could not be read.
        invalid: Option<String>,
    },
    /// An update started nothing, and why.
    Nothing {
        /// The ref that moved.
        ref_name: String,
        /// For people.
        reason: String,
    },
    /// The repository could not be read; it is tried again.
    Trouble(String),
}

/// Submits what moved since the refs were last seen, then watches for ever. The first start runs what is checked out.
pub async fn watch<S: Store>(
    core: Core<S>,
    repository: Repository,
    remotes: bool,
    mut announce: impl FnMut(Announcement) + Send,
) {
    let (sender, mut moved) = mpsc::channel::<()>(1);
    let watcher = start_watcher(&repository.common_dir, sender);
    if let Err(error) = &watcher {
        tracing::warn!(%error, "file events are not available; refs are looked at every 2 s");
    }
    let look_again = if watcher.is_ok() { LOOK_AGAIN } else { LOOK_AGAIN_UNTOLD };
    let mut unreadable = HashMap::new();
    let mut trouble = None;
    loop {
        let looked = look(&core, &repository, remotes, &mut unreadable, &mut announce).await.err();
        // The same trouble is said once.
        if let Some(error) = looked.as_ref().filter(|_| looked != trouble) {
            announce(Announcement::Trouble(error.clone()));
        }
        trouble = looked;
        let wait = if trouble.is_some() { LOOK_AGAIN_UNTOLD } else { look_again };
        let _ = tokio::time::timeout(wait, moved.recv()).await;
        tokio::time::sleep(SETTLE).await;
        while moved.try_recv().is_ok() {}
    }
}

fn start_watcher(git_dir: &Path, moved: mpsc::Sender<()>) -> notify::Result<notify::RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let matters = event.map_or(true, |event| !event.kind.is_access());
        if matters {
            // A full channel already says that something moved.
            let _ = moved.try_send(());
        }
    })?;
    watcher.watch(git_dir, RecursiveMode::NonRecursive)?;
    watcher.watch(&git_dir.join("refs"), RecursiveMode::Recursive)?;
    Ok(watcher)
}

/// One look at the refs. Cost: one `git for-each-ref` where nothing moved.
async fn look<S: Store>(
    core: &Core<S>,
    repository: &Repository,
    remotes: bool,
    unreadable: &mut HashMap<String, Update>,
    announce: &mut (impl FnMut(Announcement) + Send),
) -> Result<(), String> {
    let asked = WatchedRefs { repository: repository.name.clone(), now: core.now() };
    let (id, seen) = core.run(asked).await.map_err(|error| error.to_string())?;
    let asked = repository.clone();
    let now = blocking(move || asked.refs(remotes)).await?;
    let moved = updates(&seen, &now);
    if moved.is_empty() {
        return Ok(());
    }
    let (events, listed) = if seen.is_empty() {
        first_events(repository, moved, announce)
    } else {
        let repository = repository.clone();
        blocking(move || Ok(newest(&repository, moved))).await?
    };
    for update in &listed {
        let seen = vec![(update.ref_name.clone(), update.after.clone().unwrap_or_default())];
        submit(core, id, Vec::new(), seen).await?;
    }
    if !listed.is_empty() && !seen.is_empty() {
        let reason = format!("more than {MAX_AT_ONCE} refs moved at once; only the newest {MAX_AT_ONCE} were started");
        for update in listed {
            announce(Announcement::Nothing { ref_name: update.ref_name, reason: reason.clone() });
        }
    }
    for update in events {
        // One ref that cannot be read (a tag of a file, say) holds up no other. It is tried again at every look, and
        // said once.
        if let Err(error) = start(core, repository, id, update.clone(), announce).await {
            let known = unreadable.insert(update.ref_name.clone(), update.clone());
            if known.as_ref() != Some(&update) {
                announce(Announcement::Trouble(format!("{}: {error}", update.ref_name)));
            }
        }
    }
    Ok(())
}

/// At the first start only what is checked out runs; everything else is as if it had always been seen.
fn first_events(
    repository: &Repository,
    moved: Vec<Update>,
    announce: &mut impl FnMut(Announcement),
) -> (Vec<Update>, Vec<Update>) {
    let head = repository.head_ref();
    if head.is_none() {
        let reason = "HEAD is detached: the next update of a branch or tag starts its workflows".to_owned();
        announce(Announcement::Nothing { ref_name: "HEAD".into(), reason });
    }
    moved.into_iter().partition(|update| Some(&update.ref_name) == head.as_ref())
}

async fn start<S: Store>(
    core: &Core<S>,
    repository: &Repository,
    id: i64,
    update: Update,
    announce: &mut (impl FnMut(Announcement) + Send),
) -> Result<(), String> {
    let seen = vec![(update.ref_name.clone(), update.after.clone().unwrap_or_default())];
    let ref_name = update.ref_name.clone();
    let asked = repository.clone();
    let pushed = blocking(move || Ok((facts::push(&asked, &update)?, facts::pull_request(&asked, &update)?))).await?;
    let (Some((facts, files)), pull_request) = pushed else {
        return submit(core, id, Vec::new(), seen).await;
    };
    let mut ids = core.ids(2 * IDS_PER_EVENT);
    let mut plan = |facts: &EventFacts, files: &[WorkflowFile]| {
        plan_event(facts, files, id, &mut ids, core.now()).map_err(|error| error.to_string())
    };
    let mut runs = plan(&facts, &files)?;
    if let Some(facts) = pull_request {
        // A forge would run what names both events twice; on one's own machine once is enough.
        let not_pushed = |file: &&WorkflowFile| !runs.iter().any(|run| run.workflow_path() == file.path);
        let rest: Vec<WorkflowFile> = files.iter().filter(not_pushed).cloned().collect();
        runs.extend(plan(&facts, &rest)?);
    }
    if runs.is_empty() {
        let reason = if files.is_empty() {
            "the commit has no workflow files".to_owned()
        } else {
            "no workflow names this push in `on`".to_owned()
        };
        announce(Announcement::Nothing { ref_name: ref_name.clone(), reason });
    }
    let told: Vec<(String, Option<String>)> =
        runs.iter().map(|run| (run.workflow_path().to_owned(), run.invalid().map(str::to_owned))).collect();
    let operation = SubmitEvent { runs, repository: id, seen, ids, now: core.now() };
    let numbers = core.run(operation).await.map_err(|error| error.to_string())?;
    for ((_, number), (workflow, invalid)) in numbers.into_iter().zip(told) {
        announce(Announcement::Started { number, workflow, ref_name: ref_name.clone(), invalid });
    }
    Ok(())
}

async fn submit<S: Store>(
    core: &Core<S>,
    repository: i64,
    runs: Vec<windlass_control::use_cases::NewRun>,
    seen: Vec<(String, String)>,
) -> Result<(), String> {
    let operation = SubmitEvent { runs, repository, seen, ids: core.ids(1), now: core.now() };
    core.run(operation).await.map(|_| ()).map_err(|error| error.to_string())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, super::git::GitError> + Send + 'static,
) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}
