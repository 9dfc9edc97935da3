//! What people ask for, as page, command and REST.

use windlass_testkit::Repo;

use crate::support::Up;

const RELEASE: &str = "name: Release
on:
  workflow_dispatch:
    inputs:
      level: {type: choice, options: [low, high], default: low}
      dry: {type: boolean, default: true}
      note: {required: true}
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: echo \"${{ inputs.level }} ${{ inputs.dry }} ${{ inputs.dry && 'dry' || 'wet' }} ${{ inputs.note }} ${{ github.event.inputs.dry }}\"
";

#[test]
fn a_workflow_is_started_by_hand() {
    let repo = Repo::with_workflow("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: []}}\n");
    repo.write(".forgejo/workflows/release.yml", RELEASE);
    repo.commit("second");
    let up = Up::start(&repo);
    up.waits_for(1, "success");

    let refused = up.windlass(&["dispatch", "release", "-i", "level=mid"]);
    assert_eq!(refused.code, 2);
    for said in ["'level' cannot be 'mid': it takes one of low, high", "'note' is required"] {
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
    }
    let refused = up.windlass(&["dispatch", "ci.yml"]);
    assert!(refused.stderr.contains("`on` does not name `workflow_dispatch`"), "{}", refused.stderr);
    assert!(up.windlass(&["dispatch", "nope"]).stderr.contains("there is .forgejo/workflows/ci.yml"));
    assert!(up.windlass(&["dispatch", "release", "--ref", "nope"]).stderr.contains("no branch or tag 'nope'"));

    assert_eq!(up.says(&["dispatch", "release", "-i", "note=by hand", "-i", "LEVEL=high"]).trim(), "#2");
    up.waits_for(2, "success");
    assert!(up.says(&["logs", "2/a"]).contains("\nhigh true dry by hand true\n"));

    let (_, form) = up.get("/dispatch");
    for field in ["Start Release", "name=\"input.level\"", "<option selected>true</option>", "required"] {
        assert!(form.contains(field), "{field} in {form}");
    }
    let path = "workflow=.forgejo%2Fworkflows%2Frelease.yml&input.note=form&input.dry=false";
    assert!(up.post("/dispatch", path).contains("303"));
    up.waits_for(3, "success");
    assert!(up.says(&["logs", "3/a"]).contains("\nlow false wet form false\n"));
    assert!(up.post("/dispatch", "workflow=release&input.dry=maybe&input.note=x").contains("400"));
}

#[test]
fn what_failed_runs_again() {
    let repo = Repo::with_workflow(
        "on: push\njobs:\n  good: {runs-on: ubuntu-latest, steps: [{run: echo fine}]}\n  flaky:\n    runs-on: ubuntu-latest\n    steps: [{run: 'echo attempt $GITHUB_RUN_ATTEMPT; test $GITHUB_RUN_ATTEMPT != 1'}]\n  after: {needs: flaky, runs-on: ubuntu-latest, steps: [{run: echo after}]}\n",
    );
    let up = Up::start(&repo);
    up.waits_for(1, "failure");
    assert!(up.says(&["why", "1/after"]).contains("of what it needs, 'flaky' (failure) did not succeed"));
    let first = up.json("/api/v1/runs/1/jobs/flaky")["id"].to_string();
    assert_eq!(up.says(&["rerun", "1", "--failed"]).trim(), "#1 attempt 2 running");
    up.waits_for(1, "success");
    assert!(up.says(&["logs", "1/flaky"]).contains("\nattempt 2\n"));
    // What ran before is there, under its own address.
    assert!(up.says(&["logs", &format!("1/{first}")]).contains("\nattempt 1\n"));
    let earlier = up.json("/api/v1/runs/1?attempt=1");
    let states: Vec<&str> =
        earlier["jobs"].as_array().expect("jobs").iter().filter_map(|job| job["state"].as_str()).collect();
    assert_eq!(states, ["success", "failure", "skipped"]);
    assert!(up.get("/runs/1?attempt=1").1.contains("This is an earlier attempt."));
    assert!(up.get("/runs/1?attempt=3").0.contains("404"));
    assert!(up.windlass(&["rerun", "1", "--failed"]).stderr.contains("no job of the run has failed"));
    // The page asks for the same.
    assert!(up.post("/runs/1/jobs/good/rerun", "").contains("303"));
    up.waits_for(1, "success");
    assert_eq!(up.json("/api/v1/runs/1")["attempt"], 3);
    assert!(up.post("/runs/1/rerun", "jobs=some").contains("400"));
    assert!(up.post("/runs/1/rerun", "jobs=all").contains("303"));
}

