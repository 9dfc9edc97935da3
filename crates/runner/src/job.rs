//! One task from its payload to its end.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    sync::Arc,
    time::Duration,
};

use indexmap::IndexMap;
use serde_json::Value as Json;
use tokio::{sync::watch, time::Instant};
use windlass_expression::{Object, Value};
use windlass_joblog::Masks;
use windlass_proto::{from_struct, messages::runner::v1 as wire};

use crate::{
    checkout,
    client::Client,
    commands::SharedMasks,
    environment::{Status, World},
    evaluate,
    payload::{self, Job, Workflow},
    problem_matchers::SharedMatchers,
    processes::Processes,
    reporter::{Conclusion, End, Log, Reporter},
    session::Settings,
    step::{WIND_UP, wait_for_stop},
    workspace::{self, Folders, Source},
};

/// Runs a task and reports its end. Returns when nothing of it lives any more and the server knows.
pub(crate) async fn run(
    client: Client,
    task: wire::Task,
    settings: Arc<Settings>,
    details: bool,
    shutdown: watch::Receiver<bool>,
) {
    let context = task.context.as_option().map(from_struct).unwrap_or_default();
    let (stop, cancel) = watch::channel(false);
    let masks = SharedMasks::new(Masks::of(task.secrets.values()));
    let parsed = payload::parse(task.workflow_payload.as_deref().unwrap_or_default());
    let steps = parsed.as_ref().map_or(0, |(_, _, job)| job.steps.len());
    let (reporter, log) = Reporter::start(client.clone(), task.id, steps, details, masks.clone(), stop.clone());
    let watching = tokio::spawn(watch_for_stop(client, task.id, details, stop.clone(), shutdown));
    let end = match parsed {
        Err(error) => {
            log.row(format!("##[error]{error}")).await;
            failed()
        }
        Ok((workflow, key, job)) => {
            let running =
                Running { settings, log: log.clone(), masks, cancel, stop, task: &task, context, workflow, key, job };
            running.run().await
        }
    };
    watching.abort();
    drop(log);
    reporter.finish(end).await;
}

fn failed() -> End {
    End { conclusion: Conclusion::RESULT_FAILURE, outputs: HashMap::new() }
}

/// Sets `stop` when the server or the runner's shutdown wants the job to end.
async fn watch_for_stop(
    client: Client,
    task: i64,
    held: bool,
    stop: watch::Sender<bool>,
    mut shutdown: watch::Receiver<bool>,
) {
    let server = async {
        // Without the held watch the answers to reports say it.
        if !held {
            std::future::pending::<()>().await;
        }
        loop {
            match client.watch_cancel(task).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
    };
    tokio::select! {
        () = server => {}
        () = wait_for_stop(&mut shutdown) => {}
    }
    stop.send_replace(true);
}

/// A job that runs, and everything about it that does not change.
pub(crate) struct Running<'a> {
    pub(crate) settings: Arc<Settings>,
    pub(crate) log: Log,
    pub(crate) masks: SharedMasks,
    pub(crate) cancel: watch::Receiver<bool>,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) task: &'a wire::Task,
    pub(crate) context: Json,
    pub(crate) workflow: Workflow,
    pub(crate) key: String,
    pub(crate) job: Job,
}

/// What changes while the steps run.
pub(crate) struct Progress {
    pub(crate) world: World,
    /// Workflow and job env and what steps wrote to `GITHUB_ENV`; the world's env adds the step's own.
    pub(crate) env: IndexMap<String, String>,
    /// What steps wrote to `GITHUB_PATH`, latest first.
    pub(crate) path: Vec<String>,
    pub(crate) folders: Folders,
    pub(crate) processes: Processes,
    /// The environment of the runner itself.
    pub(crate) base_env: BTreeMap<String, String>,
    pub(crate) matchers: SharedMatchers,
}

