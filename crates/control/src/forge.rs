//! What the control plane asks of a forge.

use std::sync::Arc;

use crate::use_cases::{EventFacts, WorkflowFile};

/// A repository's home. Every call may block: it is made on a thread that may.
pub trait Forge: std::fmt::Debug + Send + Sync {
    /// Name of the repository, `owner/name`.
    fn repository(&self) -> &str;

    /// Branches and tags, full names, the default branch first. The error is for people.
    fn refs(&self) -> Result<Vec<String>, String>;

    /// The facts of an event at the tip of a ref, and the workflow files there. The error is for people.
    fn at_ref(&self, event: &str, ref_name: &str) -> Result<(EventFacts, Vec<WorkflowFile>), String>;
}

/// A forge, shared.
pub type SharedForge = Arc<dyn Forge>;
