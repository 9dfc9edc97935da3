//! `windlass expr`, as scripts drive it.

use serde_json::{Value, json};
use windlass_testkit::Repo;

use crate::windlass;

fn ask(arguments: &[&str]) -> (i32, Value) {
    let folder = Repo::without_git();
    folder.write("context.json", r#"{"github":{"Ref":"refs/heads/main","n":1.5},"list":[{"a":1},{"a":"x"},{}]}"#);
    let ended = windlass().run(&folder.path(), &[&["expr"], arguments].concat());
    (ended.code, serde_json::from_str(&ended.stdout).expect("JSON"))
}

#[test]
fn answers() {
    for (expression, kind, value) in [
        ("1 == '1' && !false", "Boolean", json!(true)),
        ("github.REF", "String", json!("refs/heads/main")),
        ("list.*.a", "Array", json!([1, "x"])),
        ("github", "Object", json!({"Ref": "refs/heads/main", "n": 1.5})),
        ("", "Null", json!(null)),
        ("Infinity", "Number", json!("Infinity")),
        ("-0", "Number", json!(0)),
        ("format('{0}-{{}}', 'a')", "String", json!("a-{}")),
        ("case(false, 1, true, 2, 3)", "Number", json!(2)),
    ] {
        assert_eq!(
            ask(&["--context", "context.json", "--", expression]),
            (0, json!({"kind": kind, "value": value})),
            "{expression}"
        );
    }
}

#[test]
fn errors_with_their_place() {
    let (code, answer) = ask(&["a && )"]);
    assert_eq!(code, 1);
    let error = &answer["error"];
    // The unknown name comes first.
    assert_eq!(error["message"], "Unrecognized named-value: 'a'. Located at position 1 within expression: a && )");
    let (_, answer) = ask(&["true && )"]);
    assert_eq!(
        answer["error"],
        json!({"phase": "lexing", "message": "Unexpected symbol: ')'. Located at position 9 within expression: true && )", "position": 9})
    );
    let (_, answer) = ask(&["fromJSON('{')"]);
    assert_eq!(answer["error"]["phase"], "evaluation");
    assert_eq!(answer["error"]["position"], Value::Null);
}

#[test]
fn a_batch_is_answered_line_by_line() {
    let folder = Repo::without_git();
    let deep = "(".repeat(10_000);
    let input = format!(
        "{}\n{}\nnonsense\n{}\n{}\n",
        json!({"expr": "a.b", "contexts": {"a": {"B": [1]}}}),
        json!({"expr": "1 +"}),
        json!({"expr": deep}),
        json!({"expr": format!("{}true", "!".repeat(60))}),
    );
    let ended = windlass().run_with_input(&folder.path(), &["expr", "--batch"], &input);
    assert_eq!(ended.code, 0);
    let answers = ended.events();
    assert_eq!(answers.len(), 5);
    assert_eq!(answers[0], json!({"kind": "Array", "value": [1]}));
    assert_eq!(answers[1]["error"]["phase"], "lexing");
    assert_eq!(answers[2]["error"]["phase"], "input");
    assert!(
        answers[3]["error"]["message"].as_str().expect("a message").starts_with("Unexpected end of expression: '('")
    );
    assert_eq!(answers[4]["error"]["message"], "Exceeded max expression depth 50");
}
