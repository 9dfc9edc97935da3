//! What is kept true whatever dies: each takes no input, may run at any time, and may run twice.

mod expired_leases;
mod unmoved_runs;
mod unsealed_logs;

pub use unmoved_runs::move_runs;
pub use unsealed_logs::{GRACE, seal_ended_logs};

use std::{
    future::Future,
    time::{Duration, Instant},
};

use windlass_lifecycle::Timestamp;

use crate::{core::Core, error::Result, health::KeptTrue, ports::Store};

/// How often everything is looked at.
pub const EVERY: Duration = Duration::from_secs(5);
/// How often what only a bug or a crash can leave behind is looked at.
pub const SELDOM: Duration = Duration::from_mins(1);

/// Looks at everything once. `seldom` says whether that includes what needs it least. What goes wrong is noted in the
/// core's health and looked at again the next time.
pub async fn reconcile<S: Store>(core: &Core<S>, seldom: bool) {
    let lost = "no task is live whose lease has run out";
    note(core, "expired leases", lost, expired_leases::end_expired(core)).await;
    let sealed = "the log of a task that has ended is sealed and packed";
    note(core, "unsealed logs", sealed, seal_ended_logs(core)).await;
    if seldom {
        let moved =
            "what can go on goes on: jobs whose needs have ended, groups that are free, runs whose jobs have ended";
        note(core, "unmoved runs", moved, move_runs(core)).await;
    }
}

async fn note<S: Store>(
    core: &Core<S>,
    name: &'static str,
    truth: &'static str,
    look: impl Future<Output = Result<usize>>,
) {
    let looked: Timestamp = core.now();
    let began = Instant::now();
    let (righted, error) = match look.await {
        Ok(righted) => (righted as u64, None),
        Err(error) => {
            tracing::error!(%error, reconciler = name, "a reconciler failed and looks again later");
            (0, Some(error.to_string()))
        }
    };
    core.health.looked(KeptTrue { name, truth, looked, took: began.elapsed(), righted, error });
}
