//! The rules of workflow files as Markdown: prose says the rule, code blocks are the cases.
//!
//! A block marked `workflow` is a file. What follows it is judged against that file: `errors` (each line
//! `LINE:COLUMN: message`, none for a valid file), `push` (each line `REF [PATHS…] => runs` or `=> held: reason`) and `plan` (each
//! line a leg of each job: `name | labels | group`, or `job: skipped`; the word after `plan` says that the run was
//! cancelled). `pull_request` is like `push` with `TYPE BASE [PATHS…]`, `group` the group of the run, and `dispatch` what
//! becomes of given inputs. `check` and `check action` are `errors` of a file that is not meant to run here (each line `NAME=VALUE… => INPUTS` or `=> what is wrong`).

mod properties;

use std::{fmt::Write, fs, path::Path};

use windlass_diagnostic::{Diagnostic, Source};
use windlass_expression::Value;
use windlass_workflow::{
    Concurrency, check, check_action, dispatch, parse,
    plan::{JobContext, Planned, plan_job, run_concurrency},
    trigger::{Happening, Verdict, judge},
};

fn errors(text: &str, found: Vec<Diagnostic>) -> String {
    let source = Source::new("ci.yml", text);
    let mut out = String::new();
    for diagnostic in found {
        let at = source.position(diagnostic.span.map_or(0, |span| span.start));
        let _ = writeln!(out, "{}:{}: {}", at.line, at.column, diagnostic.message);
    }
    out
}

/// Judges each line of a block: what happened stands before the arrow.
fn verdicts(text: &str, cases: &str, event: &str) -> String {
    let workflow = parse(text).expect("a valid workflow");
    let mut out = String::new();
    for case in cases.lines() {
        let happened = case.split(" => ").next().unwrap_or_default();
        let mut words = happened.split_whitespace();
        let action = if event == "push" { "" } else { words.next().unwrap_or_default() };
        let ref_name = words.next().unwrap_or_default();
        let paths: Vec<String> = words.map(str::to_owned).collect();
        let paths = (!paths.is_empty()).then_some(paths.as_slice());
        let verdict = match judge(&workflow, &Happening { event, action, ref_name, paths }) {
            Verdict::Runs => "runs".to_owned(),
            Verdict::Held(reason) => format!("held: {reason}"),
        };
        let _ = writeln!(out, "{happened} => {verdict}");
    }
    out
}

fn dispatched(text: &str, cases: &str) -> String {
    let workflow = parse(text).expect("a valid workflow");
    let declared = workflow.dispatch_inputs().expect("a workflow that can be dispatched");
    let mut out = String::new();
    for case in cases.lines() {
        let typed = case.split(" => ").next().unwrap_or_default();
        let given: Vec<(String, String)> = typed
            .split_whitespace()
            .filter_map(|word| word.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let answer = dispatch::read(declared, &given)
            .map_or_else(|wrong| wrong, |(inputs, _)| serde_json::Value::from(&Value::from(inputs)).to_string());
        let _ = writeln!(out, "{typed} => {answer}");
    }
    out
}

fn group(text: &str) -> String {
    let workflow = parse(text).expect("a valid workflow");
    match run_concurrency(&workflow, &context(false)) {
        Ok(group) => group.map(|group| group.group).unwrap_or_default(),
        Err(diagnostic) => diagnostic.message,
    }
}

fn context(cancelled: bool) -> JobContext {
    let github = Value::object([("event_name", Value::string("push")), ("ref_name", Value::string("main"))]);
    JobContext { github, cancelled, ..JobContext::default() }
}

fn said(group: Option<&Concurrency>) -> String {
    let Some(group) = group else { return String::new() };
    let cancels = if group.cancel_in_progress { ", cancels" } else { "" };
    let queues = if group.queue_all { ", queues" } else { "" };
    format!(" | {}{cancels}{queues}", group.group)
}

fn plan(text: &str, cancelled: bool) -> String {
    let workflow = parse(text).expect("a valid workflow");
    let context = context(cancelled);
    let mut out = String::new();
    for job in workflow.jobs.values() {
        let _ = match plan_job(&workflow, job, &context) {
            Ok(Planned::Skipped) => writeln!(out, "{}: skipped", job.id),
            Ok(Planned::Legs(legs)) => legs.iter().try_for_each(|leg| {
                writeln!(out, "{} | {}{}", leg.name, leg.labels.join(", "), said(leg.concurrency.as_ref()))
            }),
            Err(diagnostic) => writeln!(out, "{}: {}", job.id, diagnostic.message),
        };
    }
    out
}

#[test]
fn every_case_of_every_page() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the pages are there") {
        let path = entry.expect("a page").path();
        let page = fs::read_to_string(&path).expect("a page");
        let mut workflow = String::new();
        for block in page.split("```").skip(1).step_by(2) {
            let (kind, body) = block.split_once('\n').expect("a block has a first line");
            let got = match kind {
                "workflow" => {
                    body.clone_into(&mut workflow);
                    continue;
                }
                "errors" => errors(&workflow, parse(&workflow).err().unwrap_or_default()),
                "check" => errors(&workflow, check(&workflow)),
                "check action" => errors(&workflow, check_action(&workflow)),
                "push" | "pull_request" => verdicts(&workflow, body, kind),
                "dispatch" => dispatched(&workflow, body),
                "group" => group(&workflow),
                "plan" => plan(&workflow, false),
                "plan cancelled" => plan(&workflow, true),
                other => panic!("{}: a block of an unknown kind: {other}", path.display()),
            };
            count += 1;
            if got.trim() != body.trim() {
                let file = path.file_name().expect("a name").to_string_lossy().into_owned();
                wrong.push(format!("{file}, {kind} of\n{workflow}expected\n{body}got\n{got}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} cases:\n\n{}", wrong.len(), wrong.join("\n\n"));
    assert!(count > 25, "only {count} cases were found");
}
