//! `windlass check`: what is wrong with a file, before it is pushed.

use serde_json::{Value, json};
use windlass_testkit::{Finished, Repo};

use crate::windlass;

const WRONG: &str = "on: psuh\njobs:\n  a:\n    runs-on: linux\n    steps:\n      - run: echo ${{ github.foo( }}\n";

fn checked(repo: &Repo, arguments: &[&str]) -> Finished {
    windlass().run(&repo.path(), &[&["check"], arguments].concat())
}

#[test]
fn findings_in_every_form() {
    let repo = Repo::without_git();
    repo.write("ci.yml", WRONG);
    let text = checked(&repo, &["ci.yml", "--as", "there.yml"]);
    assert_eq!(text.code, 1);
    let lines: Vec<&str> = text.stdout.lines().collect();
    assert_eq!(lines[0], "there.yml:1:5: error: Unexpected value 'psuh' [unexpected-value]");
    assert!(lines[1].starts_with("there.yml:6:14: error: ") && lines.len() == 2, "{}", text.stdout);

    let json_form = checked(&repo, &["--format=json", "ci.yml"]);
    let found: Value = serde_json::from_str(&json_form.stdout).expect("JSON");
    let first = json!({"file": "ci.yml", "line": 1, "col": 5, "severity": "error", "code": "unexpected-value", "message": "Unexpected value 'psuh'"});
    assert_eq!((found[0].clone(), json_form.code), (first, 1));

    let pretty = checked(&repo, &["--format", "pretty", "ci.yml"]);
    for said in ["--> ci.yml:1:5", "did you mean `push`?", "^^^^"] {
        assert!(pretty.stdout.contains(said), "{said} in {}", pretty.stdout);
    }
    let sarif = checked(&repo, &["--format", "sarif", "ci.yml"]);
    let sarif: Value = serde_json::from_str(&sarif.stdout).expect("JSON");
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(place, &json!({"startLine": 1, "startColumn": 5, "endLine": 1, "endColumn": 9}));
}

#[test]
fn what_is_right_says_nothing() {
    let repo = Repo::without_git();
    // Containers and called workflows do not run here yet; the file is right all the same.
    repo.write("ci.yml", "on: push\njobs:\n  a: {runs-on: linux, container: debian, steps: [{run: make}]}\n  b: {uses: ./.github/workflows/x.yml, needs: a}\n");
    repo.write("action.yml", "runs: {using: node20, main: x.js}\n");
    for (file, format, said) in [("ci.yml", "json", "[]\n"), ("action.yml", "json", "[]\n"), ("ci.yml", "text", "")] {
        let finished = checked(&repo, &[file, "--format", format]);
        assert_eq!((finished.stdout.as_str(), finished.code), (said, 0), "{file}");
    }
    let as_action = checked(&repo, &["ci.yml", "--as", "x/action.yaml"]);
    assert!(as_action.stdout.contains("Required property is missing: runs"), "{}", as_action.stdout);
}

#[test]
fn a_folder_is_all_of_its_workflows() {
    let repo = Repo::without_git();
    repo.write(".github/workflows/a.yml", WRONG);
    repo.write(".github/workflows/b.yaml", "on: push\njobs: {a: {runs-on: linux, steps: []}}\n");
    let finished = checked(&repo, &["."]);
    assert_eq!(finished.code, 1);
    assert!(finished.stdout.lines().all(|line| line.starts_with(".github/workflows/a.yml:")), "{}", finished.stdout);
}

#[test]
fn what_cannot_be_read_is_said() {
    let repo = Repo::without_git();
    repo.write("binary.yml", [0xff, 0xfe]);
    for (file, said) in
        [("none.yml", "none.yml: No such file"), ("binary.yml", "not UTF-8"), (".", "no workflow folder")]
    {
        let finished = checked(&repo, &[file]);
        assert!(finished.code == 1 && finished.stderr.contains(said), "{finished:?}");
    }
    assert_eq!(checked(&repo, &[]).code, 64);
    assert_eq!(checked(&repo, &["x.yml", "--format", "xml"]).code, 64);
}
