//! Bad input is normal: each kind is answered with the place and the remedy.

use std::{fs, os::unix::fs::PermissionsExt};

use windlass_testkit::Repo;

use crate::windlass;

/// Runs the workflow and gives what was said about it. It must not have run.
fn refused(workflow: &str) -> String {
    let repo = Repo::with_workflow(workflow);
    let ended = windlass().run(&repo.path(), &["run"]);
    assert_eq!(ended.code, 2, "{}{}", ended.stdout, ended.stderr);
    let json = windlass().run(&repo.path(), &["run", "--json"]);
    assert_eq!(json.code, 2);
    let events = json.events();
    assert_eq!(events.len(), 1, "{}", json.stdout);
    assert_eq!(events[0]["result"], "invalid");
    format!("{}{}", ended.stdout, ended.stderr)
}

#[test]
fn no_repository() {
    let folder = Repo::without_git();
    let ended = windlass().run(&folder.path(), &["up", "--state-dir", "../state"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("is not in a git repository: run `git init`"), "{}", ended.stderr);
    let ended = windlass().run(&folder.path(), &["up", "/does/not/exist"]);
    assert!(ended.stderr.contains("/does/not/exist is not a folder"), "{}", ended.stderr);
}

#[test]
fn no_workflow_folder() {
    let repo = Repo::new();
    let ended = windlass().run(&repo.path(), &["run"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.contains("has no workflow folder: put a workflow into .forgejo/workflows"),
        "{}",
        ended.stderr
    );
    let ended = windlass().run(&repo.path(), &["run", "-W", "nowhere.yml"]);
    assert!(ended.stderr.contains("nowhere.yml does not exist"), "{}", ended.stderr);
}

#[test]
fn no_workflow_for_the_event() {
    let repo = Repo::with_workflow("on: push\njobs: {a: {runs-on: linux, steps: [{run: true}]}}\n");
    let ended = windlass().run(&repo.path(), &["run", "release"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("names the event `release`"), "{}", ended.stderr);
    let ended = windlass().run(&repo.path(), &["run", "-j", "b"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("there is no job 'b': the workflows have a"), "{}", ended.stderr);
}

#[test]
fn invalid_yaml() {
    let said = refused("on: push\njobs:\n  a: [\n");
    assert!(said.contains("ci.yml:4:1: error: This is not valid YAML"), "{said}");
}

#[test]
fn an_unknown_key() {
    let said = refused("on: push\njobs:\n  a:\n    runs-on: linux\n    stpes: []\n");
    assert!(said.contains("ci.yml:5:5: error: Unexpected value 'stpes'"), "{said}");
}

#[test]
fn a_key_that_is_not_supported_yet() {
    let said = refused("on: push\njobs:\n  a:\n    runs-on: linux\n    container: debian\n    steps: [{run: true}]\n");
    assert!(said.contains("ci.yml:5:5: error: `container` is not supported yet"), "{said}");
}

#[test]
fn a_cycle_of_needs() {
    let said = refused(
        "on: push\njobs:\n  first: {runs-on: linux, steps: []}\n  a: {runs-on: linux, needs: [first, b], steps: []}\n  b: {runs-on: linux, needs: a, steps: []}\n",
    );
    assert!(said.contains("Job 'a' depends on job 'b' which creates a cycle in the dependency graph."), "{said}");
    assert!(said.contains("ci.yml:4:"), "{said}");
}

#[test]
fn an_expression_error() {
    let said = refused("on: push\njobs:\n  a:\n    runs-on: linux\n    steps:\n      - run: echo ${{ github. }}\n");
    assert!(said.contains("ci.yml:6:14: error: Unexpected end of expression: '.'"), "{said}");
    let said = refused("on: push\njobs:\n  a:\n    if: matrix.x\n    runs-on: linux\n    steps: []\n");
    assert!(said.contains("ci.yml:4:9: error: Unrecognized named-value: 'matrix'"), "{said}");
}

#[test]
fn a_first_job_that_cannot_be_planned() {
    let said = refused("on: push\njobs:\n  a:\n    runs-on: ${{ vars.none }}\n    steps: []\n");
    assert!(said.contains("ci.yml:4:14: error: `runs-on` must give a label or a list of labels"), "{said}");
}

#[test]
fn a_workflow_over_one_mebibyte() {
    let said =
        refused(&format!("on: push\njobs:\n  a:\n    runs-on: linux\n    steps: []\n# {}\n", "x".repeat(1024 * 1024)));
    assert!(said.contains("The maximum file size of 1048576 characters has been exceeded"), "{said}");
}

#[test]
fn a_matrix_over_256_legs() {
    let axis: Vec<String> = (0..17).map(|n| n.to_string()).collect();
    let axis = axis.join(",");
    let said = refused(&format!(
        "on: push\njobs:\n  a:\n    runs-on: linux\n    strategy: {{matrix: {{x: [{axis}], y: [{axis}]}}}}\n    steps: []\n"
    ));
    assert!(said.contains("The matrix has 289 combinations; at most 256 are allowed"), "{said}");
    assert!(said.contains("ci.yml:5:"), "{said}");
}

#[test]
fn all_errors_of_a_file_at_once() {
    let said =
        refused("on: pusch\njobs:\n  a:\n    runs-on: linux\n    steps:\n      - rnu: x\n      - uses: nothing\n");
    for expected in
        ["1:5: error: Unexpected value 'pusch'", "6:9: error: Unexpected value 'rnu'", "7:15: error: Expected format"]
    {
        assert!(said.contains(expected), "{expected} in {said}");
    }
}

#[test]
fn a_busy_port() {
    let repo = Repo::with_workflow("on: push\njobs: {a: {runs-on: linux, steps: [{run: true}]}}\n");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let state = repo.state().display().to_string();
    let ended = windlass().run(&repo.path(), &["up", "--port", &port, "--state-dir", &state]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains(&format!("port {port} on 127.0.0.1 cannot be used")), "{}", ended.stderr);
    assert!(ended.stderr.contains("--port"), "{}", ended.stderr);
}

#[test]
fn a_state_folder_that_cannot_be_used() {
    let repo = Repo::with_workflow("on: push\njobs: {a: {runs-on: linux, steps: [{run: true}]}}\n");
    // A file where a folder belongs stops root too.
    fs::write(repo.state(), "a file").expect("written");
    let state = repo.state().join("below").display().to_string();
    let ended = windlass().run(&repo.path(), &["up", "--state-dir", &state]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("cannot be written to") && ended.stderr.contains("--state-dir"), "{}", ended.stderr);
}

#[test]
fn a_state_folder_of_a_newer_version() {
    let repo = Repo::with_workflow("on: push\njobs: {a: {runs-on: linux, steps: [{run: true}]}}\n");
    fs::create_dir_all(repo.state()).expect("created");
    // The header of an SQLite file holds the version: bytes 60 to 63.
    let mut file = vec![0; 4096];
    file[..16].copy_from_slice(b"SQLite format 3\0");
    file[16..18].copy_from_slice(&4096_u16.to_be_bytes());
    file[18..24].copy_from_slice(&[1, 1, 0, 64, 32, 32]);
    file[28..32].copy_from_slice(&1_u32.to_be_bytes());
    file[44..48].copy_from_slice(&4_u32.to_be_bytes());
    file[56..60].copy_from_slice(&1_u32.to_be_bytes());
    file[60..64].copy_from_slice(&99_u32.to_be_bytes());
    file[100] = 13;
    file[105..107].copy_from_slice(&4096_u16.to_be_bytes());
    fs::write(repo.state().join("windlass.sqlite"), file).expect("written");
    let ended = windlass().run(&repo.path(), &["up", "--state-dir", &repo.state().display().to_string()]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("newer Windlass (schema 99"), "{}", ended.stderr);
}

#[test]
fn secrets_of_the_state_folder_are_for_our_eyes_only() {
    let repo = Repo::with_workflow("on: push\njobs: {a: {runs-on: linux, steps: [{run: true}]}}\n");
    let state = repo.state();
    let up = windlass().start(&repo.path(), &["up", "--state-dir", &state.display().to_string()]);
    up.says(|line| line.contains("?secret="));
    for file in ["key", "server.json", "runner.json"] {
        let mode = fs::metadata(state.join(file)).expect(file).permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
    assert_eq!(fs::metadata(&state).expect("the folder").permissions().mode() & 0o077, 0);
}

#[test]
fn wrong_usage() {
    let repo = Repo::new();
    for arguments in [&["run", "--nonsense"][..], &["nonsense"], &[], &["logs", "x"], &["run", "--parallel", "0"]] {
        let ended = windlass().run(&repo.path(), arguments);
        assert_eq!(ended.code, 64, "{arguments:?}");
        assert!(!ended.stderr.is_empty(), "{arguments:?}");
    }
    assert_eq!(windlass().run(&repo.path(), &["--help"]).code, 0);
}

#[test]
fn no_server_to_ask() {
    let repo = Repo::new();
    let state = repo.state().display().to_string();
    let ended = windlass().run(&repo.path(), &["list", "--state-dir", &state]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("no `windlass up` serves this repository"), "{}", ended.stderr);
}
