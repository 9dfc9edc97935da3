//! A step as pages list it.

use windlass_control::StepRecord;
use windlass_lifecycle::{Timestamp, step};

use crate::words;

#[derive(Clone, PartialEq)]
pub(super) struct StepRow {
    pub(super) name: String,
    pub(super) state: &'static str,
    /// Its first row in the task's log.
    pub(super) from: i64,
    /// Its rows in the log.
    pub(super) length: i64,
    pub(super) began: Option<Timestamp>,
    /// `None` too for a step that never began.
    pub(super) finished: Option<Timestamp>,
}

impl From<&StepRecord> for StepRow {
    fn from(record: &StepRecord) -> Self {
        let (began, finished) = match &record.state {
            step::State::Waiting => (None, None),
            step::State::Running { since } => (Some(*since), None),
            step::State::Finished { since, at, .. } => (*since, since.map(|_| *at)),
        };
        Self {
            name: record.name.clone(),
            state: words::step_state(record),
            from: record.log_index,
            length: record.log_length,
            began,
            finished,
        }
    }
}
