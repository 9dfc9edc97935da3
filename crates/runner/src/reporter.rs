//! Hands what happens in a job to the server, in order, until the server has it.
//!
//! The start of a step is told before its rows, and its end after them, so that a reader who follows knows of each
//! row to which step it belongs. What has gathered while a call was on its way goes with the next one.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use connectrpc::{ConnectError, ErrorCode};
use tokio::{
    sync::{Notify, mpsc, watch},
    task::JoinHandle,
    time::Instant,
};
use windlass_joblog::Row;
use windlass_proto::{
    messages::{runner::v1 as wire, windlass::runner::v1 as ours},
    timestamp,
};

use crate::{client::Client, commands::SharedMasks};

/// Happenings that may wait for the server; more make the job's output wait.
const MAX_WAITING: usize = 4_096;
/// Rows and bytes of one call.
const MAX_ROWS: usize = 4_000;
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Two calls for rows alone are this far apart.
const PAUSE: Duration = Duration::from_millis(20);
/// A silent job is a sign of life this often.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Waits between tries while the server does not answer.
const FIRST_RETRY: Duration = Duration::from_millis(100);
const LAST_RETRY: Duration = Duration::from_secs(5);
/// How long a report is tried: a server may be away, or have no room, for so long.
const GIVE_UP_AFTER: Duration = Duration::from_hours(1);
/// Bytes of rows that are kept while the server takes none, so that steps go on; beyond them their output waits.
const MAX_SPILL: usize = 64 * 1024 * 1024;

/// How a step or job ended, in the words of the wire.
pub(crate) type Conclusion = wire::Result;

enum Happening {
    Row(Row),
    Started { step: usize, name: String, at: i64 },
    Ended { step: usize, outcome: Conclusion, conclusion: Conclusion, at: i64 },
    Annotation(ours::Annotation),
    Summary(ours::Summary),
}

/// The job's side: takes what happens. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Log {
    sender: mpsc::Sender<Happening>,
    masks: SharedMasks,
}

impl Log {
    /// Logs one row, masked. Waits while the server is behind.
    pub(crate) async fn row(&self, text: impl AsRef<str>) {
        let row = Row { time: now(), text: self.masks.apply(text.as_ref()) };
        self.send(Happening::Row(row)).await;
    }

    pub(crate) async fn started(&self, step: usize, name: &str) {
        // Masked when it is told: a step may make a secret of what stands in its own name.
        self.send(Happening::Started { step, name: name.to_owned(), at: now() }).await;
    }

    pub(crate) async fn ended(&self, step: usize, outcome: Conclusion, conclusion: Conclusion) {
        self.send(Happening::Ended { step, outcome, conclusion, at: now() }).await;
    }

    pub(crate) async fn annotation(&self, annotation: ours::Annotation) {
        self.send(Happening::Annotation(annotation)).await;
    }

    pub(crate) async fn summary(&self, step: usize, text: &str) {
        let text = self.masks.apply(text);
        self.send(Happening::Summary(ours::Summary { step: step as i64, text, ..Default::default() })).await;
    }

    async fn send(&self, happening: Happening) {
        // The reporter ends only after the last sender, or when the server will never take anything again.
        let _ = self.sender.send(happening).await;
    }
}

/// How a job ended.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) conclusion: Conclusion,
    pub(crate) outputs: HashMap<String, String>,
}

/// The server's side of a running job.
pub(crate) struct Reporter {
    handle: JoinHandle<Sender>,
    /// Ends a pause between calls: nothing more will gather.
    finishing: Arc<Notify>,
}

impl Reporter {
    /// Starts to report. `stop` becomes true when the server wants the job to end.
    pub(crate) fn start(
        client: Client,
        task: i64,
        steps: usize,
        details: bool,
        masks: SharedMasks,
        stop: watch::Sender<bool>,
    ) -> (Self, Log) {
        let (sender, receiver) = mpsc::channel(MAX_WAITING);
        let finishing = Arc::new(Notify::new());
        let reporting = Sender::new(client, task, steps, details, masks.clone(), stop);
        let handle = tokio::spawn(reporting.run(receiver, Arc::clone(&finishing)));
        (Self { handle, finishing }, Log { sender, masks })
    }

