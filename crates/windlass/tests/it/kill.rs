//! `kill -9` at fifty random moments of a running workload: nothing that anybody has seen is lost, and nobody has to act.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use serde_json::Value;
use windlass_testkit::Repo;

use crate::{run::wait_until_gone, support::Up};

const KILLS: u32 = 50;

/// Rows by task, as an independent reader of the live stream wrote them down: row number and text.
type Seen = Arc<Mutex<BTreeMap<i64, BTreeMap<u64, String>>>>;

/// Reads the live stream of a job's log until it breaks off.
fn reads_along(up: &Up<'_>, run: i64, job: &str, task: i64, seen: &Seen, stop: &Arc<AtomicBool>) -> JoinHandle<()> {
    let request = format!(
        "GET /live/runs/{run}/jobs/{job}/log?task={task} HTTP/1.1\r\nHost: {}\r\nCookie: windlass_secret={}\r\n\r\n",
        up.address, up.secret
    );
    let (address, seen, stop) = (up.address.clone(), Arc::clone(seen), Arc::clone(stop));
    std::thread::spawn(move || {
        let Ok(mut stream) = TcpStream::connect(address) else { return };
        let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
        if stream.write_all(request.as_bytes()).is_err() {
            return;
        }
        let mut lines = BufReader::new(stream).lines();
        while !stop.load(Ordering::Relaxed) {
            let Some(Ok(line)) = lines.next() else { return };
            let Some(event) = line.strip_prefix("data: ").and_then(|data| serde_json::from_str::<Value>(data).ok())
            else {
                continue;
            };
            let from = event["from"].as_u64().unwrap_or(0);
            let rows = event["lines"].as_array().cloned().unwrap_or_default();
            let mut seen = seen.lock().expect("the notes");
            let notes = seen.entry(task).or_default();
            for (at, row) in (from..).zip(rows) {
                notes.insert(at, row["h"].as_str().unwrap_or_default().to_owned());
            }
        }
    })
}

/// Repeatable moments: a multiplicative generator.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

fn tasks(up: &Up<'_>) -> Vec<(i64, String, i64)> {
    let mut found = Vec::new();
    for run in up.runs() {
        let number = run["number"].as_i64().expect("a number");
        for job in up.json(&format!("/api/v1/runs/{number}"))["jobs"].as_array().into_iter().flatten() {
            for attempt in job["attempts"].as_array().into_iter().flatten() {
                found.push((number, job["id"].to_string(), attempt["task"].as_i64().expect("a task")));
            }
        }
    }
    found
}

#[test]
fn kill_nine_at_fifty_moments() {
    let marker = format!("windlass-kill-{}", std::process::id());
    let repo = Repo::with_workflow(&format!(
        "on: push\njobs:\n  talk:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          (setsid bash -c 'exec -a {marker} sleep 600' > /dev/null 2>&1 &)\n          for i in $(seq 1 60); do echo row $i; sleep 0.005; done\n      - run: for i in $(seq 61 120); do echo row $i; sleep 0.005; done\n  after: {{needs: talk, if: always(), concurrency: {{group: after, queue: max}}, runs-on: ubuntu-latest, steps: [{{run: echo after}}]}}\n"
    ));
    let seen: Seen = Arc::default();
    let mut moments = Moments(0x5EED);
    let mut readers: Vec<(Arc<AtomicBool>, JoinHandle<()>)> = Vec::new();
    for kill in 0..KILLS {
        let mut up = Up::start(&repo);
        // Half of the time there is fresh work, half of the time what was begun goes on.
        if kill % 2 == 0 {
            repo.commit(&format!("commit {kill}"));
        }
        let until = Instant::now() + Duration::from_millis(60 + moments.next(700));
        let mut read: Vec<i64> = Vec::new();
        while Instant::now() < until {
            for (run, job, task) in tasks(&up).into_iter().take(4) {
                if !read.contains(&task) {
                    read.push(task);
                    let stop = Arc::new(AtomicBool::new(false));
                    let reader = reads_along(&up, run, &job, task, &seen, &stop);
                    readers.push((stop, reader));
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        up.started.signal("KILL");
        up.started.ends();
        for (stop, reader) in readers.drain(..) {
            stop.store(true, Ordering::Relaxed);
            reader.join().expect("a reader");
        }
        wait_until_gone(&marker);
    }

    // Started once more, and left alone: everything comes to its end.
    let up = Up::start(&repo);
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let open: Vec<Value> = up.runs().into_iter().filter(|run| run["finished_at"].is_null()).collect();
        if open.is_empty() {
            break;
        }
        assert!(Instant::now() < patience, "still open: {open:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
    wait_until_gone(&marker);
    judge(&up, &seen.lock().expect("the notes"));
}

/// Every job has one right end, and every stream is gap-free and holds what was seen.
fn judge(up: &Up<'_>, seen: &BTreeMap<i64, BTreeMap<u64, String>>) {
    let (mut ended, mut lost, mut rows_seen) = (0, 0, 0);
    for run in up.json("/api/v1/runs?limit=1000")["runs"].as_array().expect("runs") {
        let number = &run["number"];
        let shown = up.json(&format!("/api/v1/runs/{number}"));
        for job in shown["jobs"].as_array().expect("jobs") {
            let (state, reason) = (job["state"].as_str().unwrap_or_default(), job["reason"].as_str());
            match (state, reason) {
                ("success", None) => ended += 1,
                ("failure", Some("runner lost: its process ended while the job ran")) => lost += 1,
                other => panic!("run {number}: {} is {other:?}", job["name"]),
            }
            let attempts = job["attempts"].as_array().expect("attempts");
            for attempt in attempts {
                let task = attempt["task"].as_i64().expect("a task");
                let id = &job["id"];
                let text = up.get(&format!("/api/v1/runs/{number}/jobs/{id}/log?task={task}")).1;
                let log = unchunked(&text);
                let said: Vec<u32> = log.iter().filter_map(|row| row.strip_prefix("row ")?.parse().ok()).collect();
                assert_eq!(said, (1..=said.len() as u32).collect::<Vec<_>>(), "run {number}: a gap or a repeat");
                if state == "success" && job["key"] == "talk" && attempt == attempts.last().expect("one") {
                    assert_eq!(said.len(), 120, "run {number}: a finished job has everything");
                }
                for (at, text) in seen.get(&task).into_iter().flatten() {
                    rows_seen += 1;
                    let stored = log.get(usize::try_from(*at).expect("small"));
                    if text.starts_with("row ") {
                        assert_eq!(stored, Some(text), "run {number}: row {at} was seen and is not there");
                    } else {
                        assert!(stored.is_some(), "run {number}: row {at} was seen and is not there");
                    }
                }
            }
        }
    }
    assert!(
        ended > 20 && lost > 5 && rows_seen > 500,
        "the workload was hit: {ended} ended, {lost} lost, {rows_seen} seen"
    );
}

/// The lines of a body that came in chunks.
fn unchunked(body: &str) -> Vec<String> {
    let mut text = String::new();
    let mut rest = body;
    while let Some((size, after)) = rest.split_once("\r\n") {
        let Ok(size) = usize::from_str_radix(size, 16) else { break };
        if size == 0 {
            break;
        }
        text.push_str(&after[..size]);
        rest = after[size..].trim_start_matches("\r\n");
    }
    text.lines().map(str::to_owned).collect()
}
