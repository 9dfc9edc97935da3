//! The control plane in one process, with actors around it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use windlass_control::{
    Bells, Clock, Core, Error, Keys, OutputRecord, Result, Store,
    queries::{FindRun, RunView, WhyJob},
    reconcilers::reconcile,
    use_cases::{
        Again, Assignment, CancelRun, ChangeSettings, ClaimTask, Claimed, Declaration, EnlistRunner, EventFacts,
        IssueRegistrationToken, ReportTask, Reported, RerunJobs, StepReport, SubmitEvent, WatchedRefs, WorkflowFile,
        append_log, declare_runner, plan_event,
    },
};
use windlass_joblog::Row;
use windlass_lifecycle::{Conclusion, RunId, RunnerId, TaskId, Timestamp};

/// A clock that moves only when told to.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// A control plane over a store, and what happens around it.
pub struct World<S> {
    /// The control plane.
    pub core: Core<S>,
    clock: Arc<FakeClock>,
    registration: String,
}

/// A runner of the world.
#[derive(Clone, Debug)]
pub struct TestRunner {
    /// Its row.
    pub id: RunnerId,
}

impl<S: Store> World<S> {
    /// A new world over an empty store whose writes ring these bells.
    pub async fn new(store: S, bells: Bells) -> Self {
        let clock = Arc::new(FakeClock(AtomicI64::new(1_800_000_000_000)));
        let core = Core::new(store, bells, Keys::new(&[7; 32]), Arc::clone(&clock) as Arc<dyn Clock>);
        let registration = Keys::random_hex(20);
        core.run(IssueRegistrationToken { token: registration.clone(), now: core.now() }).await.expect("a token");
        Self { core, clock, registration }
    }

    /// Time passes; then the reconcilers look.
    pub async fn time_passes(&self, duration: Duration) {
        self.clock_moves(duration);
        reconcile(&self.core, true).await;
        for kept in self.core.health.kept() {
            assert_eq!(kept.error, None, "{}", kept.name);
        }
    }

    /// The control plane as a fresh process would have it, over the same store.
    pub fn restarted_core(&self) -> Core<S> {
        let (store, bells) = (self.core.store.clone(), self.core.bells.clone());
        Core::new(store, bells, Keys::new(&[7; 32]), Arc::clone(&self.clock) as Arc<dyn Clock>)
    }

    /// The clock moves; nobody looks.
    pub fn clock_moves(&self, duration: Duration) {
        self.clock.0.fetch_add(i64::try_from(duration.as_millis()).expect("a duration"), Ordering::SeqCst);
    }

    /// The forge pushes a commit with one workflow; answers the run.
    pub async fn pushes(&self, workflow: &str) -> RunId {
        let repository = WatchedRefs { repository: "ada/engine".into(), now: self.core.now() };
        let (repository, _) = self.core.run(repository).await.expect("a repository");
        let facts = EventFacts {
            event: "push".into(),
            ref_name: "refs/heads/main".into(),
            base_ref: None,
            sha: "c0ffee".into(),
            actor: "ada".into(),
            title: "a commit".into(),
            context: json!({"event_name": "push", "ref_name": "main", "repository": "ada/engine"}),
            inputs: json!({}),
            paths: None,
            filtered: true,
        };
        let files = [WorkflowFile { path: "ci.yml".into(), text: Ok(workflow.into()) }];
        let mut ids = self.core.ids(10_000);
        let runs = plan_event(&facts, &files, repository, &mut ids, self.core.now()).expect("a plan");
        let submit = SubmitEvent {
            runs,
            repository,
            seen: vec![("refs/heads/main".into(), "c0ffee".into())],
            ids,
            now: self.core.now(),
        };
        self.core.run(submit).await.expect("submitted").first().expect("the push starts a run").0
    }