    /// Reports the end; returns when the server has everything, or will never take it. Every [`Log`] must be gone.
    pub(crate) async fn finish(self, end: End) {
        self.finishing.notify_one();
        match self.handle.await {
            Ok(sender) => sender.finish(end).await,
            Err(error) => tracing::error!(%error, "a reporter stopped"),
        }
    }
}

struct Step {
    state: wire::StepState,
    name: String,
    outcome: Conclusion,
    start_told: bool,
    end_told: bool,
}

/// What is left to tell.
struct Sender {
    client: Client,
    task: i64,
    details: bool,
    masks: SharedMasks,
    stop: watch::Sender<bool>,
    rows: VecDeque<Row>,
    /// Rows that the server has.
    acknowledged: u64,
    steps: Vec<Step>,
    current: Option<usize>,
    annotations: Vec<ours::Annotation>,
    summaries: Vec<ours::Summary>,
    sequence: i64,
    renamed: Vec<usize>,
    last_call: Instant,
    lost: bool,
}

impl Sender {
    fn new(
        client: Client,
        task: i64,
        steps: usize,
        details: bool,
        masks: SharedMasks,
        stop: watch::Sender<bool>,
    ) -> Self {
        let untold = |index: usize| Step {
            state: wire::StepState { id: index as i64, ..Default::default() },
            name: String::new(),
            outcome: Conclusion::RESULT_UNSPECIFIED,
            start_told: false,
            end_told: false,
        };
        Self {
            client,
            task,
            details,
            masks,
            stop,
            rows: VecDeque::new(),
            acknowledged: 0,
            steps: (0..steps).map(untold).collect(),
            current: None,
            annotations: Vec::new(),
            summaries: Vec::new(),
            sequence: 0,
            renamed: Vec::new(),
            last_call: Instant::now(),
            lost: false,
        }
    }

    async fn run(mut self, mut happenings: mpsc::Receiver<Happening>, finishing: Arc<Notify>) -> Self {
        // The first call says that the task has begun.
        self.persist(Call::State, Some(&mut happenings)).await;
        loop {
            match tokio::time::timeout_at(self.last_call + HEARTBEAT, happenings.recv()).await {
                Err(_) => self.persist(Call::State, Some(&mut happenings)).await,
                Ok(None) => return self,
                Ok(Some(happening)) => {
                    self.take(happening);
                    while self.rows.len() < MAX_ROWS
                        && let Ok(happening) = happenings.try_recv()
                    {
                        self.take(happening);
                    }
                    // Once every sender is gone, the end of the job takes the rest along in fewer calls.
                    if happenings.is_closed() && happenings.is_empty() {
                        continue;
                    }
                    self.persist(Call::Everything, Some(&mut happenings)).await;
                    // Where more waits already, there is nothing to gather.
                    if happenings.is_empty() {
                        let pause = self.last_call + PAUSE;
                        let _ = tokio::time::timeout_at(pause, finishing.notified()).await;
                    }
                }
            }
        }
    }

    fn take(&mut self, happening: Happening) {
        let next_row = self.acknowledged as i64 + self.rows.len() as i64;
        match happening {
            Happening::Row(row) => {
                if let Some(step) = self.current.and_then(|current| self.steps.get_mut(current)) {
                    step.state.log_length += 1;
                }
                self.rows.push_back(row);
            }
            Happening::Started { step, name, at } => {
                self.current = Some(step);
                if let Some(known) = self.steps.get_mut(step) {
                    known.state.started_at = timestamp(at).into();
                    known.state.log_index = next_row;
                    known.name = name;
                    self.renamed.push(step);
                }
            }
            Happening::Ended { step, outcome, conclusion, at } => {
                self.current = None;
                if let Some(known) = self.steps.get_mut(step) {
                    if known.state.started_at.is_unset() {
                        known.state.log_index = next_row;
                    }
                    known.state.stopped_at = timestamp(at).into();
                    known.state.result = conclusion.into();
                    known.outcome = outcome;
                    self.renamed.push(step);
                }
            }
            Happening::Annotation(mut annotation) => {
                annotation.sequence = self.sequence;
                self.sequence += 1;
                self.annotations.push(annotation);
            }
            Happening::Summary(summary) => self.summaries.push(summary),
        }
    }

