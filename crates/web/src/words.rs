//! What people read: states, times and durations in words.

use windlass_control::{JobRecord, RunRecord, StepRecord};
use windlass_lifecycle::{Timestamp, run, runner::Presence, step};

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

/// The full name of what a person calls a branch.
pub(crate) fn full_ref(name: &str) -> String {
    if name.starts_with("refs/") { name.to_owned() } else { format!("refs/heads/{name}") }
}

/// The word of a runner's presence.
pub(crate) fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Active => "active",
        Presence::Idle => "idle",
        Presence::Offline => "offline",
    }
}

/// A point in time as HTML wants it in `datetime`.
pub(crate) fn machine_time(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| String::new(), |at| at.to_string())
}

/// The state as an icon and a word.
pub(crate) fn badge(state: &str) -> String {
    format!("<span class=\"state {state}\">{}{state}</span>", picture(state))
}

/// The state as an icon; its word is there for who cannot see it.
pub(crate) fn icon(state: &str) -> String {
    format!(
        "<span class=\"state {state}\" title=\"{state}\">{}<span class=\"unseen\">{state}</span></span>",
        picture(state)
    )
}

/// The picture of a state.
pub(crate) fn shape(state: &str) -> &'static str {
    match state {
        "success" => "success",
        "failure" | "invalid" => "failure",
        "cancelled" | "cancelling" => "cancelled",
        "running" => "running",
        "skipped" | "superseded" => "skipped",
        "blocked" | "held" | "pending" => "held",
        _ => "waiting",
    }
}

/// Thousandths as a length of a style sheet.
pub(crate) fn percent(thousandths: i64) -> String {
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

fn picture(state: &str) -> String {
    let shape = shape(state);
    format!("<svg class=\"icon\" aria-hidden=\"true\"><use href=\"/assets/icons.svg#{shape}\"/></svg>")
}

/// A span of time; one without an end goes on, and the page counts it.
pub(crate) fn clock(from: Timestamp, to: Option<Timestamp>, now: Timestamp) -> String {
    let said = duration(from, to.unwrap_or(now));
    match to {
        Some(_) => format!("<span class=\"took\">{said}</span>"),
        None => format!("<span class=\"took\" data-since=\"{}\">{said}</span>", from.0),
    }
}

/// A point in time, said from now; the page keeps it true.
pub(crate) fn when(at: Timestamp, now: Timestamp) -> String {
    let (exact, machine) = (time(at), machine_time(at));
    format!("<time datetime=\"{machine}\" title=\"{exact} UTC\" data-at=\"{}\">{}</time>", at.0, ago(at, now))
}

fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.since(at).as_secs();
    match seconds {
        0..60 => "just now".to_owned(),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

/// What a run is called.
pub(crate) fn run_title(run: &RunRecord) -> String {
    if run.title.is_empty() { run.workflow_path.clone() } else { run.title.clone() }
}

/// At most so many characters.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(std::iter::once('…')).collect()
}

/// One word for the states of several legs: what needs attention first.
pub(crate) fn together(states: &[&'static str]) -> &'static str {
    let order = ["running", "failure", "waiting", "held", "blocked", "cancelled", "success", "skipped"];
    order.into_iter().find(|word| states.contains(word)).unwrap_or("success")
}

/// A value within a query or a path.
pub(crate) fn escaped(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}
