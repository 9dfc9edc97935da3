//! An idle `windlass up`: its memory, and how long it takes from its start to its first answer.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use super::{
    Figure, Folder, Target, median, millis, repository,
    server::{Server, resident},
};

const IDLE: &str = "on: workflow_dispatch\njobs: {a: {runs-on: ubuntu-latest, steps: []}}\n";

pub(super) fn measure(program: &Path) -> Result<Vec<Figure>> {
    let work = Folder::new("footprint")?;
    let repo = work.0.join("repo");
    repository(&repo, IDLE)?;
    let state = work.0.join("state");
    let server = Server::start(program, &repo, &state)?;
    std::thread::sleep(Duration::from_secs(8));
    let memory = server.resident()?;
    drop(server);
    let (mut ours, mut theirs, mut python) = (Vec::new(), Vec::new(), 0.0);
    for _ in 0..15 {
        ours.push(
            until_serving(|port| {
                let mut command = Command::new(program);
                command.args(["up", "--port", &port.to_string(), "--state-dir"]).arg(&state).current_dir(&repo);
                command
            })?
            .0,
        );
        let (took, used) = until_serving(|port| {
            let mut command = Command::new("python3");
            command.args(["-m", "http.server", "--bind", "127.0.0.1", &port.to_string()]).current_dir(&repo);
            command
        })?;
        theirs.push(took);
        python = used;
    }
    let baseline_is = "python3 -m http.server";
    Ok(vec![
        Figure {
            name: "footprint-memory",
            what: "idle `windlass up`, resident",
            unit: "MB",
            measured: memory,
            baseline: python,
            baseline_is,
            target: Target::AtMost(30.0),
        },
        Figure {
            name: "footprint-start",
            what: "exec to the first answer, median of 15",
            unit: "ms",
            measured: millis(median(ours)),
            baseline: millis(median(theirs)),
            baseline_is,
            target: Target::AtMost(100.0),
        },
    ])
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// From the start of a server to its first answer, and the memory it has then.
fn until_serving(command: impl Fn(u16) -> Command) -> Result<(Duration, f64)> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let began = Instant::now();
    let mut command = command(port);
    let child = Killed(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    while began.elapsed() < Duration::from_secs(10) {
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
            write!(stream, "GET / HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n")?;
            let mut first = [0; 4];
            if stream.read_exact(&mut first).is_ok() {
                let took = began.elapsed();
                return Ok((took, resident(child.0.id())?));
            }
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    bail!("the server does not answer")
}