    /// A runner with labels enlists.
    pub async fn runner(&self, name: &str, labels: &[&str]) -> TestRunner {
        let id = RunnerId(self.core.ids(1).take().expect("an id"));
        let enlist = EnlistRunner {
            id,
            uuid: format!("uuid-of-{name}-{id}"),
            token: Keys::random_hex(20),
            registration_token: self.registration.clone(),
            name: name.into(),
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            version: "1".into(),
            ephemeral: false,
            now: self.core.now(),
        };
        self.core.run(enlist).await.expect("enlisted");
        TestRunner { id }
    }

    /// The runner asks for work under a request key.
    pub async fn claims_with(&self, runner: &TestRunner, key: Option<&str>) -> Result<Option<Box<Assignment>>> {
        let claim = ClaimTask {
            runner: runner.id,
            request_key: key.map(str::to_owned),
            task: TaskId(self.core.ids(1).take()?),
            now: self.core.now(),
        };
        Ok(match self.core.run(claim).await? {
            Claimed::Task(assignment) => Some(assignment),
            Claimed::Nothing => None,
        })
    }

    /// The runner asks for work and gets it.
    pub async fn claims(&self, runner: &TestRunner) -> Box<Assignment> {
        self.claims_with(runner, None).await.expect("a claim").expect("there is work")
    }

    /// The runner asks for work and there is none.
    pub async fn finds_nothing(&self, runner: &TestRunner) -> bool {
        self.claims_with(runner, None).await.expect("a claim").is_none()
    }

    /// The runner reports on a task.
    pub async fn reports(
        &self,
        runner: &TestRunner,
        task: TaskId,
        conclusion: Option<Conclusion>,
        outputs: &[(&str, &str)],
    ) -> Result<Reported> {
        self.reports_steps(runner, task, conclusion, Vec::new(), outputs).await
    }

    /// The runner reports on a task and its steps.
    pub async fn reports_steps(
        &self,
        runner: &TestRunner,
        task: TaskId,
        conclusion: Option<Conclusion>,
        steps: Vec<StepReport>,
        outputs: &[(&str, &str)],
    ) -> Result<Reported> {
        let outputs = outputs.iter().map(|(name, value)| OutputRecord { name: (*name).into(), value: (*value).into() });
        let report = ReportTask {
            runner: runner.id,
            task,
            conclusion,
            steps,
            outputs: outputs.collect(),
            ids: self.core.ids(10_000),
            now: self.core.now(),
        };
        self.core.run(report).await
    }

    /// The runner claims the next job and succeeds with it; answers the job's name.
    pub async fn succeeds(&self, runner: &TestRunner, outputs: &[(&str, &str)]) -> String {
        let assignment = self.claims(runner).await;
        let end = Some(Conclusion::Success);
        self.reports(runner, assignment.task.id, end, outputs).await.expect("reported");
        assignment.job_name
    }

    /// The runner claims the next job and succeeds with it; whether there was none.
    pub async fn finds_nothing_or_succeeds(&self, runner: &TestRunner) -> bool {
        let Some(assignment) = self.claims_with(runner, None).await.expect("a claim") else { return true };
        let end = Some(Conclusion::Success);
        self.reports(runner, assignment.task.id, end, &[]).await.expect("reported");
        false
    }

    /// The runner claims the next job and fails it; answers the job's name.
    pub async fn fails(&self, runner: &TestRunner) -> String {
        let assignment = self.claims(runner).await;
        self.reports(runner, assignment.task.id, Some(Conclusion::Failure), &[]).await.expect("reported");
        assignment.job_name
    }

    /// The runner hands over rows from number `index` on.
    pub async fn logs(&self, runner: &TestRunner, task: TaskId, index: u64, rows: &[&str], last: bool) -> Result<u64> {
        let rows = rows.iter().map(|text| Row { time: self.core.now().0, text: (*text).into() }).collect();
        Ok(append_log(&self.core, runner.id, task, index, rows, last).await?.length)
    }

