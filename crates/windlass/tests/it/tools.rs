//! The small tools: one question, one answer.

use serde_json::{Value, json};
use windlass_testkit::{Finished, Repo};

use crate::windlass;

fn asked(arguments: &[&str]) -> Finished {
    windlass().run(&std::env::temp_dir(), arguments)
}

fn answer(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout).unwrap_or_else(|_| panic!("{finished:?}"))
}

#[test]
fn a_filter_lets_through_or_not() {
    for (arguments, said) in [
        (&["filter", "--include", "main", "main"][..], "run"),
        (&["filter", "--include", "rel/**", "--include", "!rel/**-a", "rel/1-a"], "skip"),
        (&["filter", "--include=docs/**", "a", "docs/b"], "run"),
        (&["filter", "--ignore", "docs/**", "docs/a", "docs/b"], "skip"),
        (&["filter", "--ignore", "docs/**", "docs/a", "src/b"], "run"),
        (&["filter", "--ignore", "!src/**", "docs/a"], "skip"),
        (&["filter", "main"], "run"),
        (&["filter", "--include", "main"], "run"),
        (&["filter", "--include", "-x", "--", "-x"], "run"),
    ] {
        let finished = asked(arguments);
        assert_eq!((finished.stdout.trim(), finished.code), (said, 0), "{arguments:?}");
    }
    let bad = asked(&["filter", "--include", "[", "x"]);
    assert_eq!((bad.code, bad.stdout.as_str()), (1, ""));
    assert!(bad.stderr.contains("'[' is not closed"), "{}", bad.stderr);
    assert_eq!(asked(&["filter", "--include", "a", "--ignore", "b", "x"]).code, 64);
}

#[test]
fn files_of_a_step_are_read() {
    let repo = Repo::without_git();
    let read = |kind: &str, text: &str| {
        repo.write("file", text);
        let finished = windlass().run(&repo.path(), &["filecmd", "parse", "--kind", kind, "file"]);
        (answer(&finished), finished.code)
    };
    assert_eq!(
        read("output", "\u{feff}b=1\na<<E\nx\ny\nE\nb=2\r\n"),
        (json!({"values": {"b": "2\r", "a": "x\ny"}}), 0)
    );
    assert_eq!(read("env", "a=1\nnope\nb=2\n"), (json!({"values": {"a": "1"}, "error": "Invalid format 'nope'"}), 1));
    let refused = "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.";
    assert_eq!(read("env", "node_options=x\na=1"), (json!({"values": {"a": "1"}, "issues": [refused]}), 0));
    assert_eq!(read("state", "NODE_OPTIONS=x"), (json!({"values": {"NODE_OPTIONS": "x"}}), 0));
    for path in ["missing", "."] {
        let finished = windlass().run(&repo.path(), &["filecmd", "parse", "--kind", "env", path]);
        assert_eq!((answer(&finished), finished.code), (json!({"values": {}}), 0));
    }
    assert_eq!(asked(&["filecmd", "parse", "--kind", "path", "x"]).code, 64);
}

#[test]
fn a_line_is_a_command_or_not() {
    let line = |arguments: &[&str]| {
        let finished = asked(&[&["filecmd", "line"], arguments].concat());
        assert_eq!(finished.code, 0);
        answer(&finished)
    };
    assert_eq!(
        line(&["::Warning file=a%2Cb,line=1,col=::x%250A%0Ay"]),
        json!({"command": "Warning", "properties": {"file": "a,b", "line": "1"}, "data": "x%0A\ny"})
    );
    assert_eq!(line(&["x ##[group]name"]), json!({"command": "group", "properties": {}, "data": "name"}));
    assert_eq!(line(&["::token::"]), Value::Null);
    assert_eq!(line(&["--known", "token", "::token::"]), json!({"command": "token", "properties": {}, "data": ""}));
    assert_eq!(line(&["--", "--x"]), Value::Null);
}

