//! `actions/checkout` of the run's own repository, built in.

use std::{path::Path, process::Stdio};

use indexmap::IndexMap;
use tokio::process::Command;

use crate::workspace::Source;

/// Inputs that may be given and the values that mean what is done anyway; `fetch-depth` is read.
const HARMLESS: [(&str, &[&str]); 9] = [
    ("repository", &[""]),
    ("ref", &[""]),
    ("persist-credentials", &["true", "false", ""]),
    ("clean", &["true", "false", ""]),
    ("show-progress", &["true", "false", ""]),
    ("fetch-tags", &["true", "false", ""]),
    ("set-safe-directory", &["true", "false", ""]),
    ("submodules", &["false", ""]),
    ("lfs", &["false", ""]),
];

/// Whether a `uses:` is the checkout that is built in: of any version, with or without the host in front.
pub(crate) fn is_checkout(uses: &str) -> bool {
    let name = uses.split('@').next().unwrap_or(uses);
    let path = name.split_once("://").map_or(name, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    path.eq_ignore_ascii_case("actions/checkout")
}

/// What the event says to check out.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) sha: &'a str,
    pub(crate) ref_name: &'a str,
}

/// How many commits are fetched, or why the inputs cannot be served.
pub(crate) fn depth(with: &IndexMap<String, String>, repository: &str) -> Result<Option<u32>, String> {
    let mut depth = Some(1);
    for (name, value) in with {
        let key = name.to_ascii_lowercase();
        if key == "fetch-depth" {
            let wanted: u32 = value.trim().parse().map_err(|_| format!("`fetch-depth: {value}` is not a number"))?;
            depth = (wanted > 0).then_some(wanted);
            continue;
        }
        let own = key == "repository" && value.eq_ignore_ascii_case(repository);
        let harmless = HARMLESS
            .iter()
            .find(|(known, _)| *known == key)
            .is_some_and(|(_, values)| values.contains(&value.as_str()));
        if !own && !harmless {
            return Err(format!(
                "the input `{name}: {value}` of actions/checkout is not supported yet: only the run's own repository \
                 at its own commit is checked out"
            ));
        }
    }
    Ok(depth)
}

/// Fills the workspace. `say` takes lines for the log.
pub(crate) async fn run(
    source: &Source,
    workspace: &Path,
    wanted: &Wanted<'_>,
    depth: Option<u32>,
    mut say: impl FnMut(String),
) -> Result<(), String> {
    let repository = match source {
        Source::Copy(folder) => {
            say(format!("The workspace is a copy of {}", folder.display()));
            return Ok(());
        }
        Source::Commit(repository) => repository,
    };
    let Wanted { sha, ref_name } = *wanted;
    say(format!("Checking out {sha} ({ref_name})"));
    let address = format!("file://{}", repository.display());
    git(workspace, &["init", "-q", "."]).await?;
    git(workspace, &["config", "gc.auto", "0"]).await?;
    let (branch, tag) = (ref_name.strip_prefix("refs/heads/"), ref_name.strip_prefix("refs/tags/"));
    let depth = depth.map(|depth| format!("--depth={depth}"));
    let tracking = match (branch, tag) {
        (Some(branch), _) => format!("+{sha}:refs/remotes/origin/{branch}"),
        (None, Some(tag)) => format!("+{sha}:refs/tags/{tag}"),
        (None, None) => sha.to_owned(),
    };
    let mut fetch = vec!["-c", "protocol.version=2", "fetch", "-q", "--no-tags", "--no-recurse-submodules"];
    fetch.extend(depth.as_deref());
    fetch.extend([address.as_str(), tracking.as_str()]);
    git(workspace, &fetch).await?;
    git(workspace, &["remote", "add", "origin", &address]).await?;
    match branch {
        Some(branch) => {
            let start = format!("refs/remotes/origin/{branch}");
            git(workspace, &["checkout", "-q", "--force", "-B", branch, &start]).await
        }
        None => git(workspace, &["-c", "advice.detachedHead=false", "checkout", "-q", "--force", sha]).await,
    }
}

async fn git(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_WORK_TREE")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| format!("git does not run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("git {} failed: {}", arguments.first().unwrap_or(&""), said.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_checkout_is_checkout() {
        for uses in ["actions/checkout@v4", "Actions/Checkout@main", "https://data.forgejo.org/actions/checkout@v4"] {
            assert!(is_checkout(uses), "{uses}");
        }
        for uses in ["actions/checkout-more@v1", "./actions/checkout", "me/checkout@v1"] {
            assert!(!is_checkout(uses), "{uses}");
        }
    }

    #[test]
    fn inputs_that_would_change_something_are_refused_by_name() {
        let with = |name: &str, value: &str| IndexMap::from([(name.to_owned(), value.to_owned())]);
        assert_eq!(depth(&with("fetch-depth", "0"), "o/r"), Ok(None));
        assert_eq!(depth(&with("repository", "O/R"), "o/r"), Ok(Some(1)));
        assert!(depth(&with("path", "x"), "o/r").expect_err("refused").contains("`path: x`"));
        assert!(depth(&with("submodules", "true"), "o/r").is_err());
    }
}
