//! `windlass run` of three `true` steps against three shells; the same in a large repository.

use std::{fs, path::Path, process::Command};

use anyhow::Result;

use super::{Figure, Folder, Target, interleaved, millis, quietly, repository};

const THREE_STEPS: &str = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: true\n      - run: true\n      - run: true\n";

/// `windlass run` of three `true` steps against three shells; the same in a large repository against `cp -a` of its files.
pub(super) fn measure(program: &Path) -> Result<Vec<Figure>> {
    let work = Folder::new("overhead")?;
    let (small, large) = (work.0.join("small"), work.0.join("large"));
    let script = work.0.join("script.sh");
    fs::write(&script, "true\n")?;
    // 10,000 files of 20 kB.
    for number in 0..10_000_u32 {
        let folder = large.join(format!("d{:02}", number % 100));
        fs::create_dir_all(&folder)?;
        let line = format!("{number:>19}\n");
        fs::write(folder.join(format!("f{number}")), line.repeat(1_000))?;
    }
    for folder in [&small, &large] {
        repository(folder, THREE_STEPS)?;
    }
    let shells = || -> Result<()> { (0..3).try_for_each(|_| quietly(Command::new("bash").arg("-e").arg(&script))) };
    let copies = work.0.join("copies");
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
    let target = Target::Over(60.0);
    let first = Figure {
        name: "run-overhead",
        what: "windlass run of three `true` steps, median of 25",
        unit: "ms",
        measured: millis(measured),
        baseline: millis(baseline),
        baseline_is: "three shells",
        target,
    };
    let (measured, baseline) = interleaved(7, || windlass(&large), copy)?;
    let second = Figure {
        name: "run-overhead-large",
        what: "the same in a repository of 10,000 files and 200 MB, median of 7",
        unit: "ms",
        measured: millis(measured),
        baseline: millis(baseline),
        baseline_is: "cp -a of the files, three shells, rm",
        target,
    };
    Ok(vec![first, second])
}
