//! What people read: states, times and durations in words.

use windlass_control::{JobRecord, RunRecord, StepRecord};
use windlass_lifecycle::{Timestamp, run, step};

/// The word of a run's state.
pub(crate) fn run_state(run: &RunRecord) -> &'static str {
    match &run.state {
        run::State::Pending => "pending",
        run::State::Active => "running",
        run::State::Cancelling => "cancelling",
        run::State::Finished { outcome, .. } => outcome.as_str(),
    }
}

/// The word of a job's state.
pub(crate) fn job_state(job: &JobRecord) -> &'static str {
    job.state.word()
}

/// The word of a step's state.
pub(crate) fn step_state(step: &StepRecord) -> &'static str {
    match &step.state {
        step::State::Waiting => "waiting",
        step::State::Running { .. } => "running",
        step::State::Finished { conclusion, .. } => conclusion.as_str(),
    }
}

/// How long something took, or has taken so far.
pub(crate) fn duration(from: Timestamp, to: Timestamp) -> String {
    let millis = to.since(from).as_millis();
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{:.1} s", millis as f64 / 1_000.0),
        _ => {
            let seconds = millis / 1_000;
            let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
            if hours > 0 { format!("{hours} h {minutes:02} min") } else { format!("{minutes} min {seconds:02} s") }
        }
    }
}

/// A point in time, UTC.
pub(crate) fn time(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| at.0.to_string(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// A branch or tag without its prefix.
pub(crate) fn short_ref(name: &str) -> &str {
    name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/tags/")).unwrap_or(name)
}

/// The first digits of a commit.
pub(crate) fn short_sha(sha: &str) -> &str {
    sha.get(..10).unwrap_or(sha)
}