    /// The rows that a reader sees.
    pub async fn reads_log(&self, task: TaskId) -> Vec<String> {
        let rows = self.core.store.rows(task, 0, 1_000_000).await.expect("rows");
        rows.into_iter().map(|row| row.text).collect()
    }

    /// The runner's process begins anew and says so.
    pub async fn restarts(&self, runner: &TestRunner, labels: &[&str]) {
        let declaration = Declaration {
            runner: runner.id,
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            version: "2".into(),
            starts_empty: true,
        };
        declare_runner(&self.core, declaration).await.expect("declared");
    }

    /// A person cancels a run.
    pub async fn cancels(&self, run: RunId) -> Result<()> {
        let cancel = CancelRun { run, by: "ada".into(), ids: self.core.ids(10_000), now: self.core.now() };
        self.core.run(cancel).await
    }

    /// A person runs jobs of a run again; answers the attempt.
    pub async fn reruns(&self, run: RunId, again: Again) -> Result<i64> {
        let (ids, now) = (self.core.ids(10_000), self.core.now());
        self.core.run(RerunJobs { run, again, by: "bob".into(), ids, now }).await
    }

    /// A person lets lost jobs of the repository run again so many times.
    pub async fn lets_lost_jobs_run_again(&self, run: RunId, times: i64) -> Result<()> {
        let repository = self.sees(run).await.run.repository;
        self.core.run(ChangeSettings { repository, retry_lost: times }).await.map(|_| ())
    }

    /// What a person reads who asks why a job is where it is: the reasons, then the runners.
    pub async fn asks_why(&self, run: RunId, job: &str) -> Vec<String> {
        let job = self.sees(run).await.job(job).expect("the job is there").job.id;
        let (signs, listening, now) = (self.core.signs.clone(), self.core.listening(), self.core.now());
        let why = WhyJob { job, signs, listening, full: self.core.health.full(), now };
        let why = self.core.read(why).await.expect("an answer");
        let reasons = why.reasons.iter().map(windlass_control::queries::Reason::sentence);
        reasons.chain(why.runners.iter().map(windlass_control::queries::RunnerLine::sentence)).collect()
    }

    /// What a person saw of an attempt of a run, as [`World::sees_jobs`].
    pub async fn sees_attempt(&self, run: RunId, attempt: i64) -> Vec<String> {
        let number = self.sees(run).await.run.number;
        let view = self.core.read(FindRun::Attempt(number, attempt)).await.expect("a look").expect("the attempt");
        said(&view)
    }

    /// What a person sees of a run.
    pub async fn sees(&self, run: RunId) -> RunView {
        self.core.read(FindRun::Id(run)).await.expect("a look").expect("the run is there")
    }

    /// The jobs of a run as `name: state`, with the reason where there is one.
    pub async fn sees_jobs(&self, run: RunId) -> Vec<String> {
        said(&self.sees(run).await)
    }

    /// How the run has ended, as a word, or `running`.
    pub async fn sees_end(&self, run: RunId) -> &'static str {
        use windlass_lifecycle::run::State;
        match self.sees(run).await.run.state {
            State::Finished { outcome, .. } => outcome.as_str(),
            State::Pending => "pending",
            State::Active => "running",
            State::Cancelling => "cancelling",
        }
    }

    /// Whether an error says that the caller may not.
    pub fn is_forbidden<A>(answer: &Result<A>) -> bool {
        matches!(answer, Err(Error::Forbidden(_)))
    }
}

fn said(view: &RunView) -> Vec<String> {
    use windlass_lifecycle::job::State;
    let one = |job: &windlass_control::JobRecord| match &job.state {
        State::Finished { conclusion, reason: Some(reason), .. } => {
            format!("{}: {} ({reason})", job.name, conclusion.as_str())
        }
        state => format!("{}: {}", job.name, state.word()),
    };
    view.jobs.iter().map(|view| one(&view.job)).collect()
}
