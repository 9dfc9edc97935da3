//! A job whose needs are finished becomes the legs that run.

use windlass_diagnostic::Diagnostic;
use windlass_expression::{Condition, Environment, EvaluationError, Scope, Value};

use crate::{
    concurrency::{self, Concurrency},
    emit, matrix,
    model::{Job, Workflow},
    scopes, typed,
    yaml::{Node, Yaml},
};

/// Minutes that a job may take unless it says otherwise.
const DEFAULT_TIMEOUT_MINUTES: f64 = 360.0;
/// Characters of a display name.
const MAX_NAME: usize = 100;

/// How a job ended, as its dependants see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// It succeeded, or failed under `continue-on-error`.
    Success,
    /// It failed.
    Failure,
    /// It was cancelled.
    Cancelled,
    /// It did not run.
    Skipped,
}

impl Conclusion {
    /// The word in `needs.<job>.result`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }
}

/// What exists when a job becomes ready.
#[derive(Clone, Debug, Default)]
pub struct JobContext {
    /// The `github` context.
    pub github: Value,
    /// The `inputs` context.
    pub inputs: Value,
    /// The `vars` context.
    pub vars: Value,
    /// The `needs` context: direct needs only.
    pub needs: Value,
    /// Every transitive ancestor and how it ended.
    pub ancestors: Vec<(String, Conclusion)>,
    /// Whether the run was cancelled.
    pub cancelled: bool,
}

/// What becomes of a ready job.
#[derive(Clone, Debug)]
pub enum Planned {
    /// Its `if:` was false: one skipped job, whatever its matrix.
    Skipped,
    /// What runs, in order of index; at least one.
    Legs(Vec<Leg>),
}

/// One combination of a job's matrix, ready for a runner.
#[derive(Clone, Debug)]
pub struct Leg {
    /// The display name.
    pub name: String,
    /// The labels that a runner must have, all of them.
    pub labels: Vec<String>,
    /// The `matrix` context; null without a matrix.
    pub matrix: Value,
    /// 0-based position among the legs.
    pub index: usize,
    /// How many legs there are.
    pub total: usize,
    /// Minutes that the job may take.
    pub timeout_minutes: f64,
    /// Whether a failure does not fail the run.
    pub continue_on_error: bool,
    /// Whether the other legs are cancelled when this one fails.
    pub fail_fast: bool,
    /// How many legs may run at once.
    pub max_parallel: usize,
    /// The group it must be the only one of.
    pub concurrency: Option<Concurrency>,
    /// The workflow text that the runner gets.
    pub payload: String,
}

/// Judges `if:`, expands the matrix and evaluates what each leg needs. The diagnostic's place is in the workflow file.
/// Cost: linear in the legs times the job's size.
pub fn plan_job(workflow: &Workflow, job: &Job, context: &JobContext) -> Result<Planned, Diagnostic> {
    let world = World { context, leg: None };
    if !runs(job, &world)? {
        return Ok(Planned::Skipped);
    }
    let strategy = job.node.get("strategy");
    let fail_fast = match strategy.and_then(|node| node.get("fail-fast")) {
        Some(node) => boolean(node, &scopes::strategy(), &world)?,
        None => true,
    };
    let legs = match strategy.and_then(|node| node.get("matrix")) {
        None => vec![(Value::Null, Vec::new())],
        Some(node) => {
            let value = typed::evaluate(node, &scopes::strategy(), &world)?;
            matrix::expand(&value)
                .map_err(|message| Diagnostic::error("matrix", node.span, message))?
                .into_iter()
                .map(|combination| (combination.values, combination.named))
                .collect()
        }
    };
    let total = legs.len();
    let max_parallel = match strategy.and_then(|node| node.get("max-parallel")) {
        Some(node) => (number(node, &scopes::strategy(), &world)? as usize).clamp(1, total.max(1)),
        None => total,
    };
    if total == 0 {
        let span = strategy.map_or(job.node.span, |node| node.span);
        return Err(Diagnostic::error("matrix", span, "The matrix excludes all of its combinations"));
    }
    let legs: Result<Vec<Leg>, Diagnostic> = legs
        .into_iter()
        .enumerate()
        .map(|(index, (values, named))| {
            let leg = LegContext { matrix: values, index, total, fail_fast, max_parallel };
            plan_leg(workflow, job, leg, &named, context)
        })
        .collect();
    Ok(Planned::Legs(legs?))
}

