//! Bad input to everything that can be asked: never a 5xx, and nothing is lost.

use std::process::Command;

use windlass_testkit::Repo;

use crate::support::Up;

const BUILD: &str = "on: [push, workflow_dispatch]\njobs: {build: {runs-on: ubuntu-latest, steps: [{run: 'echo \"##[error]x\"; seq 1 500; exit 1'}]}}\n";

/// Schemathesis makes requests up from the `OpenAPI` file; `cargo xtask test` installs it and names it in
/// `WINDLASS_TEST_SCHEMATHESIS`.
#[test]
fn requests_made_up_from_the_description() {
    let Ok(program) = std::env::var("WINDLASS_TEST_SCHEMATHESIS") else {
        #[expect(clippy::print_stderr, reason = "a test that could not run says so")]
        {
            eprintln!("skipped: WINDLASS_TEST_SCHEMATHESIS names no `schemathesis`");
        }
        return;
    };
    let repo = Repo::with_workflow(BUILD);
    let up = Up::start(&repo);
    up.waits_for(1, "failure");
    let first = up.json("/api/v1/runs/1/jobs/build")["id"].to_string();
    let log = up.says(&["logs", &format!("1/{first}")]);
    let output = Command::new(program)
        .args(["run", &format!("http://{}/api/v1/openapi.yaml", up.address)])
        .args(["-H", &format!("Authorization: Bearer {}", up.secret)])
        .args([
            "--checks",
            "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        ])
        .args(["--max-examples", "25", "--seed", "1", "--no-color", "--generation-database", "none"])
        .current_dir(repo.path())
        .output()
        .expect("schemathesis runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("17 selected / 17 total"), "every operation was asked: {said}");
    assert_eq!(up.says(&["logs", &format!("1/{first}")]), log, "what was there is there");
}

#[test]
fn forms_that_nobody_would_send() {
    let repo = Repo::with_workflow(BUILD);
    let up = Up::start(&repo);
    up.waits_for(1, "failure");
    let long = format!("jobs={}", "x".repeat(100_000));
    let bodies = [
        "",
        "=",
        "&&&",
        "jobs",
        "jobs=",
        "jobs=all&jobs=failed",
        "%ff=%00",
        "workflow=..%2F..%2Fetc%2Fpasswd",
        "ref=--help",
        "workflow=ci.yml&ref=-x",
        "workflow=ci&ref=refs/heads/main%00",
        "workflow=ci&input.x=1",
        "workflow=ci&input.=1",
        "retry_lost=",
        "retry_lost=-1",
        "retry_lost=1e3",
        "retry_lost=9223372036854775808",
        &long,
    ];
    let paths = [
        "/dispatch",
        "/system/settings",
        "/runs/1/rerun",
        "/runs/1/cancel",
        "/runs/1/jobs/build/rerun",
        "/runs/99999999999999999999/cancel",
        "/runs/-1/rerun",
        "/runs/1/jobs/%00/rerun",
        "/nothing",
    ];
    for path in paths {
        for body in bodies {
            let status = up.post(path, body);
            assert!(!status.contains(" 5"), "{path} {}: {status}", body.chars().take(40).collect::<String>());
        }
    }
    for path in [
        "/?before=x",
        "/?ref=%00",
        "/runs/1?attempt=x",
        "/runs/1/jobs/build?from=-1",
        "/runs/1/jobs/build?line=18446744073709551615",
        "/runs/1/jobs/build?from=18446744073709551615",
        "/live/runs/1/jobs/build/log?from=18446744073709551615",
        "/dispatch?ref=-x",
        "/api/v1/runs/1/jobs/build/log/lines?from=18446744073709551615&limit=18446744073709551615",
    ] {
        let (head, body) = up.get(path);
        assert!(!head.contains(" 5"), "{path}: {head}\n{body}");
    }
    let (_, page) = up.get("/runs/1");
    assert!(page.contains("attempt") && up.get("/system").0.contains("200"));
}
