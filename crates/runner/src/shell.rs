//! Which program runs a script.

use std::path::{Path, PathBuf};

/// A script as a file and the command that runs it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Invocation {
    /// Program and arguments; the program is found through PATH.
    pub(crate) command: Vec<String>,
    /// Ending of the script's file.
    pub(crate) extension: &'static str,
    /// The script with what the shell needs around it.
    pub(crate) script: String,
}

const INVALID: &str = "Invalid shell option. Shell must be a valid built-in (bash, sh, cmd, powershell, pwsh) or a \
                       format string containing '{0}'";

/// The command for a `shell:`, for a script that will stand at `file` (without its ending).
pub(crate) fn invocation(shell: Option<&str>, script: &str, file: &Path, path: &str) -> Result<Invocation, String> {
    let words: Vec<&str> = shell.unwrap_or_default().split_whitespace().collect();
    let own_arguments = words.len() > 1;
    let (extension, arguments): (&'static str, &[&str]) = match words.first().copied() {
        None if find("bash", path).is_some() => (".sh", &["bash", "-e", "{0}"]),
        None => (".sh", &["sh", "-e", "{0}"]),
        Some("bash") => (".sh", &["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "{0}"]),
        Some("sh") => (".sh", &["sh", "-e", "{0}"]),
        Some("python") => (".py", &["python", "{0}"]),
        Some("pwsh") => (".ps1", &["pwsh", "-command", ". '{0}'"]),
        Some("powershell") => (".ps1", &["powershell", "-command", ". '{0}'"]),
        Some("cmd") => return Err("the shell `cmd` exists on Windows only".into()),
        Some(_) => ("", &[]),
    };
    let template: Vec<&str> = if own_arguments || arguments.is_empty() { words } else { arguments.to_vec() };
    if !template.iter().any(|word| word.contains("{0}")) {
        return Err(INVALID.into());
    }
    let file = format!("{}{extension}", file.display());
    let command = template.iter().map(|word| word.replace("{0}", &file)).collect();
    let script = if extension == ".ps1" {
        format!(
            "$ErrorActionPreference = 'stop'\n{script}\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) {{ exit $LASTEXITCODE }}\n"
        )
    } else {
        script.to_owned()
    };
    Ok(Invocation { command, extension, script })
}

/// Where a program stands, by the PATH of the step.
pub(crate) fn find(program: &str, path: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(|file| file.is_file());
    }
    path.split(':')
        .filter(|folder| !folder.is_empty())
        .map(|folder| Path::new(folder).join(program))
        .find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(shell: Option<&str>) -> Result<String, String> {
        invocation(shell, "true", Path::new("/t/s"), "/usr/bin:/bin").map(|invocation| invocation.command.join(" "))
    }

    #[test]
    fn each_shell_has_its_command() {
        assert_eq!(command(None).expect("bash"), "bash -e /t/s.sh");
        assert_eq!(command(Some("bash")).expect("bash"), "bash --noprofile --norc -e -o pipefail /t/s.sh");
        assert_eq!(command(Some("sh")).expect("sh"), "sh -e /t/s.sh");
        assert_eq!(command(Some("bash -x {0}")).expect("own"), "bash -x /t/s.sh");
        assert_eq!(command(Some("perl {0}")).expect("perl"), "perl /t/s");
        assert_eq!(command(Some("python")).expect("python"), "python /t/s.py");
        assert_eq!(command(Some("perl")).expect_err("no {0}"), INVALID);
    }
}
