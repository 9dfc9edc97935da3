//! A sealed log of a million lines over HTTP: its end, its middle, a deep link.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use super::{Figure, Folder, Target, median, millis, repository, server::Server};

const FLOOD: &str = "on: push\njobs: {flood: {runs-on: ubuntu-latest, steps: [{run: 'seq -f \"%07g some words as a log line has them\" 1 1000000'}]}}\n";
const TIMES: usize = 51;

pub(super) fn measure(program: &Path) -> Result<Vec<Figure>> {
    let work = Folder::new("log")?;
    let repo = work.0.join("repo");
    repository(&repo, FLOOD)?;
    let server = Server::start(program, &repo, &work.0.join("state"))?;
    server.wait_for_success()?;
    // Sealed logs are packed by the next look of the reconciler.
    std::thread::sleep(Duration::from_secs(12));
    let job = "/runs/1/jobs/flood";
    let text = server.get(&format!("/api/v1{job}/log"))?;
    let lines = text.split(|byte| *byte == b'\n').count() - 1;
    ensure!(lines > 1_000_000, "the log has {lines} lines only");
    let plain = work.0.join("plain.log");
    File::create(&plain)?.write_all(&text)?;
    let offset = |line: usize| {
        let mut ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        if line == 0 { 0 } else { ends.nth(line - 1).unwrap_or(text.len()) }
    };
    let views = [
        (
            "log-view-tail",
            "the last 100 lines",
            format!("/api/v1{job}/log/lines?from={}&limit=100", lines - 100),
            lines - 100,
            100,
        ),
        (
            "log-view-middle",
            "100 lines in the middle",
            format!("/api/v1{job}/log/lines?from={}&limit=100", lines / 2),
            lines / 2,
            100,
        ),
        (
            "log-view-deep-link",
            "the whole page around line 654,321, as it is without a script",
            format!("{job}?line=654321"),
            654_171,
            300,
        ),
    ];
    let mut figures = Vec::new();
    for (name, what, path, from, count) in views {
        let (begins, ends) = (offset(from), offset(from + count));
        let (mut ours, mut theirs, mut size) = (Vec::new(), Vec::new(), 0);
        for turn in 0..=TIMES {
            let began = Instant::now();
            size = server.get(&path)?.len();
            let between = Instant::now();
            let mut file = File::open(&plain)?;
            file.seek(SeekFrom::Start(begins as u64))?;
            let mut range = vec![0; ends - begins];
            file.read_exact(&mut range)?;
            std::hint::black_box(&range);
            if turn > 0 {
                ours.push(between - began);
                theirs.push(between.elapsed());
            }
        }
        let (measured, baseline) = (millis(median(ours)), millis(median(theirs)));
        let baseline_is = "reading the range of a plain file at a known place";
        figures.push(Figure { name, what, unit: "ms", measured, baseline, baseline_is, target: Target::AtMost(50.0) });
        let (measured, baseline) = (size as f64 / 1_000.0, (ends - begins) as f64 / 1_000.0);
        figures.push(Figure { name, what, unit: "KB", measured, baseline, baseline_is, target: Target::AtMost(100.0) });
    }
    Ok(figures)
}