/// The group of a run: `concurrency:` of the workflow evaluated, if there is one.
pub fn run_concurrency(workflow: &Workflow, context: &JobContext) -> Result<Option<Concurrency>, Diagnostic> {
    let Some(node) = workflow.root.get("concurrency") else { return Ok(None) };
    concurrency::evaluate(node, &scopes::run_name(), &World { context, leg: None }).map(Some)
}

/// The title of a run: `run-name:` evaluated, if there is one and it says something.
pub fn run_name(workflow: &Workflow, context: &JobContext) -> Result<Option<String>, Diagnostic> {
    let Some(node) = workflow.root.get("run-name") else { return Ok(None) };
    let text = typed::text(node, &scopes::run_name(), &World { context, leg: None })?;
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}

fn runs(job: &Job, world: &World<'_>) -> Result<bool, Diagnostic> {
    let node = job.node.get("if");
    let text = node.and_then(Node::scalar_text).unwrap_or_default();
    let refuse =
        |message: String| Diagnostic::error("expression", node.map_or(job.node.span, |node| node.span), message);
    Condition::parse(&text, &scopes::job_condition())
        .map_err(|error| refuse(error.to_string()))?
        .holds(world)
        .map_err(|error| refuse(error.to_string()))
}

fn plan_leg(
    workflow: &Workflow,
    job: &Job,
    leg: LegContext,
    named: &[Value],
    context: &JobContext,
) -> Result<Leg, Diagnostic> {
    let world = World { context, leg: Some(&leg) };
    let scope = scopes::job_leg();
    let timeout_minutes = match job.node.get("timeout-minutes") {
        Some(node) => number(node, &scope, &world)?,
        None => DEFAULT_TIMEOUT_MINUTES,
    };
    let continue_on_error = match job.node.get("continue-on-error") {
        Some(node) => boolean(node, &scope, &world)?,
        None => false,
    };
    let mut planned = Leg {
        name: leg_name(job, named, &world)?,
        labels: labels(job, &world)?,
        matrix: leg.matrix.clone(),
        index: leg.index,
        total: leg.total,
        timeout_minutes,
        continue_on_error,
        fail_fast: leg.fail_fast,
        max_parallel: leg.max_parallel,
        concurrency: match job.node.get("concurrency") {
            Some(node) => Some(concurrency::evaluate(node, &scope, &world)?),
            None => None,
        },
        payload: String::new(),
    };
    planned.payload = emit::payload(workflow, job, &planned);
    Ok(planned)
}

/// A name without expressions gets the matrix suffix; one with expressions is used as it is.
fn leg_name(job: &Job, named: &[Value], world: &World<'_>) -> Result<String, Diagnostic> {
    let node = job.node.get("name").filter(|node| node.scalar_text().is_some_and(|text| !text.is_empty()));
    let mut name = match node {
        Some(node) => typed::text(node, &scopes::job_leg(), world)?,
        None => job.id.clone(),
    };
    if !node.is_some_and(|node| node.scalar_text().is_some_and(|text| text.contains("${{"))) {
        name.push_str(&matrix::name_suffix(named));
    }
    if name.chars().count() > MAX_NAME {
        name = name.chars().take(MAX_NAME - 3).chain("...".chars()).collect();
    }
    Ok(name)
}

