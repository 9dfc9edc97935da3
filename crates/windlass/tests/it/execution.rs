//! What a step can do and what becomes of it.

use windlass_testkit::{Finished, Repo};

use crate::windlass;

/// Runs one job of these steps.
fn job(steps: &str) -> Finished {
    job_with("", steps)
}

fn job_with(keys: &str, steps: &str) -> Finished {
    let indent = |text: &str, by: usize| -> String {
        text.trim_matches('\n').lines().map(|line| format!("{:by$}{line}\n", "")).collect()
    };
    let workflow = format!(
        "on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n{}    steps:\n{}",
        indent(keys, 4),
        indent(steps, 6)
    );
    let repo = Repo::with_workflow(&workflow);
    windlass().run(&repo.path(), &["run", "--json"])
}

#[test]
fn shells() {
    let ended = job(r"
- {id: default, run: 'false | true; echo $0 | sed s,.*/,,'}
- {id: bash, shell: bash, continue-on-error: true, run: 'false | true; echo not reached'}
- {id: sh, shell: sh, run: 'echo sh $-'}
- {id: python, shell: 'python3 {0}', run: 'print(1 + 1)'}
- {id: unknown, shell: 'nonsense {0}', continue-on-error: true, run: x}
");
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert_eq!(ended.lines_of("default"), ["script-0.sh"], "no pipefail unless bash is named");
    assert_eq!(ended.lines_of("bash"), ["##[error]Process completed with exit code 1."]);
    assert_eq!(ended.lines_of("sh"), ["sh e"]);
    assert_eq!(ended.lines_of("python"), ["2"]);
    assert_eq!(ended.lines_of("unknown"), ["##[error]nonsense: command not found"]);
}

#[test]
fn environment_files_and_layers() {
    let ended = job_with(
        "env: {A: job, B: 'from ${{ github.event_name }}'}",
        r#"
- id: one
  env: {A: step, C: '${{ env.A }} seen from the step'}
  run: |
    echo "$A|$B|$C"
    echo "A=file" >> "$GITHUB_ENV"
    printf 'D<<E\nline 1\nline 2\nE\n' >> "$GITHUB_ENV"
    echo "NODE_OPTIONS=x" >> "$GITHUB_ENV"
    mkdir bin; printf '#!/bin/sh\necho mine\n' > bin/mine; chmod +x bin/mine
    echo "$PWD/bin" >> "$GITHUB_PATH"
    echo "answer=42" >> "$GITHUB_OUTPUT"
    echo "answer=43" >> "$GITHUB_OUTPUT"
    echo '# Summary' >> "$GITHUB_STEP_SUMMARY"
- {id: two, run: 'echo "$A|$C|$D|${NODE_OPTIONS-unset}"; mine; echo ${{ steps.one.outputs.answer }} ${{ steps.one.conclusion }}'}
- {id: three, env: {A: own}, run: 'echo "$A ${{ env.A }} $GITHUB_JOB $CI $RUNNER_OS ${GITHUB_TOKEN-no token}"'}
"#,
    );
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert_eq!(
        ended.lines_of("one"),
        [
            "step|from push|job seen from the step",
            "##[error]Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command."
        ]
    );
    assert_eq!(ended.lines_of("two"), ["file||line 1", "line 2|unset", "mine", "43 success"]);
    assert_eq!(ended.lines_of("three"), ["own own job true Linux no token"]);
    assert!(ended.events().iter().any(|event| event["t"] == "summary" && event["text"] == "# Summary\n"));
}

#[test]
fn malformed_files_fail_the_step_but_keep_what_stands_before() {
    let ended = job(r#"
- {id: bad, continue-on-error: true, run: 'printf "a=1\nnonsense\nb=2\n" >> "$GITHUB_OUTPUT"'}
- {id: after, run: 'echo "[${{ steps.bad.outputs.a }}${{ steps.bad.outputs.b }}] ${{ steps.bad.outcome }}"'}
"#);
    assert_eq!(
        ended.lines_of("bad"),
        ["##[error]Unable to process file command 'output' successfully.", "##[error]Invalid format 'nonsense'"]
    );
    assert_eq!(ended.lines_of("after"), ["[1] failure"]);
}

#[test]
fn commands_in_the_output() {
    let ended = job(r#"
- id: talk
  run: |
    echo "::add-mask::hunter22"
    echo "the password is hunter22, in base64 $(printf hunter22 | base64)"
    echo "::warning file=a.rs,line=3,title=hm::careful with hunter22"
    echo "::notice::on stderr" >&2
    echo "::group::inner"; echo "::endgroup::"
    echo "::debug::hidden"
    echo "::set-output name=old::way"
    echo "::stop-commands::a-random-token"
    echo "::error::plain"
    echo "::a-random-token::"
- {id: after, run: 'echo ${{ steps.talk.outputs.old }}'}
- {id: disabled, continue-on-error: true, run: 'echo "::set-env name=X::1"'}
"#);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert!(!ended.stdout.contains("hunter22"), "{}", ended.stdout);
    assert_eq!(
        ended.lines_of("talk"),
        [
            "the password is ***, in base64 ***MjI=",
            "##[warning]careful with ***",
            "##[notice]on stderr",
            "##[group]inner",
            "##[endgroup]",
            "::error::plain",
        ]
    );
    assert_eq!(ended.lines_of("after"), ["way"]);
    let annotations: Vec<_> = ended.events().into_iter().filter(|event| event["t"] == "annotation").collect();
    assert_eq!(annotations.len(), 2, "{annotations:?}");
    assert_eq!(
        annotations[0],
        serde_json::json!({"t": "annotation", "job": "job", "step": "talk", "level": "warning", "file": "a.rs",
                           "line": 3, "title": "hm", "message": "careful with ***"})
    );
    assert!(ended.steps().contains(&"disabled: failure/success".to_owned()));
}

#[test]
fn status_functions_and_results() {
    let ended = job(r"
- {id: tolerated, continue-on-error: true, run: exit 3}
- {id: still, run: 'echo ${{ steps.tolerated.outcome }} ${{ steps.tolerated.conclusion }} ${{ job.status }}'}
- {id: breaks, run: exit 4}
- {id: skipped, run: echo no}
- {id: on-failure, if: failure() && steps.breaks.outcome == 'failure', run: 'echo yes ${{ job.status }}'}
- {id: always, if: always(), run: echo always}
- {id: bad, if: 'fromJSON(''{'') == 1 || always()', run: echo no}
");
    assert_eq!(ended.code, 1);
    assert_eq!(
        ended.steps(),
        [
            "tolerated: failure/success",
            "still: success/success",
            "breaks: failure/failure",
            "skipped: skipped/skipped",
            "on-failure: success/success",
            "always: success/success",
            "bad: failure/failure",
        ]
    );
    assert_eq!(ended.lines_of("still"), ["failure success success"]);
    assert_eq!(ended.lines_of("breaks"), ["##[error]Process completed with exit code 4."]);
    assert_eq!(ended.lines_of("on-failure"), ["yes failure"]);
}

#[test]
fn job_outputs_and_their_secrets() {
    let ended = job_with(
        "outputs: {good: '${{ steps.s.outputs.v }}', hidden: '${{ steps.s.outputs.m }}', empty: '${{ steps.s.outputs.none }}'}",
        r#"- {id: s, run: 'echo "::add-mask::verysecret"; echo "v=1" >> $GITHUB_OUTPUT; echo "m=a verysecret" >> $GITHUB_OUTPUT'}"#,
    );
    let job = ended.events().into_iter().find(|event| event["t"] == "job").expect("the job");
    assert_eq!(job["outputs"], serde_json::json!({"good": "1"}));
    assert_eq!(ended.lines_of("__cleanup"), ["##[warning]Skip output 'hidden' since it may contain secret."]);
}

#[test]
fn a_step_that_takes_too_long() {
    let ended =
        job("- {id: slow, timeout-minutes: '${{ fromJSON(''1'') }}', run: echo fine}\n- {id: next, run: echo fine}\n");
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    let ended = job_with(
        "timeout-minutes: 0.01",
        "- {id: slow, run: 'trap \"echo interrupted; exit 7\" INT; sleep 60 & wait'}\n- {id: tidy, if: always(), run: echo tidy}\n",
    );
    assert_eq!(ended.code, 1);
    assert_eq!(ended.steps(), ["slow: cancelled/cancelled", "tidy: success/success"]);
    assert!(ended.lines_of("slow").contains(&"interrupted".to_owned()), "{}", ended.stdout);
}

#[test]
fn long_lines_and_bytes_that_are_no_text() {
    let ended = job(r#"
- {id: long, run: 'head -c 200000 /dev/zero | tr "\0" x; echo; echo end'}
- {id: binary, run: 'printf "a\377\000b\n"; head -c 3000000 /dev/urandom; echo; echo survived'}
- {id: cut, run: 'printf "no newline at the end"'}
"#);
    assert_eq!(ended.code, 0);
    let long = ended.lines_of("long");
    assert_eq!(long.last().map(String::as_str), Some("end"));
    let whole: String = long[..long.len() - 1].concat();
    assert!(whole.len() == 200_000 && whole.bytes().all(|byte| byte == b'x'), "nothing is cut");
    assert!(long.iter().all(|row| row.len() <= 64 * 1024));
    let binary = ended.lines_of("binary");
    assert_eq!(binary[0], "a\\xFF\0b");
    assert_eq!(binary.last().map(String::as_str), Some("survived"));
    assert_eq!(ended.lines_of("cut"), ["no newline at the end"]);
}

#[test]
fn a_daemon_does_not_keep_the_step_and_does_not_outlive_the_job() {
    let marker = format!("windlass-daemon-{}", std::process::id());
    let began = std::time::Instant::now();
    let ended = job(&format!(
        r#"
- {{id: starts, run: '(exec -a {marker} sleep 300) & echo started'}}
- {{id: detached, run: 'setsid bash -c "exec -a {marker}-detached sleep 300" & sleep 0.2'}}
- {{id: floods, run: 'yes "{marker} flood" & echo flooding'}}
- {{id: sees, run: 'pgrep -cf "^{marker}"'}}
"#
    ));
    assert!(began.elapsed().as_secs() < 30, "the daemons kept nobody waiting");
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert_eq!(ended.lines_of("sees"), ["2"], "a daemon lives as long as its job");
    let left = std::process::Command::new("pgrep").args(["-f", &format!("^{marker}")]).output().expect("pgrep runs");
    assert!(left.stdout.is_empty(), "{}", String::from_utf8_lossy(&left.stdout));
}

#[test]
fn actions_that_do_not_run_yet_fail_by_name() {
    let ended = job("- {id: a, run: echo no}\n- {uses: actions/setup-node@v4}\n");
    assert_eq!(ended.code, 1);
    assert_eq!(
        ended.lines_of("__setup")[1..],
        ["##[error]`uses: actions/setup-node@v4` is not supported yet: only actions/checkout and `run` steps are"]
    );
    assert_eq!(ended.steps(), ["a: skipped/skipped", "__actions_setup-node: skipped/skipped"]);
}

#[test]
fn hash_files_and_contexts() {
    let ended = job(r#"
- {id: make, run: 'mkdir -p d; printf a > d/x.lock; printf b > y.lock'}
- {id: hash, run: "echo ${{ hashFiles('**/*.lock') }} ${{ hashFiles('none') }}."}
- {id: where, working-directory: d, run: 'basename "$PWD"; test "$GITHUB_WORKSPACE/d" = "$PWD"; echo ${{ runner.os }} ${{ strategy.job-total }}'}
- {id: missing, working-directory: nowhere, continue-on-error: true, run: echo no}
"#);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    let digest = ended.lines_of("hash")[0].clone();
    assert_eq!(digest.len(), 64 + 2, "{digest}");
    assert_eq!(ended.lines_of("where"), ["d", "Linux 1"]);
    assert!(ended.lines_of("missing")[0].contains("nowhere' does not exist"));
}
