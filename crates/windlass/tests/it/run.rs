//! `windlass run` as a whole.

use windlass_testkit::Repo;

use crate::windlass;

const TWO: &str = "
name: two
on: [push, workflow_dispatch]
jobs:
  build:
    runs-on: ubuntu-latest
    outputs: {v: '${{ steps.s.outputs.v }}'}
    steps:
      - uses: actions/checkout@v4
      - {id: s, run: 'cat file; echo v=7 >> $GITHUB_OUTPUT'}
  test:
    needs: build
    strategy: {matrix: {n: [1, 2]}}
    runs-on: [self-hosted, Linux]
    steps: [{id: t, run: 'echo ${{ matrix.n }} ${{ needs.build.outputs.v }}'}]
";

#[test]
fn uncommitted_changes_are_included() {
    let repo = Repo::with_workflow(TWO);
    repo.write("file", "uncommitted\n");
    let ended = windlass().run(&repo.path(), &["run", "--json"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert_eq!(ended.lines_of("s"), ["uncommitted"]);
    let mut lines = ended.lines_of("t");
    lines.sort();
    assert_eq!(lines, ["1 7", "2 7"]);
    // Legs may end in any order; how many of each kind there are, and what comes last, is fixed.
    let events = ended.events();
    let count = |kind: &str| events.iter().filter(|event| event["t"] == kind).count();
    assert_eq!((count("step"), count("job"), count("run")), (4, 3, 1));
    let last = events.last().expect("an event");
    assert_eq!((&last["t"], &last["workflow"], &last["result"]), (&"run".into(), &"two".into(), &"success".into()));
}

#[test]
fn a_job_with_what_it_needs() {
    let repo = Repo::with_workflow(TWO);
    repo.write("file", "x\n");
    let ended = windlass().run(&repo.path(), &["run", "--json", "-j", "BUILD", "workflow_dispatch"]);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    let jobs: Vec<_> = ended.events().into_iter().filter(|event| event["t"] == "job").collect();
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0]["job"], "build");
}

#[test]
fn several_workflows_and_the_worst_exit_code() {
    let repo = Repo::new();
    repo.write("a/good.yml", "name: good\non: push\njobs: {a: {runs-on: linux, steps: [{run: true}]}}\n");
    repo.write("a/other.yml", "on: release\njobs: {a: {runs-on: linux, steps: [{run: false}]}}\n");
    repo.write("a/action.yml", "name: not a workflow\n");
    repo.write("bad.yml", "name: bad\non: push\njobs: {a: {runs-on: linux, steps: [{run: exit 9}]}}\n");
    let ended = windlass().run(&repo.path(), &["run", "-W", "a", "--json"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    let ended = windlass().run(&repo.path(), &["run", "-W", "a", "-W", "bad.yml"]);
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.contains("success good") && ended.stdout.contains("failure bad"), "{}", ended.stdout);
}

#[test]
fn a_folder_that_is_no_repository_runs_too() {
    let folder = Repo::without_git();
    folder.write(
        ".github/workflows/ci.yml",
        "on: push\njobs: {a: {runs-on: linux, steps: [{id: s, run: 'cat f; echo $GITHUB_REPOSITORY $GITHUB_SHA'}]}}\n",
    );
    folder.write("f", "there\n");
    let ended =
        windlass().run(std::path::Path::new("/"), &["run", "-C", &folder.path().display().to_string(), "--json"]);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert_eq!(ended.lines_of("s"), ["there".to_owned(), format!("local/engine {}", "0".repeat(40))]);
}

#[test]
fn a_job_that_no_runner_here_can_take_fails() {
    let repo = Repo::with_workflow("on: push\njobs: {mac: {runs-on: macos-latest, steps: [{run: true}]}}\n");
    let ended = windlass().run(&repo.path(), &["run"]);
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.contains("no runner has all of the labels macos-latest"), "{}", ended.stdout);
}

