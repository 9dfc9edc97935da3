//! A workflow that has been checked.

use indexmap::IndexMap;

use crate::{filter::Pattern, yaml::Node};

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
    /// The filters of a push.
    pub push: PushFilter,
    /// Declared inputs of a dispatch: name → its definition.
    pub inputs: IndexMap<String, Node>,
}

/// The filters under `on.push`. An absent list is `None`.
#[derive(Clone, Debug, Default)]
pub struct PushFilter {
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

/// One step, as far as a plan needs to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The explicit id, or a generated one that starts with `__`.
    pub id: String,
    /// The `name:` as written, or `Run …`.
    pub name: String,
}
