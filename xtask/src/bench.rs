//! `cargo xtask bench`: each figure beside a baseline of the same run, because machines differ and are noisy.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{cargo, succeed};

/// What was measured.
struct Figure {
    name: &'static str,
    what: &'static str,
    measured: Duration,
    baseline: Duration,
    baseline_is: &'static str,
    /// How much more than the baseline it may take.
    allowed: Duration,
}

impl Figure {
    fn over(&self) -> Duration {
        self.measured.saturating_sub(self.baseline)
    }

    fn holds(&self) -> bool {
        self.over() <= self.allowed
    }

    fn json(&self) -> Value {
        let millis = |duration: Duration| (duration.as_secs_f64() * 10_000.0).round() / 10.0;
        json!({
            "name": self.name,
            "what": self.what,
            "measured_ms": millis(self.measured),
            "baseline_ms": millis(self.baseline),
            "baseline": self.baseline_is,
            "ratio": (self.measured.as_secs_f64() / self.baseline.as_secs_f64() * 100.0).round() / 100.0,
            "over_ms": millis(self.over()),
            "allowed_over_ms": millis(self.allowed),
            "holds": self.holds(),
        })
    }
}

pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<()> {
    let json = arguments.contains(&"--json");
    let names: Vec<&&str> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    if let Some(unknown) = names.iter().find(|name| ***name != "run-overhead") {
        bail!("there is no benchmark `{unknown}`: there is run-overhead");
    }
    succeed(cargo(root).args(["build", "--release", "--quiet", "--package", "windlass"]))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let program = target.join("release/windlass");
    let figures = run_overhead(&program)?;
    for figure in &figures {
        let line = figure.json();
        if json {
            println!("{line}");
        } else {
            println!(
                "{:<24} {:>9} ms   {:>9} ms {} · {} ms over it, {} allowed: {}   ({})",
                figure.name,
                line["measured_ms"].to_string(),
                line["baseline_ms"].to_string(),
                figure.baseline_is,
                line["over_ms"],
                line["allowed_over_ms"],
                if figure.holds() { "holds" } else { "MISSED" },
                figure.what,
            );
        }
    }
    Ok(())
}

const THREE_STEPS: &str = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: true\n      - run: true\n      - run: true\n";

/// `windlass run` of three `true` steps against three shells; the same in a large repository against `cp -a` of its files.
fn run_overhead(program: &Path) -> Result<Vec<Figure>> {
    let work = std::env::temp_dir().join(format!("windlass-bench-{}", std::process::id()));
    let (small, large) = (work.join("small"), work.join("large"));
    let script = work.join("script.sh");
    for folder in [&small, &large] {
        fs::create_dir_all(folder.join(".forgejo/workflows"))?;
        fs::write(folder.join(".forgejo/workflows/ci.yml"), THREE_STEPS)?;
    }
    fs::write(&script, "true\n")?;
    // 10,000 files of 20 kB.
    for number in 0..10_000_u32 {
        let folder = large.join(format!("d{:02}", number % 100));
        fs::create_dir_all(&folder)?;
        let line = format!("{number:>19}\n");
        fs::write(folder.join(format!("f{number}")), line.repeat(1_000))?;
    }
    for folder in [&small, &large] {
        git(folder, &["init", "-q", "-b", "main"])?;
        git(folder, &["add", "-A"])?;
        git(folder, &["-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-q", "-m", "one"])?;
    }
    let shells = || -> Result<()> { (0..3).try_for_each(|_| quietly(Command::new("bash").arg("-e").arg(&script))) };
    let copies = work.join("copies");
    let copy = || -> Result<()> {
        fs::create_dir_all(&copies)?;
        for entry in fs::read_dir(&large)? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name != ".git") {
                quietly(Command::new("cp").arg("-a").arg(&path).arg(&copies))?;
            }
        }
        shells()?;
        // `windlass run` removes its copy too.
        Ok(fs::remove_dir_all(&copies)?)
    };
    let windlass = |folder: &Path| quietly(Command::new(program).arg("run").current_dir(folder));
    let (measured, baseline) = interleaved(25, || windlass(&small), shells)?;
    let allowed = Duration::from_millis(60);
    let first = Figure {
        name: "run-overhead",
        what: "windlass run of three `true` steps, median of 25",
        measured,
        baseline,
        baseline_is: "three shells",
        allowed,
    };
    let (measured, baseline) = interleaved(7, || windlass(&large), copy)?;
    let second = Figure {
        name: "run-overhead-large",
        what: "the same in a repository of 10,000 files and 200 MB, median of 7",
        measured,
        baseline,
        baseline_is: "cp -a of the files, three shells, rm",
        allowed,
    };
    fs::remove_dir_all(&work)?;
    Ok(vec![first, second])
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
