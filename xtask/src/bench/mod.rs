//! `cargo xtask bench`: each figure beside a baseline of the same run, because machines differ and are noisy.

mod footprint;
mod log_view;
mod run_overhead;
mod server;
mod up_latency;

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{cargo, succeed};

/// What a figure may be.
#[derive(Clone, Copy)]
enum Target {
    /// At most so much more than the baseline.
    Over(f64),
    /// At most so much, whatever the baseline is.
    AtMost(f64),
}

/// What was measured.
struct Figure {
    name: &'static str,
    what: &'static str,
    /// `ms`, `KB` or `MB`.
    unit: &'static str,
    measured: f64,
    baseline: f64,
    baseline_is: &'static str,
    target: Target,
}

impl Figure {
    fn over(&self) -> f64 {
        (self.measured - self.baseline).max(0.0)
    }

    fn holds(&self) -> bool {
        match self.target {
            Target::Over(allowed) => self.over() <= allowed,
            Target::AtMost(most) => self.measured <= most,
        }
    }

    fn json(&self) -> Value {
        let round = |value: f64| (value * 100.0).round() / 100.0;
        let (kind, target) = match self.target {
            Target::Over(allowed) => ("over the baseline", allowed),
            Target::AtMost(most) => ("at most", most),
        };
        json!({
            "name": self.name,
            "what": self.what,
            "unit": self.unit,
            "measured": round(self.measured),
            "baseline": round(self.baseline),
            "baseline_is": self.baseline_is,
            "ratio": round(self.measured / self.baseline.max(f64::MIN_POSITIVE)),
            "target": target,
            "target_is": kind,
            "holds": self.holds(),
        })
    }

    fn print(&self) {
        let (measured, baseline, unit) = (self.measured, self.baseline, self.unit);
        let target = match self.target {
            Target::Over(allowed) => format!("{:.1} {unit} over it, {allowed} allowed", self.over()),
            Target::AtMost(most) => format!("{most} {unit} allowed"),
        };
        let verdict = if self.holds() { "holds" } else { "MISSED" };
        println!(
            "{:<20} {measured:>9.2} {unit:<2}  {verdict:<6}  {target}; {} takes {baseline:.2} {unit}  ({})",
            self.name, self.baseline_is, self.what
        );
    }
}

type Bench = fn(&Path) -> Result<Vec<Figure>>;

const BENCHES: [(&str, Bench); 4] = [
    ("run-overhead", run_overhead::measure),
    ("up-latency", up_latency::measure),
    ("log-view", log_view::measure),
    ("footprint", footprint::measure),
];

pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<()> {
    let json = arguments.contains(&"--json");
    let wanted: Vec<&&str> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    if let Some(unknown) = wanted.iter().find(|name| !BENCHES.iter().any(|(known, _)| known == **name)) {
        let known: Vec<&str> = BENCHES.iter().map(|(name, _)| *name).collect();
        bail!("there is no benchmark `{unknown}`: there are {}", known.join(", "));
    }
    succeed(cargo(root).args(["build", "--release", "--quiet", "--package", "windlass"]))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let program = target.join("release/windlass");
    for (name, bench) in BENCHES {
        if !wanted.is_empty() && !wanted.iter().any(|one| **one == name) {
            continue;
        }
        for figure in bench(&program)? {
            if json {
                println!("{}", figure.json());
            } else {
                figure.print();
            }
        }
    }
    Ok(())
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// A folder for one benchmark; gone with the handle.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("windlass-bench-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A repository with one committed workflow.
fn repository(folder: &Path, workflow: &str) -> Result<()> {
    std::fs::create_dir_all(folder.join(".forgejo/workflows"))?;
    std::fs::write(folder.join(".forgejo/workflows/ci.yml"), workflow)?;
    git(folder, &["init", "-q", "-b", "main"])?;
    commit(folder)
}

fn commit(folder: &Path) -> Result<()> {
    git(folder, &["add", "-A"])?;
    git(folder, &["-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-q", "-m", "one"])
}

/// The medians of two works, done in turns so that noise falls on both.
fn interleaved(
    times: usize,
    mut measured: impl FnMut() -> Result<()>,
    mut baseline: impl FnMut() -> Result<()>,
) -> Result<(Duration, Duration)> {
    // The first turn warms caches and is not counted.
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for turn in 0..=times {
        let began = Instant::now();
        measured()?;
        let between = Instant::now();
        baseline()?;
        if turn > 0 {
            left.push(between - began);
            right.push(between.elapsed());
        }
    }
    Ok((median(left), median(right)))
}

fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort();
    durations[durations.len() / 2]
}

fn git(folder: &Path, arguments: &[&str]) -> Result<()> {
    succeed(Command::new("git").args(arguments).current_dir(folder))
}

fn quietly(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{command:?} does not run"))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
