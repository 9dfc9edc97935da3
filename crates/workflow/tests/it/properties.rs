//! Whatever the file: an answer, never a panic, and places that lie in the file.

use proptest::prelude::*;
use windlass_workflow::{
    parse,
    plan::{JobContext, plan_job},
};

/// Lines made of the language's own keys, nearly right, which is where the trouble is.
fn files() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "on: push",
        "on: [push, workflow_dispatch]",
        "on:",
        "  push:",
        "    branches: [main, '!x']",
        "    paths-ignore: a",
        "jobs:",
        "  a:",
        "  b:",
        "    runs-on: linux",
        "    runs-on: [a, '${{ matrix.x }}']",
        "    needs: a",
        "    needs: [a, b]",
        "    if: ${{ github.x == 'y' }}",
        "    if: always()",
        "    strategy:",
        "      matrix: {x: [1, 2], include: [{x: 1, y: 2}]}",
        "      matrix: ${{ fromJSON('{}') }}",
        "      fail-fast: ${{ true }}",
        "    env: {A: 1, B: '${{ secrets.X }}'}",
        "    steps:",
        "      - run: echo",
        "      - uses: actions/checkout@v4",
        "        id: x",
        "        if: failure()",
        "        with: {a: b}",
        "      - {run: 'x', shell: bash}",
        "    outputs: {o: '${{ steps.x.outputs.y }}'}",
        "    timeout-minutes: 5",
        "    continue-on-error: ${{ matrix.x == 1 }}",
        "&a",
        "*a",
        "- ",
        "é: ü",
        "\t",
        "  <<: *a",
        "?",
        "'",
    ]);
    prop::collection::vec(line, 0..30).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn any_file_has_an_answer(text in prop_oneof![files(), "(?s).{0,80}"]) {
        match parse(&text) {
            Ok(workflow) => {
                for job in workflow.jobs.values() {
                    let _ = plan_job(&workflow, job, &JobContext::default());
                }
            }
            Err(found) => {
                prop_assert!(!found.is_empty());
                for span in found.iter().filter_map(|diagnostic| diagnostic.span) {
                    prop_assert!(span.start <= span.end && span.end <= text.len());
                    prop_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
                }
            }
        }
    }
}

/// What a leg's payload says must be what the file said: it is read back here as the runner reads it.
#[test]
fn a_payload_is_a_workflow_again() {
    let text = "name: \"a: b\"\non: push\nenv: {A: 1.10, B: yes, C: null, 'D E': \"x\\ty\"}\njobs:\n  build:\n    runs-on: linux\n    strategy: {matrix: {os: [a, {n: [1]}]}}\n    steps:\n      - run: |\n          echo 'é' # not a comment\n          - x: y\n      - {uses: actions/checkout@v4, with: {fetch-depth: 0}}\n";
    let workflow = parse(text).expect("valid");
    let job = &workflow.jobs["build"];
    let Ok(windlass_workflow::plan::Planned::Legs(legs)) = plan_job(&workflow, job, &JobContext::default()) else {
        panic!("two legs")
    };
    assert_eq!(legs.len(), 2);
    for leg in &legs {
        let again = parse(&leg.payload).unwrap_or_else(|found| panic!("{found:?}\n{}", leg.payload));
        assert_eq!(again.name.as_deref(), Some("a: b"));
        assert_eq!(again.jobs["build"].steps, job.steps);
    }
    assert!(legs[0].payload.contains("\"echo 'é' # not a comment\\n- x: y\\n\""), "{}", legs[0].payload);
    assert!(legs[1].payload.contains("\"os\": [{\"n\":[1]}]"), "{}", legs[1].payload);
}