    /// Tells everything that has gathered: starts, rows, details, ends.
    async fn flush(&mut self) -> Result<(), ConnectError> {
        self.tell_starts().await?;
        self.tell_rows(false).await?;
        self.tell_details().await?;
        if self.steps.iter().any(|step| step.state.stopped_at.is_set() && !step.end_told) {
            self.tell_state().await?;
        }
        Ok(())
    }

    async fn tell_starts(&mut self) -> Result<(), ConnectError> {
        if self.steps.iter().any(|step| step.state.started_at.is_set() && !step.start_told) {
            self.tell_state().await?;
        }
        Ok(())
    }

    /// The state as far as it may be known: a step's end only once its rows are there.
    async fn tell_state(&mut self) -> Result<(), ConnectError> {
        let acknowledged = self.acknowledged as i64;
        let rows_are_there = |state: &wire::StepState| state.log_index + state.log_length <= acknowledged;
        let steps = self.steps.iter().map(|step| {
            let mut state = step.state.clone();
            if !rows_are_there(&state) {
                state.stopped_at = None.into();
                state.result = Conclusion::RESULT_UNSPECIFIED.into();
            }
            state
        });
        let state = wire::TaskState { id: self.task, steps: steps.collect(), ..Default::default() };
        let request = wire::UpdateTaskRequest { state: state.into(), ..Default::default() };
        let answer = self.client.update_task(request).await?;
        self.last_call = Instant::now();
        for step in &mut self.steps {
            step.start_told = step.state.started_at.is_set();
            step.end_told = step.state.stopped_at.is_set() && rows_are_there(&step.state);
        }
        let ended = answer.state.as_option().is_some_and(|state| state.result.to_i32() != 0);
        if ended {
            self.stop.send_replace(true);
        }
        Ok(())
    }

    async fn tell_rows(&mut self, no_more: bool) -> Result<(), ConnectError> {
        if let Some(end) = self.untold_end_within_rows() {
            // What follows a step's last row must not pass for the step's: its end is told in between.
            self.send_rows(end, false).await?;
            self.tell_state().await?;
        }
        self.send_rows(u64::MAX, no_more).await
    }

    /// The end of the last step, where rows wait behind it and nobody knows yet that it has ended.
    fn untold_end_within_rows(&self) -> Option<u64> {
        let last = self.steps.iter().rfind(|step| step.state.started_at.is_set())?;
        let end = u64::try_from(last.state.log_index + last.state.log_length).ok()?;
        let ended = last.state.stopped_at.is_set() && !last.end_told;
        (ended && end < self.acknowledged + self.rows.len() as u64).then_some(end)
    }

    /// Sends rows up to, not including, number `until`.
    async fn send_rows(&mut self, until: u64, no_more: bool) -> Result<(), ConnectError> {
        let mut sealed = !no_more;
        while (!self.rows.is_empty() && self.acknowledged < until) || !sealed {
            let room = usize::try_from(until - self.acknowledged.min(until)).unwrap_or(usize::MAX);
            let mut bytes = 0;
            let batch: Vec<wire::LogRow> = self
                .rows
                .iter()
                .take(MAX_ROWS.min(room))
                .take_while(|row| {
                    let first = bytes == 0;
                    bytes += row.text.len() + 16;
                    first || bytes <= MAX_BYTES
                })
                .map(|row| wire::LogRow {
                    time: timestamp(row.time).into(),
                    content: row.text.clone(),
                    ..Default::default()
                })
                .collect();
            let last = batch.len() == self.rows.len();
            let request = wire::UpdateLogRequest {
                task_id: self.task,
                index: self.acknowledged as i64,
                rows: batch,
                no_more: no_more && last,
                ..Default::default()
            };
            let has = self.client.update_log(request).await?;
            self.last_call = Instant::now();
            let fresh = has.checked_sub(self.acknowledged).ok_or_else(|| {
                ConnectError::data_loss(format!("the server had {} rows and now says {has}", self.acknowledged))
            })?;
            self.rows.drain(..self.rows.len().min(usize::try_from(fresh).unwrap_or(usize::MAX)));
            self.acknowledged = has;
            sealed |= last;
        }
        Ok(())
    }

