//! The steps of a job, one after the other.

use std::{collections::BTreeMap, fs, time::Duration};

use indexmap::IndexMap;
use serde_json::Value as Json;
use tokio::{sync::watch, time::Instant};
use windlass_expression::{Condition, Value};

use crate::{
    checkout,
    commands::Commands,
    environment::{Status, scope},
    evaluate,
    job::{Progress, Running},
    payload::{self, RunDefaults, Step},
    reporter::Conclusion,
    shell,
    step::{self, CommandFiles, Stopped, run_process},
};

/// How a step ended, before and after `continue-on-error`.
pub(crate) struct StepEnd {
    pub(crate) outcome: Conclusion,
    pub(crate) conclusion: Conclusion,
}

/// One step whose `if:` holds.
struct Attempt<'a> {
    index: usize,
    step: &'a Step,
    /// Ends the step early; silent where its `if:` holds for a cancelled job too.
    cancel: watch::Receiver<bool>,
    /// When a cancelled job has wound up for long enough.
    wind_up: Option<Instant>,
}

impl Running<'_> {
    /// Judges `if:`, runs the step, applies `continue-on-error`, publishes its outputs.
    pub(crate) async fn visit(
        &self,
        index: usize,
        step: &Step,
        progress: &mut Progress,
        wind_up: Option<Instant>,
    ) -> StepEnd {
        progress.world.github.insert("action", Value::string(self.action_id(index, step)));
        let judged = judge(step, progress);
        let name = evaluate::text(&step.raw_name(), &progress.world).unwrap_or_else(|_| step.raw_name());
        let mut outputs = IndexMap::new();
        let outcome = match judged {
            Ok(Judged::Skip) => Conclusion::RESULT_SKIPPED,
            Err(error) => {
                self.log.started(index, &name).await;
                self.log.row(format!("##[error]{error}")).await;
                Conclusion::RESULT_FAILURE
            }
            Ok(Judged::Run { also_when_cancelled }) => {
                self.log.started(index, &name).await;
                let cancel = if also_when_cancelled { watch::channel(false).1 } else { self.cancel.clone() };
                let attempt = Attempt { index, step, cancel, wind_up };
                self.execute(&attempt, progress, &mut outputs).await
            }
        };
        let tolerated =
            outcome == Conclusion::RESULT_FAILURE && evaluate::boolean(&step.continue_on_error, &progress.world);
        let conclusion = if tolerated { Conclusion::RESULT_SUCCESS } else { outcome };
        progress.world.env.clone_from(&progress.env);
        if let Some(id) = &step.id {
            let values = outputs.into_iter().map(|(key, value)| (key, Value::string(value)));
            let fields = [
                ("outputs", Value::object(values)),
                ("outcome", Value::string(word(outcome))),
                ("conclusion", Value::string(word(conclusion))),
            ];
            progress.world.steps.insert(id, Value::object(fields));
        }
        StepEnd { outcome, conclusion }
    }

    /// The explicit id, else the one that the server generated.
    fn action_id(&self, index: usize, step: &Step) -> String {
        let generated = self.context.get("windlass_step_ids").and_then(Json::as_array).and_then(|ids| ids.get(index));
        let generated = generated.and_then(Json::as_str).map(str::to_owned);
        step.id.clone().or(generated).unwrap_or_else(|| format!("__{index}"))
    }

    async fn execute(
        &self,
        attempt: &Attempt<'_>,
        progress: &mut Progress,
        outputs: &mut IndexMap<String, String>,
    ) -> Conclusion {
        let done = match (&attempt.step.run, &attempt.step.uses) {
            (Some(script), _) => self.run_script(attempt, script, progress, outputs).await,
            (None, Some(uses)) if checkout::is_checkout(uses) => self.check_out(attempt, uses, progress).await,
            (None, Some(uses)) => Err(format!("`uses: {uses}` is not supported yet: local actions do not run")),
            (None, None) => Err("the step neither runs a script nor uses an action".to_owned()),
        };
        match done {
            Ok(conclusion) => conclusion,
            Err(error) => {
                self.log.row(format!("##[error]{error}")).await;
                Conclusion::RESULT_FAILURE
            }
        }
    }

    async fn check_out(
        &self,
        attempt: &Attempt<'_>,
        uses: &str,
        progress: &mut Progress,
    ) -> Result<Conclusion, String> {
        let with: IndexMap<String, String> = evaluate::map(&attempt.step.with, &progress.world)?.into_iter().collect();
        self.log.row(format!("##[group]Run {uses}")).await;
        for (name, value) in &with {
            self.log.row(format!("  {name}: {value}")).await;
        }
        self.log.row("##[endgroup]").await;
        let (sha, ref_name, repository) = (self.text("sha"), self.text("ref"), self.text("repository"));
        let depth = checkout::depth(&with, &repository)?;
        let wanted = checkout::Wanted { sha: &sha, ref_name: &ref_name };
        let mut lines = Vec::new();
        let mut cancel = attempt.cancel.clone();
        let checked_out =
            checkout::run(&self.settings.source, &progress.folders.workspace, &wanted, depth, |line| lines.push(line));
        let done = tokio::select! {
            done = checked_out => done.map(|()| Conclusion::RESULT_SUCCESS),
            () = step::wait_for_stop(&mut cancel) => Ok(Conclusion::RESULT_CANCELLED),
        };
        for line in lines {
            self.log.row(line).await;
        }
        done
    }

    async fn run_script(
        &self,
        attempt: &Attempt<'_>,
        script: &str,
        progress: &mut Progress,
        outputs: &mut IndexMap<String, String>,
    ) -> Result<Conclusion, String> {
        let files = CommandFiles::make(&progress.folders.control, attempt.index)
            .map_err(|error| format!("the step's files cannot be made: {error}"))?;
        for (name, path) in files.iter() {
            progress.world.github.insert(name, Value::string(path.display().to_string()));
        }
        let script = evaluate::text(script, &progress.world)?;
        let (env, path) = process_env(progress);
        let (shell, folder) = self.shell_and_folder(attempt.step, progress)?;
        let file = progress.folders.temp.join(format!("script-{}", attempt.index));
        let invocation = shell::invocation(shell.as_deref(), &script, &file, &path)?;
        let script_file = format!("{}{}", file.display(), invocation.extension);
        fs::write(&script_file, &invocation.script).map_err(|error| format!("{script_file}: {error}"))?;
        let program = invocation.command.first().cloned().unwrap_or_default();
        let found = shell::find(&program, &path).ok_or_else(|| format!("{program}: command not found"))?;
        self.preamble(&script, &invocation.command, progress).await;
        if !folder.is_dir() {
            return Err(format!("the working directory '{}' does not exist", folder.display()));
        }

        let allowed = env.get("ACTIONS_ALLOW_UNSECURE_COMMANDS").is_some_and(|value| value == "true");
        let debug = progress.world.env.get("ACTIONS_STEP_DEBUG").is_some_and(|value| value == "true");
        let (matchers, workspace) = (progress.matchers.clone(), progress.folders.workspace.clone());
        let step = attempt.index as i64;
        let mut commands = Commands::new(self.masks.clone(), matchers, workspace, step, debug, allowed);
        let minutes = evaluate::number(&attempt.step.timeout_minutes, &progress.world).map(f64::trunc);
        let timeout = minutes.filter(|minutes| *minutes > 0.0).map(|minutes| Duration::from_secs_f64(minutes * 60.0));
        let timeout = timeout.map(|timeout| (Instant::now() + timeout, Stopped::TimedOut));
        let wind_up = attempt.wind_up.map(|at| (at, Stopped::Cancelled));
        let limit = timeout.into_iter().chain(wind_up).min_by_key(|(at, _)| *at);
        let mut command = invocation.command;
        command[0] = found.display().to_string();
        let (cancel, job_cancel) = (attempt.cancel.clone(), self.cancel.clone());
        let run = step::Run { command, env, folder, limit, cancel, job_cancel };
        let ended = run_process(&progress.processes, run, &mut commands, &self.masks, &self.log).await?;
        let _ = fs::remove_file(&script_file);
        let left_failed = self.take_what_is_left(attempt, &files, commands, progress, outputs).await;
        self.judge_end(attempt, &ended, minutes, left_failed).await
    }

    async fn judge_end(
        &self,
        attempt: &Attempt<'_>,
        ended: &step::Ended,
        minutes: Option<f64>,
        left_failed: bool,
    ) -> Result<Conclusion, String> {
        match ended.stopped {
            Some(Stopped::Cancelled) => {
                self.log.row("##[error]The operation was canceled.").await;
                return Ok(Conclusion::RESULT_CANCELLED);
            }
            Some(Stopped::TimedOut) => {
                let name = attempt.step.raw_name();
                return Err(format!(
                    "The action '{name}' has timed out after {} minutes.",
                    minutes.unwrap_or_default()
                ));
            }
            None => {}
        }
        if ended.code != 0 {
            return Err(format!("Process completed with exit code {}.", ended.code));
        }
        Ok(if left_failed { Conclusion::RESULT_FAILURE } else { Conclusion::RESULT_SUCCESS })
    }

    /// What the step wrote to its files and said by commands. Whether something in it fails the step.
    async fn take_what_is_left(
        &self,
        attempt: &Attempt<'_>,
        files: &CommandFiles,
        commands: Commands,
        progress: &mut Progress,
        outputs: &mut IndexMap<String, String>,
    ) -> bool {
        let left = step::collect(files);
        for (name, value) in commands.env.into_iter().chain(left.env) {
            progress.env.insert(name, value);
        }
        for folder in commands.path.into_iter().chain(left.path) {
            progress.path.retain(|known| *known != folder);
            progress.path.insert(0, folder);
        }
        for (name, value) in commands.outputs.into_iter().chain(left.outputs) {
            outputs.insert(name, value);
        }
        if let Some(summary) = left.summary {
            self.log.summary(attempt.index, &summary).await;
        }
        for row in left.errors {
            self.log.row(row).await;
        }
        left.failed || commands.failed
    }

    /// Script, shell and env, folded away before the output.
    async fn preamble(&self, script: &str, command: &[String], progress: &Progress) {
        self.log.row(format!("##[group]Run {}", script.trim_start().lines().next().unwrap_or_default())).await;
        for line in script.lines() {
            self.log.row(format!("\u{1b}[36;1m{line}\u{1b}[0m")).await;
        }
        self.log.row(format!("shell: {}", command.join(" "))).await;
        if !progress.world.env.is_empty() {
            self.log.row("env:").await;
        }
        for (name, value) in &progress.world.env {
            for line in format!("  {name}: {value}").lines() {
                self.log.row(line).await;
            }
        }
        self.log.row("##[endgroup]").await;
    }

    fn shell_and_folder(
        &self,
        step: &Step,
        progress: &Progress,
    ) -> Result<(Option<String>, std::path::PathBuf), String> {
        let pick = |own: &Option<String>, of: fn(&RunDefaults) -> &Option<String>| {
            own.clone()
                .or_else(|| of(&self.job.defaults.run).clone())
                .or_else(|| of(&self.workflow.defaults.run).clone())
        };
        let evaluated = |text: Option<String>| text.map(|text| evaluate::text(&text, &progress.world)).transpose();
        let shell = evaluated(pick(&step.shell, |defaults| &defaults.shell))?;
        let folder = evaluated(pick(&step.working_directory, |defaults| &defaults.working_directory))?;
        let folder = progress.folders.workspace.join(folder.as_deref().unwrap_or_default());
        Ok((shell, folder))
    }
}

