//! An event becomes runs.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use windlass_diagnostic::{Source, one_line};
use windlass_lifecycle::{JobId, RunId, Timestamp, job, run};
use windlass_workflow::{
    plan,
    trigger::{self, Happening, Verdict},
};

use crate::{
    advance::{Todo, run_context, settle},
    bells::Topic,
    core::IdRange,
    error::Result,
    groups::{self, Member},
    ports::{Operation, Tx},
    records::{JobRecord, RunRecord, StepPlan},
};

/// What happened, as a forge tells it.
#[derive(Clone, Debug)]
pub struct EventFacts {
    /// The event's name.
    pub event: String,
    /// Full ref.
    pub ref_name: String,
    /// Of a pull request, the full ref that it merges into.
    pub base_ref: Option<String>,
    /// Commit.
    pub sha: String,
    /// Who caused it.
    pub actor: String,
    /// First line of the commit.
    pub title: String,
    /// The `github` context: repository, event payload, ref and so on.
    pub context: Json,
    /// The `inputs` context.
    pub inputs: Json,
    /// Changed paths, where known.
    pub paths: Option<Vec<String>>,
    /// Whether branch, tag and path filters are judged; a local run names its event and skips them.
    pub filtered: bool,
}

/// A workflow file at the event's commit.
#[derive(Clone, Debug)]
pub struct WorkflowFile {
    /// Path in the repository.
    pub path: String,
    /// Its text, or why it could not be read.
    pub text: std::result::Result<String, String>,
}

/// A run that is to be stored.
#[derive(Clone, Debug)]
pub struct NewRun {
    run: RunRecord,
    jobs: Vec<PlannedJob>,
}

impl NewRun {
    /// Why there is no job in it, where the workflow could not be read.
    pub fn invalid(&self) -> Option<&str> {
        self.run.message.as_deref()
    }

    /// The keys of its jobs.
    pub fn job_keys(&self) -> impl Iterator<Item = &str> {
        self.jobs.iter().map(|(key, ..)| key.as_str())
    }

    /// Keeps only these jobs and what they need. Keys ignore case.
    pub fn keep_jobs(&mut self, wanted: &[String]) {
        let mut keep: Vec<String> = Vec::new();
        let mut open: Vec<String> = self
            .job_keys()
            .filter(|key| wanted.iter().any(|w| w.eq_ignore_ascii_case(key)))
            .map(str::to_owned)
            .collect();
        while let Some(key) = open.pop() {
            if !keep.contains(&key) {
                open.extend(self.jobs.iter().filter(|(k, ..)| *k == key).flat_map(|(_, needs, _)| needs.clone()));
                keep.push(key);
            }
        }
        self.jobs.retain(|(key, ..)| keep.contains(key));
    }

    /// Path of its workflow.
    pub fn workflow_path(&self) -> &str {
        &self.run.workflow_path
    }

    /// The run's row.
    pub fn id(&self) -> RunId {
        self.run.id
    }
}

/// The runs that an event makes: one for each workflow that it starts, and one for each file that cannot be read, so
/// that nobody waits for a run that will never come.
pub fn plan_event(
    facts: &EventFacts,
    files: &[WorkflowFile],
    repository: i64,
    ids: &mut IdRange,
    now: Timestamp,
) -> Result<Vec<NewRun>> {
    let mut runs = Vec::new();
    for file in files {
        let mut run = RunRecord {
            id: RunId(ids.take()?),
            repository,
            number: 0,
            workflow_path: file.path.clone(),
            workflow_name: file.path.clone(),
            source: file.text.clone().unwrap_or_default(),
            event: facts.event.clone(),
            ref_name: facts.ref_name.clone(),
            sha: facts.sha.clone(),
            title: facts.title.clone(),
            actor: facts.actor.clone(),
            context: facts.context.clone(),
            inputs: facts.inputs.clone(),
            message: None,
            created: now,
            attempt: 1,
            attempt_by: facts.actor.clone(),
            attempt_at: now,
            group: None,
            state: run::State::Active,
        };
        let jobs = match read(file, facts, &mut run) {
            Ok(None) => continue,
            Ok(Some(jobs)) => jobs,
            Err(message) => {
                run.message = Some(message);
                run.state = run::State::Finished { outcome: run::Outcome::Invalid, at: now };
                Vec::new()
            }
        };
        runs.push(NewRun { run, jobs });
    }
    Ok(runs)
}

/// Key, needs and steps.
type PlannedJob = (String, Vec<String>, Vec<StepPlan>);

