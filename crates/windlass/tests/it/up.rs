//! `windlass up`: a commit becomes a run that a person watches.

use windlass_testkit::Repo;

use crate::{run::wait_until_gone, support::Up, windlass};

const QUICK: &str = "on: push\njobs: {build: {runs-on: ubuntu-latest, steps: [{uses: actions/checkout@v4}, {run: 'cat file; git log --oneline'}]}}\n";

#[test]
fn a_commit_becomes_a_run() {
    let repo = Repo::new();
    repo.write("file", "one\n");
    repo.write(".forgejo/workflows/ci.yml", QUICK);
    let first = repo.commit("first");
    let up = Up::start(&repo);
    let run = up.waits_for(1, "success");
    assert_eq!((run["sha"].as_str(), run["title"].as_str()), (Some(first.as_str()), Some("first")));

    repo.write("file", "two\n");
    repo.commit("second");
    // What is not committed is not part of the commit.
    repo.write("file", "three\n");
    up.started.says(|line| line == "#2 .forgejo/workflows/ci.yml for refs/heads/main");
    up.waits_for(2, "success");
    let log = up.windlass(&["logs", "-f", "2/build"]);
    assert!(log.stdout.contains("\ntwo\n") && log.stdout.contains("second"), "{}", log.stdout);

    repo.git(&["tag", "-a", "v1", "-m", "a tag"]);
    up.started.says(|line| line == "#3 .forgejo/workflows/ci.yml for refs/tags/v1");
    repo.git(&["update-ref", "refs/remotes/origin/main", &first]);
    repo.git(&["branch", "other", &first]);
    up.started.says(|line| line == "#4 .forgejo/workflows/ci.yml for refs/heads/other");
    repo.git(&["branch", "-D", "other"]);
    up.waits_for(4, "success");
    assert_eq!(up.runs().len(), 4, "neither a remote-tracking branch nor a deletion starts a run");
}

const ANY_PUSH: &str = "on: push\njobs: {a: {runs-on: linux, steps: [{run: true}]}}\n";

#[test]
fn what_moved_while_it_was_stopped_starts_once() {
    let repo = Repo::with_workflow(ANY_PUSH);
    let mut up = Up::start(&repo);
    up.waits_for(1, "success");
    up.started.signal("TERM");
    assert_eq!(up.started.ends(), 0);
    drop(up);
    repo.commit("second");
    repo.commit("third");
    let up = Up::start(&repo);
    assert_eq!(up.waits_for(2, "success")["title"], "third", "the newest commit of the ref, and only that");
    drop(up);
    let up = Up::start(&repo);
    repo.commit("fourth");
    assert_eq!(up.waits_for(3, "success")["title"], "fourth", "the start itself began nothing");
}

#[test]
fn a_ref_that_cannot_be_read_holds_up_no_other() {
    let repo = Repo::with_workflow(ANY_PUSH);
    let up = Up::start(&repo);
    up.waits_for(1, "success");
    let file = repo.git(&["rev-parse", "HEAD:.forgejo/workflows/ci.yml"]);
    repo.git(&["tag", "a-file-and-no-commit", &file]);
    repo.git(&["tag", "v1"]);
    up.started.says(|line| line == "#2 .forgejo/workflows/ci.yml for refs/tags/v1");
}

#[test]
fn of_many_refs_at_once_the_newest_twenty_start() {
    let repo = Repo::with_workflow(ANY_PUSH);
    let up = Up::start(&repo);
    up.waits_for(1, "success");
    drop(up);
    for number in 0..25 {
        repo.branch_made_at(&format!("branch-{number}"), number);
    }
    let up = Up::start(&repo);
    // The others are listed, newest first.
    for number in (0..5).rev() {
        let listed = format!("refs/heads/branch-{number}: nothing runs: ");
        up.started.says(|line| line.starts_with(&listed) && line.contains("only the newest 20 were started"));
    }
    up.started.says(|line| line.starts_with("#21 "));
    let mut titles: Vec<String> =
        up.runs().iter().map(|run| run["title"].as_str().expect("a title").to_owned()).collect();
    titles.retain(|title| title.starts_with("branch-"));
    titles.sort_by_key(|title| title["branch-".len()..].parse::<u32>().expect("a number"));
    let expected: Vec<String> = (5..25).map(|number| format!("branch-{number}")).collect();
    assert_eq!(titles, expected);
}

