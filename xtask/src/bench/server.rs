//! A running `up`, measured from outside.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};

/// A server; killed with its handle.
pub(super) struct Server {
    child: Child,
    pub(super) address: String,
    secret: String,
}

impl Server {
    pub(super) fn start(program: &Path, repository: &Path, state: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .arg("up")
            .arg("--state-dir")
            .arg(state)
            .current_dir(repository)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("windlass does not start")?;
        let stdout = child.stdout.take().context("no output")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = loop {
            let line = lines.next().context("windlass ended")??;
            if line.contains("/?secret=") {
                break line;
            }
        };
        // What else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let (address, secret) = line.trim_start_matches("http://").split_once("/?secret=").context("no address")?;
        Ok(Self { address: address.to_owned(), secret: secret.to_owned(), child })
    }

    /// Opens a path; answers the stream behind the head of the answer, `None` for anything but 200.
    pub(super) fn open(&self, path: &str) -> Result<Option<BufReader<TcpStream>>> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.set_nodelay(true)?;
        let (address, secret) = (&self.address, &self.secret);
        let head = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\nCookie: windlass_secret={secret}\r\n\r\n");
        stream.write_all(head.as_bytes())?;
        let mut reader = BufReader::new(stream);
        let mut status = String::new();
        reader.read_line(&mut status)?;
        let found = status.contains(" 200");
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 || line == "\r\n" {
                return Ok(found.then_some(reader));
            }
        }
    }

    /// The whole body of a path.
    pub(super) fn get(&self, path: &str) -> Result<Vec<u8>> {
        let Some(mut stream) = self.open(path)? else { bail!("{path} is not there") };
        let mut body = Vec::new();
        stream.read_to_end(&mut body)?;
        Ok(body)
    }

    /// Waits until the first run has ended well.
    pub(super) fn wait_for_success(&self) -> Result<()> {
        for _ in 0..1_200 {
            let run = self.get("/api/v1/runs/1").unwrap_or_default();
            let run = String::from_utf8_lossy(&run).into_owned();
            if run.contains("\"state\":\"success\",\"title\"") {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("the run does not end")
    }

    /// Bytes of memory that it occupies.
    pub(super) fn resident(&self) -> Result<f64> {
        resident(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Megabytes of memory that a process occupies.
pub(super) fn resident(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * 1_024.0 / 1_000_000.0)
}
