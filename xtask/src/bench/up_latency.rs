//! From the moment a ref is updated to the first line of step one on the page's stream.

use std::{
    fs,
    io::BufRead,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use super::{Figure, Folder, Target, median, millis, repository, server::Server};

const HELLO: &str =
    "on: push\njobs: {build: {runs-on: ubuntu-latest, steps: [{run: 'echo hello from $GITHUB_SHA'}]}}\n";
const TIMES: usize = 31;

/// What a person would write who has no CI: looks ten times a second and runs the step.
const LOOP: &str = "old=$(cat .git/refs/heads/main)\nwhile sleep 0.1; do\n  new=$(cat .git/refs/heads/main)\n  [ \"$new\" = \"$old\" ] && continue\n  old=$new\n  rm -rf ../checkout; git clone -q . ../checkout\n  (cd ../checkout && bash -e -c \"echo hello from $new\") >> ../out\ndone\n";

pub(super) fn measure(program: &Path) -> Result<Vec<Figure>> {
    let work = Folder::new("latency")?;
    let (repo, state, out) = (work.0.join("repo"), work.0.join("state"), work.0.join("out"));
    repository(&repo, HELLO)?;
    let server = Server::start(program, &repo, &state)?;
    server.wait_for_success()?;
    fs::write(&out, "")?;
    let _polling = Polling(Command::new("bash").args(["-c", LOOP]).current_dir(&repo).stdin(Stdio::null()).spawn()?);
    std::thread::sleep(Duration::from_millis(500));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for turn in 0..=TIMES {
        let sha = fresh_commit(&repo)?;
        let line = format!("hello from {sha}");
        let moment = repo.join(".git/refs/heads/main.next");
        fs::write(&moment, format!("{sha}\n"))?;
        let began = Instant::now();
        fs::rename(&moment, repo.join(".git/refs/heads/main"))?;
        let shown = std::thread::scope(|scope| {
            let page = scope.spawn(|| on_the_page(&server, turn + 2, &line));
            let file = scope.spawn(|| in_the_file(&out, &line));
            (page.join(), file.join())
        });
        let (Ok(page), Ok(file)) = shown else { bail!("a reader failed") };
        if turn > 0 {
            ours.push(page? - began);
            theirs.push(file? - began);
        }
        // The next one does not meet the end of this one.
        std::thread::sleep(Duration::from_millis(300));
    }
    Ok(vec![Figure {
        name: "up-latency",
        what: "ref updated to the first line of step one on the page's stream, median of 31",
        unit: "ms",
        measured: millis(median(ours)),
        baseline: millis(median(theirs)),
        baseline_is: "a shell loop that looks at the ref ten times a second",
        target: Target::AtMost(150.0),
    }])
}

struct Polling(Child);

impl Drop for Polling {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A commit that no ref names yet.
fn fresh_commit(repo: &Path) -> Result<String> {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=b",
            "-c",
            "user.email=b@example.org",
            "commit-tree",
            "HEAD^{tree}",
            "-p",
            "HEAD",
            "-m",
            "next",
        ])
        .current_dir(repo)
        .output()?;
    let sha = String::from_utf8(output.stdout)?.trim().to_owned();
    (sha.len() == 40).then_some(sha).context("git makes no commit")
}

fn on_the_page(server: &Server, run: usize, line: &str) -> Result<Instant> {
    let path = format!("/live/runs/{run}/jobs/build/log");
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until {
        let Some(stream) = server.open(&path)? else {
            std::thread::sleep(Duration::from_millis(2));
            continue;
        };
        for said in stream.lines() {
            // The script itself stands in the log before what it says.
            if said?.contains(&format!("\"h\":\"{line}\"")) {
                return Ok(Instant::now());
            }
        }
    }
    bail!("the line does not come")
}

fn in_the_file(out: &Path, line: &str) -> Result<Instant> {
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until {
        if fs::read_to_string(out)?.contains(line) {
            return Ok(Instant::now());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    bail!("the loop does not run the step")
}
