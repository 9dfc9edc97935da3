//! `cargo xtask test`: installs or starts what the suites need, and says plainly what it could not have.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{cargo, generate, succeed, tidy};

/// Programs that the tests drive, and the Debian packages that bring them.
const PROGRAMS: [(&str, &str); 5] =
    [("git", "git"), ("pgrep", "procps"), ("setsid", "util-linux"), ("python3", "python3"), ("bash", "bash")];

/// What the browser test drives. Without it that test says that it was skipped.
const BROWSER: [(&str, &str); 2] = [("chromium", "chromium"), ("chromedriver", "chromium-driver")];
/// The program that makes up requests, as pip names it.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

pub(crate) fn run(root: &Path) -> Result<()> {
    tidy::run(root)?;
    for (program, package) in PROGRAMS {
        if !has(program) && !install(package) {
            bail!("the tests need `{program}` (Debian package {package}): install it");
        }
    }
    for (program, package) in BROWSER {
        if !has(program) && !install(package) {
            println!("xtask: without `{program}` (Debian package {package}), the browser test is skipped");
        }
    }
    let schemathesis = schemathesis(root);
    println!("xtask: is the generated code current?");
    generate(root, true)?;
    let cluster = Cluster::start();
    let mut command = cargo(root);
    command.args(["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"]);
    match &cluster {
        Ok(cluster) => {
            command.env("WINDLASS_TEST_POSTGRES", &cluster.address).args(["--", "--include-ignored"]);
        }
        Err(reason) => println!("xtask: without PostgreSQL, its half of the store suite is ignored: {reason:#}"),
    }
    match &schemathesis {
        Ok(program) => _ = command.env("WINDLASS_TEST_SCHEMATHESIS", program),
        Err(reason) => println!("xtask: without schemathesis, its test is skipped: {reason:#}"),
    }
    let tested = counted(&mut command);
    drop(cluster);
    tested
}

/// Runs the tests, passes their output on, and closes with one line for all of them: cargo closes once per crate.
fn counted(command: &mut Command) -> Result<()> {
    let mut child = command.stdout(Stdio::piped()).spawn().context("cargo does not run")?;
    let stdout = child.stdout.take().context("cargo has no output")?;
    let mut totals = [0_u64; 3];
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        println!("{line}");
        let Some(result) = line.strip_prefix("test result: ") else { continue };
        for (total, word) in totals.iter_mut().zip([" passed", " failed", " ignored"]) {
            let before = result.split(word).next().and_then(|text| text.rsplit(' ').next());
            *total += before.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0);
        }
    }
    let status = child.wait()?;
    let [passed, failed, skipped] = totals;
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if !status.success() {
        bail!("the tests failed ({status})");
    }
    Ok(())
}

/// Schemathesis in an environment of its own in the target folder.
fn schemathesis(root: &Path) -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let folder = target.join("schemathesis");
    let program = folder.join("bin/schemathesis");
    let wanted = folder.join(SCHEMATHESIS);
    if wanted.is_file() {
        return Ok(program);
    }
    let make = || Command::new("python3").args(["-m", "venv"]).arg(&folder).stdout(Stdio::null()).status();
    if !(make()?.success() || install("python3-venv") && make()?.success()) {
        bail!("python3 makes no environments here (Debian package python3-venv)");
    }
    println!("xtask: installing {SCHEMATHESIS}");
    succeed(Command::new(folder.join("bin/pip")).args([
        "install",
        "--quiet",
        "--disable-pip-version-check",
        SCHEMATHESIS,
    ]))?;
    fs::write(wanted, "")?;
    Ok(program)
}

fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Installs a Debian package, where this user may.
fn install(package: &str) -> bool {
    if !has("apt-get") || !is_root() {
        return false;
    }
    println!("xtask: installing {package}");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
        succeed(&mut command).is_ok()
    };
    apt(&["update", "-qq"]) && apt(&["install", "-y", "-qq", "--no-install-recommends", package])
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// A private PostgreSQL in a folder of its own, reached by a socket only. Ends with its handle.
struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    address: String,
}

impl Cluster {
    fn start() -> Result<Self> {
        let programs = match programs() {
            Some(programs) => programs,
            None if install("postgresql") => programs().context("the package brought no initdb")?,
            None => bail!("no PostgreSQL is installed and this user cannot install one"),
        };
        let folder = std::env::temp_dir().join(format!("windlass-postgres-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        if is_root() {
            succeed(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let cluster = Self { address: format!("host={} user=postgres", folder.display()), programs, folder };
        let data = cluster.folder.join("data");
        let data = data.display();
        cluster.ask(&format!("initdb -D {data} -A trust -U postgres -E UTF8 --no-sync"))?;
        let socket = cluster.folder.display();
        // Nothing of it must survive: no fsync. No port: nobody else can reach it.
        let options = format!("-k {socket} -c listen_addresses= -c fsync=off -c max_connections=400");
        cluster.ask(&format!("pg_ctl -D {data} -l {socket}/log -o '{options}' -w start"))?;
        Ok(cluster)
    }

    /// Runs one of PostgreSQL's programs; it refuses to be root.
    fn ask(&self, line: &str) -> Result<()> {
        let line = format!("{}/{line}", self.programs.display());
        let mut command = if is_root() {
            let mut command = Command::new("su");
            command.args(["postgres", "-s", "/bin/sh", "-c", &line]);
            command
        } else {
            let mut command = Command::new("sh");
            command.args(["-c", &line]);
            command
        };
        succeed(command.current_dir(&self.folder).stdout(Stdio::null()))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let _ = self.ask(&format!("pg_ctl -D {} -m immediate stop", data.display()));
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Where initdb and `pg_ctl` are: Debian keeps them out of PATH, one folder a version.
fn programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    folders.into_iter().rev().find(|folder| folder.join("initdb").is_file())
}