impl Running<'_> {
    async fn run(self) -> End {
        let event = self.text("event_name");
        let name = self.job.name.clone().unwrap_or_else(|| self.key.clone());
        let id = self.task.id;
        let version = env!("CARGO_PKG_VERSION");
        self.log
            .row(format!("{} (windlass {version}) runs task {id}: job {name}, event {event}", self.settings.name))
            .await;
        let progress = match self.set_up().await {
            Ok(progress) => progress,
            Err(errors) => {
                for error in errors {
                    self.log.row(format!("##[error]{error}")).await;
                }
                return failed();
            }
        };
        tracing::debug!(task = id, "set up");
        let deadline = self.timeout(&progress.world);
        let steps = self.run_steps(progress);
        let timer = self.time_out(deadline, &name);
        let (end, progress) = tokio::select! {
            done = steps => done,
            never = timer => match never {},
        };
        tracing::debug!(task = id, "the steps are done");
        let Progress { folders, processes, .. } = progress;
        processes.end().await;
        let _ = tokio::task::spawn_blocking(move || folders.remove()).await;
        tracing::debug!(task = id, "nothing of it is left");
        end
    }

    pub(crate) fn text(&self, key: &str) -> String {
        self.context.get(key).and_then(Json::as_str).unwrap_or_default().to_owned()
    }

    /// Folders, files, guard and contexts; and what cannot be run is said before the first step.
    async fn set_up(&self) -> Result<Progress, Vec<String>> {
        let unsupported = self.unsupported();
        if !unsupported.is_empty() {
            return Err(unsupported);
        }
        let one = |error: String| vec![error];
        let (work, id, repository) = (self.settings.work.clone(), self.task.id, self.text("repository"));
        let source = self.settings.source.clone();
        let guard = self.settings.guard.clone();
        // The guard starts while files are copied: each takes its milliseconds.
        let mark = format!("{}{id}", self.settings.mark());
        let control = Folders::control_of(&work, id);
        let processes = Processes::start(&guard, &control, &mark).map_err(one)?;
        let folders = tokio::task::spawn_blocking(move || -> Result<Folders, String> {
            let folders = Folders::make(&work, id, &repository).map_err(|e| format!("{}: {e}", work.display()))?;
            if let Source::Copy(from) = &source
                && let Err(error) = workspace::copy(from, &folders.workspace)
            {
                folders.remove();
                return Err(format!("copying {}: {error}", from.display()));
            }
            Ok(folders)
        })
        .await
        .map_err(|error| one(error.to_string()))?
        .map_err(one)?;
        let prepared = self.world(&folders).and_then(|world| self.evaluate_env(world));
        let world = prepared.inspect_err(|_| folders.remove()).map_err(one)?;
        let base_env = std::env::vars().filter(|(name, _)| !name.starts_with("WINDLASS_")).collect();
        let env = world.env.clone();
        let matchers = SharedMatchers::default();
        Ok(Progress { world, env, path: Vec::new(), folders, processes, base_env, matchers })
    }

    fn unsupported(&self) -> Vec<String> {
        let mut errors = Vec::new();
        for (key, value) in
            [("container", &self.job.container), ("services", &self.job.services), ("uses", &self.job.uses)]
        {
            let empty = value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
            if !empty {
                errors.push(format!("`{key}` is not supported yet: jobs run their steps on the host"));
            }
        }
        for uses in self.job.steps.iter().filter_map(|step| step.uses.as_deref()) {
            if !checkout::is_checkout(uses) && !uses.starts_with("./") {
                errors.push(format!("`uses: {uses}` is not supported yet: only actions/checkout and `run` steps are"));
            }
        }
        errors
    }

    fn world(&self, folders: &Folders) -> Result<World, String> {
        let event_path = folders.temp.join("event.json");
        let event = self.context.get("event").cloned().unwrap_or_else(|| serde_json::json!({}));
        fs::write(&event_path, event.to_string()).map_err(|e| format!("{}: {e}", event_path.display()))?;
        let mut github = Object::default();
        if let Json::Object(context) = &self.context {
            for (key, value) in context.iter().filter(|(key, _)| !key.starts_with("windlass_")) {
                github.insert(key.as_str(), payload::value(value));
            }
        }
        for (key, value) in [
            ("workspace", folders.workspace.display().to_string()),
            ("event_path", event_path.display().to_string()),
            ("job", self.key.clone()),
            ("server_url", self.text("server_url").trim_end_matches('/').to_owned()),
        ] {
            github.insert(key, Value::string(value));
        }
        let needs = self.task.needs.iter().map(|(key, need)| {
            let outputs = need.outputs.iter().map(|(name, value)| (name.clone(), Value::string(value)));
            let result = match need.result.to_i32() {
                1 => "success",
                2 => "failure",
                3 => "cancelled",
                _ => "skipped",
            };
            (key.clone(), Value::object([("outputs", Value::object(outputs)), ("result", Value::string(result))]))
        });
        let texts = |map: Vec<(String, String)>| Value::object(map.into_iter().map(|(k, v)| (k, Value::string(v))));
        Ok(World {
            github,
            env: IndexMap::new(),
            vars: texts(self.task.vars.clone().into_iter().collect()),
            secrets: texts(self.task.secrets.clone().into_iter().collect()),
            inputs: self.context.get("windlass_inputs").map(payload::value).unwrap_or_default(),
            needs: Value::object(needs),
            matrix: self.context.get("windlass_matrix").map(payload::value).unwrap_or_default(),
            strategy: self.strategy(),
            runner: self.runner(folders),
            steps: Object::default(),
            status: Status::Success,
            workspace: Arc::from(folders.workspace.as_path()),
        })
    }

    fn strategy(&self) -> Value {
        let number =
            |key: &str, default: f64| Value::Number(self.context.get(key).and_then(Json::as_f64).unwrap_or(default));
        let total = self.context["windlass_job_total"].as_f64().unwrap_or(1.0);
        Value::object([
            ("fail-fast", Value::Boolean(self.context["windlass_fail_fast"].as_bool().unwrap_or(true))),
            ("job-index", number("windlass_job_index", 0.0)),
            ("job-total", Value::Number(total)),
            ("max-parallel", number("windlass_max_parallel", total)),
        ])
    }

    fn runner(&self, folders: &Folders) -> Value {
        let arch = match std::env::consts::ARCH {
            "x86_64" => "X64",
            "x86" => "X86",
            "aarch64" => "ARM64",
            "arm" => "ARM",
            other => other,
        };
        let tools = self.settings.tool_cache.display().to_string();
        Value::object([
            ("name", Value::string(&self.settings.name)),
            ("os", Value::string("Linux")),
            ("arch", Value::string(arch)),
            ("temp", Value::string(folders.temp.display().to_string())),
            ("tool_cache", Value::string(tools)),
            ("environment", Value::string("self-hosted")),
            (
                "workspace",
                Value::string(folders.workspace.parent().unwrap_or(&folders.workspace).display().to_string()),
            ),
        ])
    }

    /// Workflow env, then job env; entries of one map do not see each other.
    fn evaluate_env(&self, mut world: World) -> Result<World, String> {
        for map in [&self.workflow.env, &self.job.env] {
            let evaluated = evaluate::map(map, &world)?;
            world.env.extend(evaluated);
        }
        Ok(world)
    }

    fn timeout(&self, world: &World) -> Duration {
        let minutes =
            evaluate::number(&self.job.timeout_minutes, world).filter(|minutes| *minutes > 0.0).unwrap_or(360.0);
        Duration::from_secs_f64((minutes * 60.0).min(60.0 * 60.0 * 24.0 * 365.0))
    }

    /// Cancels the job when its time is over; the steps wind up as after any cancel.
    async fn time_out(&self, after: Duration, name: &str) -> std::convert::Infallible {
        tokio::time::sleep(after).await;
        let minutes = after.as_secs_f64() / 60.0;
        let message =
            format!("##[error]The job '{name}' has exceeded the maximum execution time of {minutes} minutes.");
        self.log.row(message).await;
        self.stop.send_replace(true);
        std::future::pending().await
    }

    async fn run_steps(&self, mut progress: Progress) -> (End, Progress) {
        let mut wind_up: Option<Instant> = None;
        for (index, step) in self.job.steps.iter().enumerate() {
            if *self.cancel.borrow() {
                progress.world.status = Status::Cancelled;
                wind_up.get_or_insert_with(|| Instant::now() + WIND_UP);
            }
            if wind_up.is_some_and(|until| Instant::now() > until) {
                self.log.ended(index, Conclusion::RESULT_CANCELLED, Conclusion::RESULT_CANCELLED).await;
                continue;
            }
            let ended = self.visit(index, step, &mut progress, wind_up).await;
            self.log.ended(index, ended.outcome, ended.conclusion).await;
            let worse = match ended.conclusion {
                Conclusion::RESULT_FAILURE => Status::Failure,
                Conclusion::RESULT_CANCELLED => Status::Cancelled,
                _ => Status::Success,
            };
            progress.world.status = progress.world.status.max(worse);
        }
        if *self.cancel.borrow() {
            progress.world.status = Status::Cancelled;
        }
        let end = self.conclude(&mut progress).await;
        (end, progress)
    }

    async fn conclude(&self, progress: &mut Progress) -> End {
        let mut outputs = HashMap::new();
        for (name, template) in &self.job.outputs {
            let evaluated = payload::text(template)
                .ok_or_else(|| "a text belongs here".to_owned())
                .and_then(|text| evaluate::text(&text, &progress.world));
            match evaluated {
                Ok(value) if value.is_empty() => {}
                Ok(value) if self.masks.lock().hides(&value) => {
                    self.log.row(format!("##[warning]Skip output '{name}' since it may contain secret.")).await;
                }
                Ok(value) => {
                    outputs.insert(name.clone(), value);
                }
                Err(error) => {
                    self.log.row(format!("##[error]The output '{name}' cannot be evaluated: {error}")).await;
                    progress.world.status = progress.world.status.max(Status::Failure);
                }
            }
        }
        let conclusion = match progress.world.status {
            Status::Success => Conclusion::RESULT_SUCCESS,
            Status::Failure => Conclusion::RESULT_FAILURE,
            Status::Cancelled => Conclusion::RESULT_CANCELLED,
        };
        End { conclusion, outputs }
    }
}