/// The environment of a process and its PATH. Later layers win: the runner's own, `env`, PATH, `GITHUB_*`, `RUNNER_*`.
fn process_env(progress: &Progress) -> (BTreeMap<String, String>, String) {
    let mut env = progress.base_env.clone();
    env.extend(progress.world.env.iter().map(|(name, value)| (name.clone(), value.clone())));
    let base = env.get("PATH").cloned().unwrap_or_default();
    let path: Vec<&str> = progress.path.iter().map(String::as_str).chain(base.split(':')).collect();
    let path = path.join(":");
    env.insert("PATH".into(), path.clone());
    for name in GITHUB_VARIABLES {
        if let Some(value) = progress.world.github.get(name).filter(|value| value.is_primitive()) {
            env.insert(format!("GITHUB_{}", name.to_ascii_uppercase()), value.to_text().to_string());
        }
    }
    for name in ["name", "os", "arch", "temp", "tool_cache", "environment", "workspace"] {
        let value = progress.world.runner.property(name).to_text().to_string();
        env.insert(format!("RUNNER_{}", name.to_ascii_uppercase()), value);
    }
    env.insert("GITHUB_ACTIONS".into(), "true".into());
    env.entry("CI".into()).or_insert_with(|| "true".into());
    (env, path)
}

/// The keys of the `github` context that processes see as variables. The token is not among them.
const GITHUB_VARIABLES: [&str; 37] = [
    "action",
    "action_path",
    "action_ref",
    "action_repository",
    "actor",
    "actor_id",
    "api_url",
    "base_ref",
    "env",
    "event_name",
    "event_path",
    "graphql_url",
    "head_ref",
    "job",
    "output",
    "path",
    "ref",
    "ref_name",
    "ref_protected",
    "ref_type",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "retention_days",
    "run_attempt",
    "run_id",
    "run_number",
    "server_url",
    "sha",
    "state",
    "step_summary",
    "triggering_actor",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "workspace",
];

enum Judged {
    Skip,
    Run { also_when_cancelled: bool },
}

/// Merges the step's env and judges its `if:`.
fn judge(step: &Step, progress: &mut Progress) -> Result<Judged, String> {
    progress.world.env.clone_from(&progress.env);
    let env = evaluate::map(&step.env, &progress.world)?;
    progress.world.env.extend(env);
    let text = payload::text(&step.condition).ok_or("the condition is no text")?;
    let condition = Condition::parse(&text, &scope()).map_err(|error| error.to_string())?;
    if !condition.holds(&progress.world).map_err(|error| error.to_string())? {
        return Ok(Judged::Skip);
    }
    let status = std::mem::replace(&mut progress.world.status, Status::Cancelled);
    let also_when_cancelled = condition.holds(&progress.world).unwrap_or(false);
    progress.world.status = status;
    Ok(Judged::Run { also_when_cancelled })
}

fn word(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::RESULT_SUCCESS => "success",
        Conclusion::RESULT_FAILURE => "failure",
        Conclusion::RESULT_CANCELLED => "cancelled",
        _ => "skipped",
    }
}