    async fn tell_details(&mut self) -> Result<(), ConnectError> {
        let nothing = self.renamed.is_empty() && self.annotations.is_empty() && self.summaries.is_empty();
        if nothing || !self.details {
            return Ok(());
        }
        let detail = |index: &usize| {
            let step = &self.steps[*index];
            let outcome = word(step.outcome).to_owned();
            ours::StepDetail { step: *index as i64, outcome, name: self.masks.apply(&step.name), ..Default::default() }
        };
        let mut renamed = self.renamed.clone();
        renamed.retain(|index| *index < self.steps.len());
        renamed.dedup();
        let request = ours::ReportDetailsRequest {
            task_id: self.task,
            steps: renamed.iter().map(detail).collect(),
            annotations: self.annotations.clone(),
            summaries: self.summaries.clone(),
            ..Default::default()
        };
        self.client.report_details(request).await?;
        self.renamed.clear();
        self.annotations.clear();
        self.summaries.clear();
        Ok(())
    }

    /// Takes what happens until it is time to try again, so that steps go on while the server takes nothing.
    async fn gather(&mut self, happenings: Option<&mut mpsc::Receiver<Happening>>, until: Instant) {
        if let Some(happenings) = happenings {
            let mut bytes: usize = self.rows.iter().map(|row| row.text.len() + 32).sum();
            while bytes < MAX_SPILL {
                match tokio::time::timeout_at(until, happenings.recv()).await {
                    Ok(Some(happening)) => {
                        if let Happening::Row(row) = &happening {
                            bytes += row.text.len() + 32;
                        }
                        self.take(happening);
                    }
                    Ok(None) => break,
                    Err(_) => return,
                }
            }
        }
        tokio::time::sleep_until(until).await;
    }

    /// Tries until the server has it, or will never take anything of this task again.
    async fn persist(&mut self, call: Call<'_>, mut happenings: Option<&mut mpsc::Receiver<Happening>>) {
        let began = Instant::now();
        let mut wait = FIRST_RETRY;
        while !self.lost {
            let told = match call {
                Call::State => self.tell_state().await,
                Call::Everything => self.flush().await,
                Call::End(end) => self.tell_end(end).await,
            };
            let Err(error) = told else { return };
            let hopeless = matches!(
                error.code,
                ErrorCode::Unauthenticated
                    | ErrorCode::DataLoss
                    | ErrorCode::AlreadyExists
                    | ErrorCode::InvalidArgument
            );
            if hopeless || began.elapsed() > GIVE_UP_AFTER {
                tracing::error!(task = self.task, %error, "the server does not take this task's reports; the job is stopped");
                self.lost = true;
                self.stop.send_replace(true);
                return;
            }
            tracing::warn!(task = self.task, %error, "a report failed and is tried again");
            self.gather(happenings.as_deref_mut(), Instant::now() + wait).await;
            wait = (wait * 2).min(LAST_RETRY);
        }
    }

    async fn finish(mut self, end: End) {
        self.persist(Call::End(&end), None).await;
    }

    /// The rows that are left and that no more will come; then how the job ended.
    async fn tell_end(&mut self, end: &End) -> Result<(), ConnectError> {
        self.tell_starts().await?;
        self.tell_rows(true).await?;
        self.tell_details().await?;
        let steps = self.steps.iter().map(|step| step.state.clone()).collect();
        let state = wire::TaskState {
            id: self.task,
            result: end.conclusion.into(),
            stopped_at: timestamp(now()).into(),
            steps,
            ..Default::default()
        };
        let request = wire::UpdateTaskRequest {
            state: state.into(),
            outputs: end.outputs.clone().into_iter().collect(),
            ..Default::default()
        };
        let answer = self.client.update_task(request).await?;
        match end.outputs.keys().find(|name| !answer.sent_outputs.contains(name)) {
            Some(name) => Err(ConnectError::unavailable(format!("the output '{name}' is not stored yet"))),
            None => Ok(()),
        }
    }
}

/// What is to be told.
#[derive(Clone, Copy)]
enum Call<'a> {
    State,
    Everything,
    End(&'a End),
}

fn word(result: Conclusion) -> &'static str {
    match result {
        Conclusion::RESULT_SUCCESS => "success",
        Conclusion::RESULT_FAILURE => "failure",
        Conclusion::RESULT_CANCELLED => "cancelled",
        Conclusion::RESULT_SKIPPED => "skipped",
        Conclusion::RESULT_UNSPECIFIED => "",
    }
}

/// Unix milliseconds by this machine's clock.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