#[test]
fn jobs_run_beside_each_other() {
    // Each waits until it has seen the other one.
    let meet = tempfile::tempdir().expect("a folder");
    let meet = meet.path().display();
    let job = |own: &str, other: &str| {
        format!(
            "{{runs-on: linux, steps: [{{run: 'touch {meet}/{own}; until test -e {meet}/{other}; do sleep 0.01; done'}}]}}"
        )
    };
    let workflow = format!("on: push\njobs:\n  a: {}\n  b: {}\n", job("a", "b"), job("b", "a"));
    let repo = Repo::with_workflow(&workflow);
    let ended = windlass().run(&repo.path(), &["run", "--parallel", "2"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
}

#[test]
fn no_more_jobs_run_at_once_than_allowed() {
    // Each would see the mark of another one.
    let mark = tempfile::tempdir().expect("a folder");
    let mark = mark.path().join("running").display().to_string();
    let workflow = format!(
        "on: push\njobs:\n  a:\n    strategy: {{matrix: {{n: [1, 2, 3]}}}}\n    runs-on: linux\n    steps: [{{run: 'mkdir {mark}; sleep 0.1; rmdir {mark}'}}]\n"
    );
    let repo = Repo::with_workflow(&workflow);
    let ended = windlass().run(&repo.path(), &["run", "--parallel", "1"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
}

#[test]
fn ctrl_c_cancels_and_leaves_nothing_behind() {
    let marker = format!("windlass-ctrl-c-{}", std::process::id());
    let repo = Repo::with_workflow(&format!(
        "on: push\njobs:\n  long:\n    runs-on: linux\n    steps:\n      - run: |\n          echo ready\n          bash -c 'exec -a {marker} sleep 300'\n      - {{if: always(), run: echo tidied up}}\n"
    ));
    let mut run = windlass().start(&repo.path(), &["run"]);
    run.says(|line| line.ends_with("  ready"));
    run.signal("INT");
    run.says(|line| line.ends_with("tidied up"));
    run.says(|line| line == "cancelled .forgejo/workflows/ci.yml");
    assert_eq!(run.ends(), 1);
    let left = std::process::Command::new("pgrep").args(["-f", &format!("^{marker}")]).output().expect("pgrep runs");
    assert!(left.stdout.is_empty(), "{}", String::from_utf8_lossy(&left.stdout));
}

#[test]
fn the_processes_of_a_killed_run_die_with_it() {
    let marker = format!("windlass-killed-{}", std::process::id());
    let repo = Repo::with_workflow(&format!(
        "on: push\njobs:\n  long:\n    runs-on: linux\n    steps:\n      - run: |\n          setsid bash -c 'exec -a {marker} sleep 300' &\n          echo ready\n          sleep 300\n"
    ));
    let mut run = windlass().start(&repo.path(), &["run"]);
    run.says(|line| line.ends_with("  ready"));
    run.signal("KILL");
    run.ends();
    wait_until_gone(&marker);
}

#[test]
fn the_processes_of_a_killed_guard_are_ended() {
    let marker = format!("windlass-guardless-{}", std::process::id());
    let repo = Repo::with_workflow(&format!(
        "on: push\njobs:\n  long:\n    runs-on: linux\n    steps:\n      - run: |\n          setsid bash -c 'exec -a {marker} sleep 300' &\n          echo ready\n          sleep 300\n"
    ));
    let mut run = windlass().start(&repo.path(), &["run"]);
    run.says(|line| line.ends_with("  ready"));
    let parent = run.pid().to_string();
    let guards = std::process::Command::new("pkill").args(["-KILL", "-P", &parent, "-f", "__guard"]).status();
    assert!(guards.expect("pkill runs").success(), "there was a guard");
    run.says(|line| line.contains("the guard process was killed"));
    assert_eq!(run.ends(), 1);
    wait_until_gone(&marker);
}

/// Waits for a fact, with a limit that only a failure reaches.
pub(crate) fn wait_until_gone(marker: &str) {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        let left =
            std::process::Command::new("pgrep").args(["-f", &format!("^{marker}")]).output().expect("pgrep runs");
        if left.stdout.is_empty() {
            return;
        }
        assert!(std::time::Instant::now() < until, "it still lives");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