fn labels(job: &Job, world: &World<'_>) -> Result<Vec<String>, Diagnostic> {
    let Some(mut node) = job.node.get("runs-on") else { return Ok(Vec::new()) };
    if let Yaml::Mapping(_) = &node.value {
        let Some(labels) = node.get("labels") else { return Ok(Vec::new()) };
        node = labels;
    }
    let value = typed::evaluate(node, &scopes::job_leg(), world)?;
    let value = match &value {
        Value::Object(object) => object.get("labels").cloned().unwrap_or_default(),
        _ => value,
    };
    let items = match &value {
        Value::Array(items) => items.to_vec(),
        _ => vec![value],
    };
    let texts: Vec<String> = items.iter().map(|item| item.to_text().to_string()).collect();
    if texts.iter().any(String::is_empty) || items.iter().any(|item| !item.is_primitive()) {
        let message = "`runs-on` must give a label or a list of labels";
        return Err(Diagnostic::error("runs-on", node.span, message));
    }
    Ok(texts)
}

fn boolean(node: &Node, scope: &Scope, world: &World<'_>) -> Result<bool, Diagnostic> {
    match typed::evaluate(node, scope, world)? {
        Value::Boolean(b) => Ok(b),
        other => Err(wrong_type(node, &other, "a boolean")),
    }
}

fn number(node: &Node, scope: &Scope, world: &World<'_>) -> Result<f64, Diagnostic> {
    match typed::evaluate(node, scope, world)? {
        Value::Number(n) if n.is_finite() && n > 0.0 => Ok(n),
        other => Err(wrong_type(node, &other, "a number above 0")),
    }
}

fn wrong_type(node: &Node, value: &Value, wanted: &str) -> Diagnostic {
    let message = format!("Unexpected value '{}': {wanted} belongs here", value.to_text());
    Diagnostic::error("unexpected-value", node.span, message)
}

struct LegContext {
    matrix: Value,
    index: usize,
    total: usize,
    fail_fast: bool,
    max_parallel: usize,
}

impl LegContext {
    fn strategy(&self) -> Value {
        Value::object([
            ("fail-fast", Value::Boolean(self.fail_fast)),
            ("job-index", Value::Number(self.index as f64)),
            ("job-total", Value::Number(self.total as f64)),
            ("max-parallel", Value::Number(self.max_parallel as f64)),
        ])
    }
}

/// The environment of expressions at planning time.
struct World<'a> {
    context: &'a JobContext,
    leg: Option<&'a LegContext>,
}

impl World<'_> {
    fn conclusions<'b>(&'b self, names: &'b [Value]) -> impl Iterator<Item = Conclusion> + 'b {
        self.context
            .ancestors
            .iter()
            .filter(|(id, _)| names.is_empty() || names.iter().any(|name| name.to_text().eq_ignore_ascii_case(id)))
            .map(|(_, conclusion)| *conclusion)
    }
}

impl Environment for World<'_> {
    fn context(&self, name: &str) -> Value {
        match name.to_ascii_lowercase().as_str() {
            "github" | "forgejo" | "forge" | "gitea" => self.context.github.clone(),
            "inputs" => self.context.inputs.clone(),
            "vars" => self.context.vars.clone(),
            "needs" => self.context.needs.clone(),
            "matrix" => self.leg.map(|leg| leg.matrix.clone()).unwrap_or_default(),
            "strategy" => self.leg.map(LegContext::strategy).unwrap_or_default(),
            _ => Value::Null,
        }
    }

    fn call(&self, function: &str, arguments: &[Value]) -> Result<Value, EvaluationError> {
        let answer = match function.to_ascii_lowercase().as_str() {
            "always" => true,
            "cancelled" => self.context.cancelled,
            "success" => {
                !self.context.cancelled && self.conclusions(arguments).all(|result| result == Conclusion::Success)
            }
            "failure" => self.conclusions(arguments).any(|result| result == Conclusion::Failure),
            other => return Err(EvaluationError::Refused(format!("The function '{other}' does not exist here"))),
        };
        Ok(Value::Boolean(answer))
    }
}