#[test]
fn problems_are_found() {
    let repo = Repo::without_git();
    repo.write("sub/a.c", "");
    repo.write("m.json", r#"{"problemMatcher":[{"owner":"gcc","pattern":[{"regexp":"^(.*):(\\d+): (\\w+) (\\w+) (.*)$","file":1,"line":2,"severity":3,"code":4,"message":5}]}]}"#);
    let lines = "x\nsub/a.c:3: warning W1 odd\nnone.c:4: info W2 odd\n./none.c:5: error E1 bad\n";
    let finished = windlass().run_with_input(&repo.path(), &["matcher", "--config", "m.json"], lines);
    assert_eq!(finished.code, 0);
    assert_eq!(
        answer(&finished),
        json!([
            {"owner": "gcc", "severity": "warning", "message": "odd", "file": "sub/a.c", "line": 3, "code": "W1", "index": 2},
            {"owner": "gcc", "severity": "error", "message": "bad", "file": "./none.c", "line": 5, "code": "E1", "index": 4},
        ])
    );
    let placed = windlass().run_with_input(&repo.path(), &["matcher", "--config", "m.json", "--workspace", "."], lines);
    let files: Vec<Option<String>> = answer(&placed)
        .as_array()
        .expect("issues")
        .iter()
        .map(|issue| issue["file"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(files, [Some("sub/a.c".to_owned()), None]);
    repo.write("m.json", "{}");
    let bad = windlass().run_with_input(&repo.path(), &["matcher", "--config", "m.json"], "");
    assert_eq!(bad.code, 1);
    assert!(answer(&bad)["error"].as_str().is_some_and(|error| error.contains("problemMatcher")));
}

#[test]
fn secrets_are_hidden() {
    let masked = |secrets: &[&str], text: &str| {
        let mut arguments = vec!["mask"];
        for secret in secrets {
            arguments.extend(["--secret", secret]);
        }
        let finished = windlass().run_with_input(&std::env::temp_dir(), &arguments, text);
        assert_eq!(finished.code, 0);
        finished.stdout
    };
    // Of base64 the groups are hidden that hold nothing else.
    assert_eq!(masked(&["hunter22", ""], "a hunter22\r\nb aHVudGVyMjI= c"), "a ***\r\nb ***MjI= c");
    assert_eq!(masked(&["abc", "cde"], "xabcdex abccde"), "x***x ***");
    assert_eq!(masked(&["one\ntwo"], "one\ntwo one two"), "*** *** ***");
    assert_eq!(masked(&[], "plain"), "plain");
}

#[test]
fn files_are_hashed() {
    let repo = Repo::without_git();
    for file in ["a.lock", "sub/b.lock", "sub/c.txt"] {
        repo.write(file, file);
    }
    let hashed = |patterns: &[&str]| {
        let finished = asked(&[&["hashfiles", "-C", &repo.path().display().to_string(), "--"], patterns].concat());
        (answer(&finished), finished.code)
    };
    let (both, code) = hashed(&["**/*.lock"]);
    assert_eq!((both["files"].clone(), code), (json!(["a.lock", "sub/b.lock"]), 0));
    assert_eq!(both["hash"].as_str().map(str::len), Some(64));
    assert_eq!(hashed(&["**", "!**/*.txt"]).0, both);
    assert_eq!(hashed(&["none"]), (json!({"hash": "", "files": []}), 0));
    let (bad, code) = hashed(&["../x"]);
    assert!(code == 1 && bad["error"].as_str().is_some_and(|error| error.contains("'..'")), "{bad}");
    assert_eq!(asked(&["hashfiles", "-C", "."]).code, 64);
}

#[test]
fn a_matcher_annotates_a_run() {
    let repo = Repo::with_workflow(
        "on: push\njobs:\n  a:\n    runs-on: linux\n    steps:\n      - uses: actions/checkout@v4\n      - run: echo ::add-matcher::m.json\n      - run: 'echo \"m.json:3 wrong here\"'\n",
    );
    repo.write("m.json", r#"{"problemMatcher":[{"owner":"x","pattern":[{"regexp":"^([^:]+):(\\d+) (.+)$","file":1,"line":2,"message":3}]}]}"#);
    let finished = windlass().run(&repo.path(), &["run", "--json"]);
    assert_eq!(finished.code, 0, "{}", finished.stderr);
    let events = finished.events();
    let annotation = events.iter().find(|event| event["t"] == "annotation").expect("an annotation");
    assert_eq!(
        (
            annotation["level"].as_str(),
            annotation["file"].as_str(),
            annotation["line"].as_i64(),
            annotation["message"].as_str()
        ),
        (Some("error"), Some("m.json"), Some(3), Some("wrong here"))
    );
}
