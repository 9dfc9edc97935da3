//! `windlass plan`: what an event would start, and why not.

use serde_json::{Value, json};
use windlass_testkit::Repo;

use crate::windlass;

fn repo() -> Repo {
    let repo = Repo::new();
    repo.write(
        ".forgejo/workflows/ci.yml",
        "on: {push: {branches: [main], paths: ['src/**']}, pull_request: {branches: [main]}}
jobs:
  build: {runs-on: linux, steps: []}
  test: {needs: build, runs-on: [linux, x64], strategy: {matrix: {v: [1, 2]}}, steps: []}
  ship: {needs: test, if: github.event_name == 'release', runs-on: linux, steps: []}
  more: {needs: build, runs-on: linux, strategy: {matrix: '${{ fromJSON(needs.build.outputs.m) }}'}, steps: []}
",
    );
    repo.write(
        ".forgejo/workflows/nightly.yml",
        "on: {schedule: [{cron: '0 4 * * *'}]}\njobs: {a: {runs-on: linux, steps: []}}\n",
    );
    repo.commit("first");
    repo
}

#[test]
fn a_tree_with_every_reason() {
    let repo = repo();
    let plan = windlass().run(&repo.path(), &["plan"]);
    assert_eq!(plan.code, 0, "{}", plan.stderr);
    assert_eq!(
        plan.stdout,
        "push of refs/heads/main
.forgejo/workflows/ci.yml runs
  ├─ build  [linux]
  ├─ test after build: 2 legs
  │    test (1)  [linux, x64]
  │    test (2)  [linux, x64]
  ├─ ship after test: skipped: its condition `github.event_name == 'release'` does not hold
  └─ more after build: later: it can be planned only when what it needs has given its outputs
.forgejo/workflows/nightly.yml does not run: `on` does not name `push`
"
    );
}

#[test]
fn filters_are_judged() {
    let repo = repo();
    let reason = |arguments: &[&str]| {
        let plan = windlass().run(&repo.path(), &[&["plan", "--json"], arguments].concat());
        let json: Value = serde_json::from_str(&plan.stdout).unwrap_or_else(|_| panic!("{plan:?}"));
        json["workflows"][0]["reason"].clone()
    };
    assert_eq!(reason(&["--ref", "refs/heads/other"]), json!("`other` is not among `branches`"));
    assert_eq!(reason(&["--path", "docs/a"]), json!("no changed path is among `paths`"));
    assert_eq!(reason(&["--path", "src/a"]), Value::Null);
    assert_eq!(reason(&["pull_request"]), Value::Null);
    repo.write("event.json", "{\"action\": \"labeled\"}");
    assert_eq!(reason(&["pull_request", "-e", "event.json"]), json!("`labeled` is not among `types`"));
    assert_eq!(reason(&["release"]), json!("`on` does not name `release`"));
}

#[test]
fn what_cannot_be_planned_is_said() {
    let repo = repo();
    repo.write(".forgejo/workflows/bad.yml", "on: push\njobs: {a: {runs-on: linux, stepz: []}}\n");
    let plan = windlass().run(&repo.path(), &["plan"]);
    assert_eq!(plan.code, 2);
    assert!(plan.stdout.contains("bad.yml cannot run:\n  .forgejo/workflows/bad.yml:2:28: error"), "{}", plan.stdout);
    repo.write("event.json", "[]");
    let plan = windlass().run(&repo.path(), &["plan", "-e", "event.json"]);
    assert!(plan.code == 2 && plan.stderr.contains("payload is a JSON object"), "{}", plan.stderr);
}
