//! What may be asked: one verb, one file.

mod append_log;
mod cancel_run;
mod claim_task;
mod declare_runner;
mod enlist_runner;
mod fail_unplaceable;
mod give_up_task;
mod report_details;
mod report_task;
mod submit_event;

pub use append_log::append_log;
pub use cancel_run::CancelRun;
pub use claim_task::{Assignment, ClaimTask, Claimed, NeedOutputs};
pub use declare_runner::{AuthenticateRunner, DeclareRunner};
pub use enlist_runner::{EnlistRunner, IssueRegistrationToken};
pub use fail_unplaceable::FailUnplaceable;
pub(crate) use give_up_task::give_up;
pub use report_details::{ReportDetails, StepDetail};
pub use report_task::{MAX_OUTPUT_NAME, MAX_OUTPUT_VALUE, ReportTask, Reported, StepReport};
pub use submit_event::{EventFacts, NewRun, SubmitEvent, WatchedRefs, WorkflowFile, plan_event};
