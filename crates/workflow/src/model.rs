//! A workflow that has been checked.

use indexmap::IndexMap;

use crate::{dispatch::Input, filter::Pattern, yaml::Node};

/// One workflow file without errors.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// The `name:`, if there is one.
    pub name: Option<String>,
    /// What starts it, in source order.
    pub triggers: Vec<Trigger>,
    /// Jobs by id, in source order.
    pub jobs: IndexMap<String, Job>,
    /// The whole file.
    pub(crate) root: Node,
}

/// One event that starts a workflow.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// The event's name.
    pub event: String,
    /// The filters of a push or a pull request.
    pub filter: RefFilter,
    /// Activity types; `None`: the event's usual ones.
    pub types: Option<Vec<String>>,
    /// Declared inputs of a dispatch, in source order.
    pub inputs: Vec<Input>,
}

/// The filters under `on.push` or `on.pull_request`, whose branches are those that are merged into. An absent list is
/// `None`.
#[derive(Clone, Debug, Default)]
pub struct RefFilter {
    /// `branches`.
    pub branches: Option<Vec<Pattern>>,
    /// `branches-ignore`.
    pub branches_ignore: Option<Vec<Pattern>>,
    /// `tags`.
    pub tags: Option<Vec<Pattern>>,
    /// `tags-ignore`.
    pub tags_ignore: Option<Vec<Pattern>>,
    /// `paths`.
    pub paths: Option<Vec<Pattern>>,
    /// `paths-ignore`.
    pub paths_ignore: Option<Vec<Pattern>>,
}

/// One job as written: its matrix is expanded when it becomes ready.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its key under `jobs:`.
    pub id: String,
    /// The ids of the jobs it waits for, as those jobs spell them.
    pub needs: Vec<String>,
    /// Its steps in order.
    pub steps: Vec<Step>,
    /// The whole job.
    pub(crate) node: Node,
}

impl Job {
    /// Its `if:` as written.
    pub fn condition(&self) -> Option<String> {
        self.node.get("if").and_then(Node::scalar_text).filter(|text| !text.trim().is_empty())
    }
}

/// One step, as far as a plan needs to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The explicit id, or a generated one that starts with `__`.
    pub id: String,
    /// The `name:` as written, or `Run …`.
    pub name: String,
}

impl Workflow {
    /// The inputs that a dispatch takes; `None` if the workflow cannot be dispatched.
    pub fn dispatch_inputs(&self) -> Option<&[Input]> {
        let trigger = self.triggers.iter().find(|trigger| trigger.event == "workflow_dispatch")?;
        Some(&trigger.inputs)
    }
}