/// The jobs of a file, `None` if the event does not start it, or what is wrong with it.
fn read(
    file: &WorkflowFile,
    facts: &EventFacts,
    run: &mut RunRecord,
) -> std::result::Result<Option<Vec<PlannedJob>>, String> {
    let text = file.text.as_ref().map_err(Clone::clone)?;
    let source = Source::new(&file.path, text);
    let workflow = windlass_workflow::parse(text)
        .map_err(|found| found.iter().map(|diagnostic| one_line(&source, diagnostic)).collect::<Vec<_>>().join("\n"))?;
    let happening = Happening {
        event: &facts.event,
        action: facts.context["event"]["action"].as_str().unwrap_or_default(),
        ref_name: facts.base_ref.as_deref().unwrap_or(&facts.ref_name),
        paths: facts.paths.as_deref(),
    };
    let starts = if facts.filtered {
        trigger::judge(&workflow, &happening) == Verdict::Runs
    } else {
        workflow.triggers.iter().any(|trigger| trigger.event == facts.event)
    };
    if !starts {
        return Ok(None);
    }
    if let Some(name) = &workflow.name {
        run.workflow_name.clone_from(name);
    }
    set_workflow_context(run, &file.path);
    match plan::run_name(&workflow, &run_context(run)) {
        Ok(Some(title)) => run.title = title,
        Ok(None) => {}
        Err(diagnostic) => return Err(one_line(&source, &diagnostic)),
    }
    run.group =
        plan::run_concurrency(&workflow, &run_context(run)).map_err(|diagnostic| one_line(&source, &diagnostic))?;
    if run.group.is_some() {
        run.state = run::State::Pending;
    }
    // What can be planned now must plan: a workflow whose first jobs cannot is one that cannot run.
    let context = run_context(run);
    for job in workflow.jobs.values().filter(|job| job.needs.is_empty()) {
        plan::plan_job(&workflow, job, &context).map_err(|diagnostic| one_line(&source, &diagnostic))?;
    }
    let steps = |job: &windlass_workflow::Job| {
        job.steps.iter().map(|step| StepPlan { id: step.id.clone(), name: step.name.clone() }).collect()
    };
    Ok(Some(workflow.jobs.values().map(|job| (job.id.clone(), job.needs.clone(), steps(job))).collect()))
}

fn set_workflow_context(run: &mut RunRecord, path: &str) {
    let name = run.workflow_name.clone();
    if let Json::Object(github) = &mut run.context {
        let repository = github.get("repository").and_then(Json::as_str).unwrap_or_default().to_owned();
        github.insert("workflow".into(), name.into());
        github.insert("workflow_ref".into(), format!("{repository}/{path}@{}", run.ref_name).into());
        github.insert("workflow_sha".into(), run.sha.clone().into());
    }
}

/// Rows between the jobs of a run: legs get the numbers between.
const POSITIONS_PER_JOB: i64 = 1_000;

/// Stores the runs of an event and, in the same transaction, that the event was seen: it starts runs once.
#[derive(Clone, Debug)]
pub struct SubmitEvent {
    /// From [`plan_event`].
    pub runs: Vec<NewRun>,
    /// The repository.
    pub repository: i64,
    /// Refs and the commits at which they have now been seen.
    pub seen: Vec<(String, String)>,
    /// For jobs and legs.
    pub ids: IdRange,
    /// When.
    pub now: Timestamp,
}

impl Operation for SubmitEvent {
    type Answer = Vec<(RunId, i64)>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Answer> {
        let mut ids = self.ids;
        for (name, sha) in &self.seen {
            tx.set_watched_ref(self.repository, name, sha).await?;
        }
        let mut numbers = Vec::new();
        for new in &self.runs {
            let number = tx.insert_run(&new.run).await?;
            numbers.push((new.run.id, number));
            for (at, (key, needs, steps)) in new.jobs.iter().enumerate() {
                let job = JobRecord {
                    id: JobId(ids.take()?),
                    run: new.run.id,
                    position: POSITIONS_PER_JOB * i64::try_from(at).unwrap_or(0),
                    key: key.clone(),
                    name: key.clone(),
                    needs: needs.clone(),
                    steps: steps.clone(),
                    leg: None,
                    attempt: 1,
                    superseded: None,
                    state: job::State::Blocked,
                };
                tx.insert_job(&job).await?;
            }
            let mut todo = BTreeSet::from([Todo::Run(new.run.id)]);
            if let (Some(group), run::State::Pending) = (&new.run.group, &new.run.state) {
                let newcomer = Member::Run(new.run.id);
                groups::join(tx, self.repository, group, newcomer, &mut todo, self.now).await?;
            }
            settle(tx, todo, &mut ids, self.now).await?;
            tx.ring(Topic::Runs);
        }
        Ok(numbers)
    }
}

/// The refs of a repository as they were last seen.
#[derive(Clone, Debug)]
pub struct WatchedRefs {
    /// `owner/name`.
    pub repository: String,
    /// When.
    pub now: Timestamp,
}

impl Operation for WatchedRefs {
    type Answer = (i64, Vec<(String, String)>);

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Answer> {
        let repository = tx.repository(&self.repository, self.now).await?;
        let refs = tx.watched_refs(repository.id).await?;
        Ok((repository.id, refs))
    }
}