#[test]
fn runs_are_filtered_and_settings_are_kept() {
    let repo = Repo::with_workflow("name: One\non: push\njobs: {a: {runs-on: ubuntu-latest, steps: []}}\n");
    repo.write(
        ".forgejo/workflows/two.yml",
        "name: Two\non: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: exit 1}]}}\n",
    );
    repo.commit("both");
    let up = Up::start(&repo);
    up.waits_for(1, "success");
    up.waits_for(2, "failure");
    repo.branch_made_at("feature/x", 5);
    up.waits_for(4, "failure");
    let numbers = |arguments: &[&str]| -> Vec<String> {
        let said = up.says(&[&["list"], arguments].concat());
        said.lines().filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
    };
    assert_eq!(numbers(&["--state", "failure"]), ["4", "2"]);
    assert_eq!(numbers(&["--branch", "feature/x", "--workflow", "One"]), ["3"]);
    assert_eq!(numbers(&["--event", "schedule"]), [""; 0]);
    let (_, page) = up.get("/?ref=refs%2Fheads%2Ffeature%2Fx&state=failure");
    assert!(page.contains("/runs/4\"") && !page.contains("/runs/3\"") && !page.contains("/runs/2\""), "{page}");

    assert_eq!(up.json("/api/v1/settings")["retry_lost"], 0);
    assert!(up.post("/system/settings", "retry_lost=99").contains("400"));
    assert!(up.post("/system/settings", "retry_lost=2").contains("303"));
    assert_eq!(up.json("/api/v1/settings")["retry_lost"], 2);
    let (_, system) = up.get("/system");
    assert!(system.contains("value=\"2\"") && system.contains("calls wait"), "{system}");
}

#[test]
fn a_branch_that_is_ahead_is_a_pull_request() {
    let repo = Repo::with_workflow(
        "name: Checks\non: {push: {branches: [main]}, pull_request: {branches: [main]}}\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo $GITHUB_EVENT_NAME $GITHUB_HEAD_REF into $GITHUB_BASE_REF'}]}}\n",
    );
    repo.write(
        ".forgejo/workflows/all.yml",
        "name: All\non: [push, pull_request]\njobs: {a: {runs-on: ubuntu-latest, steps: []}}\n",
    );
    repo.commit("second");
    let up = Up::start(&repo);
    up.waits_for(2, "success");
    repo.branch_made_at("fix", 5);
    up.waits_for(4, "success");
    let runs = up.runs();
    let told: Vec<(&str, &str)> =
        runs.iter().take(2).filter_map(|run| Some((run["workflow"].as_str()?, run["event"].as_str()?))).collect();
    assert_eq!(told, [("Checks", "pull_request"), ("All", "push")], "what the push started is not started twice");
    assert!(up.says(&["logs", "4/a"]).contains("\npull_request fix into main\n"));
    // A branch that main has swallowed asks for nothing.
    repo.git(&["branch", "old", "main"]);
    up.waits_for(5, "success");
    repo.commit("third");
    up.waits_for(7, "success");
    assert!(up.runs().iter().all(|run| run["ref"] != "refs/heads/old" || run["event"] == "push"));
}