#[test]
fn remote_tracking_branches_when_asked_for() {
    let repo = Repo::with_workflow(ANY_PUSH);
    let up = Up::start_with(&repo, &["--watch-remotes", "--labels", "linux,special"]);
    up.waits_for(1, "success");
    repo.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    up.started.says(|line| line == "#2 .forgejo/workflows/ci.yml for refs/remotes/origin/main");
}

#[test]
fn only_who_has_the_secret_may_look() {
    let repo = Repo::with_workflow(ANY_PUSH);
    let up = Up::start(&repo);
    let (host, secret) = (&up.address, &up.secret);
    let status = |head: &str| up.request(head).0.lines().next().expect("a status").to_owned();
    assert!(status(&format!("GET / HTTP/1.1\r\nHost: {host}")).contains("401"));
    assert!(status(&format!("GET /api/v1/runs HTTP/1.1\r\nHost: {host}")).contains("401"));
    assert!(
        status(&format!("GET /live/runs HTTP/1.1\r\nHost: {host}\r\nCookie: windlass_secret=wrong")).contains("401")
    );
    assert!(status(&format!("GET /?secret=wrong HTTP/1.1\r\nHost: {host}")).contains("401"));
    let (head, _) = up.request(&format!("GET /?secret={secret} HTTP/1.1\r\nHost: {host}"));
    assert!(head.contains("303") && head.contains("HttpOnly; SameSite=Strict"), "{head}");
    let with = format!("Cookie: windlass_secret={secret}");
    assert!(status(&format!("GET / HTTP/1.1\r\nHost: evil.example\r\n{with}")).contains("421"));
    assert!(
        status(&format!("GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: http://evil.example\r\n{with}")).contains("403")
    );
    assert!(status(&format!("POST /runs/1/cancel HTTP/1.1\r\nHost: {host}\r\nOrigin: null\r\n{with}")).contains("403"));
    assert!(status(&format!("GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{with}")).contains("200"));
    assert!(status(&format!("POST /api/actions/runner.v1.RunnerService/FetchTask HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}")).contains("401"));
}

#[test]
fn the_pages() {
    let repo = Repo::with_workflow(
        "name: <ci>\non: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - {name: Say <b>, run: 'echo \"<script>\"; echo \"::error file=a.rs,line=2::broken\"'}\n      - run: exit 3\n",
    );
    let up = Up::start(&repo);
    up.waits_for(1, "failure");
    let (head, list) = up.get("/");
    assert!(
        head.contains("200") && list.contains("#1</b>") && list.contains(">first</a>") && list.contains("&#60;ci&#62;"),
        "{list}"
    );
    let (_, run) = up.get("/runs/1");
    for expected in ["Say &#60;b&#62;", "a.rs:2", "broken", "state failure"] {
        assert!(run.contains(expected), "{expected} in {run}");
    }
    let (_, log) = up.get("/runs/1/jobs/build");
    assert!(log.contains("&lt;script&gt;") && !log.contains("<script>\""), "{log}");
    assert!(log.contains("Process completed with exit code 3."), "{log}");
    let (head, body) = up.get("/runs/99");
    assert!(head.contains("404") && body.contains("there is no run 99"), "{body}");
    assert!(up.get("/runs/1/jobs/nope").0.contains("404"));
    assert!(up.get("/runs/x").0.contains("404"));
    let (_, stream) = up.get("/live/runs/1/jobs/build/log?from=0");
    assert!(stream.contains("event: rows") && stream.contains("event: last"), "{stream}");
    let (_, stream) = up.get("/live/runs/1");
    assert!(stream.contains("event: last"), "{stream}");
}

