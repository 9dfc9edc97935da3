//! A full disk: nothing is handed out, what runs goes on, the page says so, and it is over by itself.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use windlass_testkit::Repo;

use crate::support::Up;

/// A small disk of its own at the state folder; gone with the handle.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where this user may mount nothing.
    fn at(path: PathBuf, mib: u32) -> Option<Self> {
        fs::create_dir_all(&path).expect("created");
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs"]).arg(&path).output();
        mount.is_ok_and(|output| output.status.success()).then_some(Self(path))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_stops_claims_not_steps_and_is_over_by_itself() {
    let repo = Repo::with_workflow(
        "on: push\njobs:\n  first:\n    runs-on: ubuntu-latest\n    steps:\n      - run: for i in $(seq 1 400); do echo row $i; sleep 0.02; done\n",
    );
    let Some(disk) = SmallDisk::at(repo.state(), 24) else {
        #[expect(clippy::print_stderr, reason = "a test that could not run says so")]
        {
            eprintln!("skipped: this user may not mount a small disk");
        }
        return;
    };
    let up = Up::start_with(&repo, &["--keep-free", "4", "--parallel", "2"]);
    up.waits_for(1, "running");
    let state = repo.state().display().to_string();
    let follower = crate::windlass().start(&repo.path(), &["logs", "-f", "1/first", "--state-dir", &state]);
    follower.says(|line| line == "row 20");

    // Somebody fills the disk to the last byte.
    let ballast = repo.state().join("ballast");
    let _ = Command::new("dd").args(["if=/dev/zero", "bs=64k"]).arg(format!("of={}", ballast.display())).output();
    let full = || up.json("/api/v1/health")["full"].as_str().map(str::to_owned);
    until("the disk is known to be full", || full().is_some());
    assert!(up.get("/").1.contains("No job is handed out"));
    // The step goes on meanwhile: it would have ended by now, and its end cannot be stored.
    std::thread::sleep(Duration::from_secs(9));
    assert!(matches!(up.json("/api/v1/runs/1")["state"].as_str(), Some("running")));

    fs::remove_file(&ballast).expect("room again");
    until("there is room again", || full().is_none());
    up.waits_for(1, "success");
    let log = up.says(&["logs", "1/first"]);
    let rows: Vec<&str> = log.lines().filter(|line| line.starts_with("row ")).collect();
    assert_eq!(rows, (1..=400).map(|number| format!("row {number}")).collect::<Vec<_>>(), "no row is missing");
    repo.commit("second");
    up.waits_for(2, "success");
    drop(up);
    drop(disk);
}

fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{what}: not within 30 s");
}
