//! Where a repository's state lives, and where other commands find the running server.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use windlass_control::Keys;
use windlass_forge::folder::Repository;

/// The state of one repository.
#[derive(Clone, Debug)]
pub(crate) struct StateFolder {
    path: PathBuf,
}

/// The running server, as it wrote itself down.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunningServer {
    /// `http://127.0.0.1:PORT`.
    pub(crate) address: String,
    /// What the page and commands prove themselves with.
    pub(crate) secret: String,
}

/// The identity of the built-in runner, kept from start to start.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunnerIdentity {
    pub(crate) uuid: String,
    pub(crate) token: String,
}

/// While it lives, nobody else serves this folder.
pub(crate) struct Lock(#[allow(dead_code, reason = "held, not read")] File);

impl StateFolder {
    /// The folder given, else one of the repository's own in the XDG state home.
    pub(crate) fn of(repository: &Repository, given: Option<&Path>) -> Result<Self, String> {
        if let Some(path) = given {
            return Ok(Self { path: path.to_owned() });
        }
        let home = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = home.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/state")));
        let home = home.ok_or("neither XDG_STATE_HOME nor HOME is set: name a folder with --state-dir")?;
        let place = repository.common_dir.display().to_string();
        let digest: String = Keys::hash(&place).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let name = repository.root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self { path: home.join("windlass").join(format!("{name}-{digest}")) })
    }

    /// A folder that somebody else made and will remove.
    pub(crate) fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder, for our eyes only.
    pub(crate) fn make(&self) -> Result<(), String> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.path)
            .and_then(|()| {
                // That it exists does not say that it can be written to.
                let probe = self.path.join(".writable");
                fs::write(&probe, "").and_then(|()| fs::remove_file(&probe))
            })
            .map_err(|error| {
                format!(
                    "the state folder {} cannot be written to ({error}): choose another with --state-dir",
                    self.path.display()
                )
            })
    }

    /// Takes the folder for this process.
    pub(crate) fn lock(&self) -> Result<Lock, String> {
        let path = self.path.join("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| format!("{}: {error}", path.display()))?;
        rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).map_err(|_| {
            let address = self.running().map(|server| format!(" at {}", server.address)).unwrap_or_default();
            format!(
                "this repository is already served{address}: stop that `windlass up` first, or use another --state-dir"
            )
        })?;
        Ok(Lock(file))
    }

    /// The installation's secret, made at the first start.
    pub(crate) fn key(&self) -> Result<[u8; 32], String> {
        let path = self.path.join("key");
        if let Ok(bytes) = fs::read(&path) {
            return bytes.try_into().map_err(|_| format!("{} is damaged: it must hold 32 bytes", path.display()));
        }
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| "the operating system gives no random bytes".to_owned())?;
        write_private(&path, &key).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(key)
    }

    pub(crate) fn running(&self) -> Option<RunningServer> {
        read_json(&self.path.join("server.json"))
    }

    pub(crate) fn set_running(&self, server: &RunningServer) -> Result<(), String> {
        self.write_json("server.json", server)
    }

    pub(crate) fn forget_running(&self) {
        let _ = fs::remove_file(self.path.join("server.json"));
    }

    pub(crate) fn runner(&self) -> Option<RunnerIdentity> {
        read_json(&self.path.join("runner.json"))
    }

    pub(crate) fn set_runner(&self, runner: &RunnerIdentity) -> Result<(), String> {
        self.write_json("runner.json", runner)
    }

    fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), String> {
        let path = self.path.join(name);
        let said = |error: io::Error| format!("{}: {error}", path.display());
        let text = serde_json::to_vec_pretty(value).map_err(|error| said(error.into()))?;
        write_private(&path, &text).map_err(said)
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Whole or not at all, and for our eyes only.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(draft, path)
}