#[test]
fn a_log_is_followed_live_and_a_run_is_cancelled_on_the_page() {
    let repo = Repo::with_workflow(
        "on: push\njobs:\n  long:\n    runs-on: ubuntu-latest\n    steps:\n      - run: for i in $(seq 1 3000); do echo line $i; sleep 0.1; done\n",
    );
    let up = Up::start(&repo);
    up.waits_for(1, "running");
    let state = repo.state().display().to_string();
    let mut follower = windlass().start(&repo.path(), &["logs", "-f", "1/long", "--state-dir", &state]);
    follower.says(|line| line == "line 3");
    let (head, _) = up.request(&format!(
        "POST /runs/1/cancel HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nCookie: windlass_secret={1}\r\nContent-Length: 0",
        up.address, up.secret
    ));
    assert!(head.contains("303"), "{head}");
    follower.says(|line| line == "##[error]The operation was canceled.");
    assert_eq!(follower.ends(), 0);
    up.waits_for(1, "cancelled");
}

#[test]
fn a_store_that_was_thrown_away_is_begun_anew() {
    let repo = Repo::with_workflow(ANY_PUSH);
    drop(Up::start(&repo));
    for file in ["windlass.sqlite", "windlass.sqlite-wal", "windlass.sqlite-shm"] {
        let _ = std::fs::remove_file(repo.state().join(file));
    }
    // The runner's identity is still in the folder; nobody knows it any more.
    Up::start(&repo).waits_for(1, "success");
}

#[test]
fn a_second_up_for_the_same_state_is_refused() {
    let repo = Repo::with_workflow(ANY_PUSH);
    let up = Up::start(&repo);
    let again = up.windlass(&["up"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains(&format!("already served at http://{}", up.address)), "{}", again.stderr);
}

/// Promise one: killed in mid-run and started again, nothing acknowledged is lost and nobody has to act.
#[test]
fn kill_nine_in_mid_run() {
    let marker = format!("windlass-up-{}", std::process::id());
    let repo = Repo::with_workflow(&format!(
        "on: push\njobs:\n  long:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          setsid bash -c 'exec -a {marker} sleep 300' &\n          for i in $(seq 1 100000); do echo line $i; sleep 0.01; done\n"
    ));
    let mut up = Up::start(&repo);
    up.waits_for(1, "running");
    let state = repo.state().display().to_string();
    let follower = windlass().start(&repo.path(), &["logs", "-f", "1/long", "--state-dir", &state]);
    // An independent reader saw these rows: they were acknowledged.
    let mut seen: Vec<String> = Vec::new();
    loop {
        let line = follower.says(|_| true);
        seen.push(line);
        if seen.last().is_some_and(|line| line == "line 40") {
            break;
        }
    }
    up.started.signal("KILL");
    up.started.ends();
    wait_until_gone(&marker);
    drop(up);

    let up = Up::start(&repo);
    up.waits_for(1, "failure");
    let (_, page) = up.get("/runs/1");
    assert!(page.contains("runner lost: its process ended while the job ran"), "{page}");
    let log = up.windlass(&["logs", "1/long"]).stdout;
    let rows: Vec<&str> = log.lines().collect();
    assert_eq!(
        rows[..seen.len()],
        seen.iter().map(String::as_str).collect::<Vec<_>>(),
        "what was seen is there, in its place"
    );
    let numbers: Vec<u32> =
        rows.iter().filter_map(|row| row.strip_prefix("line ").and_then(|number| number.parse().ok())).collect();
    let expected: Vec<u32> = (1..=numbers.len() as u32).collect();
    assert_eq!(numbers, expected, "without a gap or a repeat");
}
