//! An update of a ref in the words of an event, as a forge would send it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value as Json, json};
use windlass_control::{
    forge::Forge,
    use_cases::{EventFacts, WorkflowFile},
};

use super::{
    git::{Commit, GitError, Repository, WORKFLOW_FOLDERS, is_workflow_name},
    updates::Update,
};

const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// The push event of an update, and the workflow files at its commit. `None` for a deleted ref: nothing can run there.
pub(crate) fn push(
    repository: &Repository,
    update: &Update,
) -> Result<Option<(EventFacts, Vec<WorkflowFile>)>, GitError> {
    let Some(after) = &update.after else { return Ok(None) };
    let commit = repository.commit(after)?;
    let actor = actor();
    let forced = update.before.as_ref().is_some_and(|before| !repository.is_ancestor(before, after));
    let event = json!({
        "ref": update.ref_name,
        "before": update.before.as_deref().unwrap_or(NO_COMMIT),
        "after": after,
        "created": update.before.is_none(),
        "deleted": false,
        "forced": forced,
        "base_ref": null,
        "compare": "",
        "commits": [commit_json(&commit)],
        "head_commit": commit_json(&commit),
        "pusher": {"name": actor, "email": commit.email},
        "sender": {"login": actor},
        "repository": repository_json(repository),
    });
    let facts = EventFacts {
        event: "push".into(),
        ref_name: update.ref_name.clone(),
        base_ref: None,
        sha: after.clone(),
        title: first_line(&commit.message),
        context: context(repository, "push", &update.ref_name, after, &actor, event),
        actor,
        inputs: json!({}),
        paths: repository.changed_paths(update.before.as_deref(), after),
        filtered: true,
    };
    let files = repository.workflow_files(after)?;
    let files = files.into_iter().map(|(path, text)| WorkflowFile { path, text }).collect();
    Ok(Some((facts, files)))
}

/// The pull request that a branch would be: of the branch into the default one, from the moment it is ahead of it. `None` for
/// everything else. There is no number, and what is checked is the branch itself: nothing is merged.
pub(crate) fn pull_request(repository: &Repository, update: &Update) -> Result<Option<EventFacts>, GitError> {
    let (Some(after), Some(head)) = (&update.after, update.ref_name.strip_prefix("refs/heads/")) else {
        return Ok(None);
    };
    let Some(base_ref) = repository.default_branch().filter(|base| *base != update.ref_name) else { return Ok(None) };
    let base = base_ref.strip_prefix("refs/heads/").unwrap_or(&base_ref);
    let base_sha = repository.commit(&base_ref)?.sha;
    if repository.is_ancestor(after, &base_sha) {
        return Ok(None);
    }
    let commit = repository.commit(after)?;
    let actor = actor();
    let title = first_line(&commit.message);
    let side = |name: &str, sha: &str| json!({"ref": name, "sha": sha, "repo": repository_json(repository)});
    let event = json!({
        "action": if update.before.is_none() { "opened" } else { "synchronize" },
        "pull_request": {
            "title": title,
            "head": side(head, after),
            "base": side(base, &base_sha),
            "user": {"login": actor},
            "draft": false,
            "merged": false,
            "state": "open",
        },
        "sender": {"login": actor},
        "repository": repository_json(repository),
    });
    let mut context = context(repository, "pull_request", &update.ref_name, after, &actor, event);
    context["head_ref"] = head.into();
    context["base_ref"] = base.into();
    Ok(Some(EventFacts {
        event: "pull_request".into(),
        ref_name: update.ref_name.clone(),
        paths: repository.paths_since(&base_sha, after),
        base_ref: Some(base_ref),
        sha: after.clone(),
        title,
        context,
        actor,
        inputs: json!({}),
        filtered: true,
    }))
}

impl Forge for Repository {
    fn repository(&self) -> &str {
        &self.name
    }

    fn refs(&self) -> Result<Vec<String>, String> {
        let mut names: Vec<String> =
            self.refs(false).map_err(|error| error.to_string())?.into_iter().map(|(name, _)| name).collect();
        let default = self.default_branch();
        names.sort_by_key(|name| (Some(name) != default.as_ref(), !name.starts_with("refs/heads/"), name.clone()));
        Ok(names)
    }

    fn at_ref(&self, event: &str, ref_name: &str) -> Result<(EventFacts, Vec<WorkflowFile>), String> {
        let said = |error: GitError| error.to_string();
        let commit = self.commit(ref_name).map_err(said)?;
        let actor = actor();
        let payload = json!({
            "ref": ref_name,
            "sender": {"login": actor},
            "repository": repository_json(self),
        });
        let files = self.workflow_files(&commit.sha).map_err(said)?;
        let facts = EventFacts {
            event: event.to_owned(),
            ref_name: ref_name.to_owned(),
            base_ref: None,
            title: first_line(&commit.message),
            context: context(self, event, ref_name, &commit.sha, &actor, payload),
            sha: commit.sha,
            actor,
            inputs: json!({}),
            paths: None,
            filtered: false,
        };
        Ok((facts, files.into_iter().map(|(path, text)| WorkflowFile { path, text }).collect()))
    }
}

/// What a local run says about itself.
#[derive(Clone, Debug)]
pub struct LocalEvent {
    /// The event's name.
    pub event: String,
    /// Its payload.
    pub payload: Json,
}

/// The event of a local run: of the folder as it is, at the commit that is checked out.
pub fn local_event(repository: Option<&Repository>, folder: &Path, local: LocalEvent) -> EventFacts {
    let actor = actor();
    let fallback = Repository::plain(folder);
    // Each question is a process of a few milliseconds: they are asked side by side.
    let (ref_name, commit) = std::thread::scope(|scope| {
        let commit = scope.spawn(|| repository.and_then(|repository| repository.commit("HEAD").ok()));
        (repository.and_then(Repository::head_ref), commit.join().ok().flatten())
    });
    let ref_name = ref_name.unwrap_or_else(|| "refs/heads/main".into());
    let sha = commit.as_ref().map_or_else(|| NO_COMMIT.into(), |commit| commit.sha.clone());
    let title = commit.map_or_else(|| "local run".to_owned(), |commit| first_line(&commit.message));
    let repository = repository.unwrap_or(&fallback);
    let inputs = local.payload.get("inputs").cloned().unwrap_or_else(|| json!({}));
    EventFacts {
        context: context(repository, &local.event, &ref_name, &sha, &actor, local.payload),
        event: local.event,
        ref_name,
        base_ref: None,
        sha,
        actor,
        title,
        inputs,
        paths: None,
        filtered: false,
    }
}

/// The workflow files that a local run reads: named files and folders, else the first workflow folder that exists.
/// The error is a sentence with the place and the remedy.
pub fn workflow_files_in(root: &Path, named: &[PathBuf]) -> Result<Vec<WorkflowFile>, String> {
    let mut files = Vec::new();
    if named.is_empty() {
        let folder = WORKFLOW_FOLDERS.iter().find(|folder| root.join(folder).is_dir()).ok_or_else(|| {
            format!(
                "{} has no workflow folder: put a workflow into .forgejo/workflows, .gitea/workflows or \
                 .github/workflows, or name one with -W",
                root.display()
            )
        })?;
        read_folder(root, Path::new(folder), &mut files)?;
    }
    for path in named {
        let full = root.join(path);
        if full.is_dir() {
            let below = path.join(".github/workflows");
            read_folder(root, if root.join(&below).is_dir() { &below } else { path }, &mut files)?;
        } else if full.is_file() {
            files.push(read_file(root, path));
        } else {
            return Err(format!(
                "{} does not exist: -W names workflow files or folders below {}",
                full.display(),
                root.display()
            ));
        }
    }
    Ok(files)
}

fn read_folder(root: &Path, folder: &Path, files: &mut Vec<WorkflowFile>) -> Result<(), String> {
    let full = root.join(folder);
    let entries = fs::read_dir(&full).map_err(|error| format!("{}: {error}", full.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| is_workflow_name(name) && full.join(name).is_file())
        .collect();
    names.sort();
    files.extend(names.into_iter().map(|name| read_file(root, &folder.join(name))));
    Ok(())
}

fn read_file(root: &Path, path: &Path) -> WorkflowFile {
    let text = fs::read(root.join(path))
        .map_err(|error| format!("{}: {error}", path.display()))
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| format!("{}: the file is not UTF-8", path.display())));
    WorkflowFile { path: path.display().to_string(), text }
}

fn actor() -> String {
    std::env::var("USER").ok().filter(|user| !user.is_empty()).unwrap_or_else(|| "local".into())
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}

fn commit_json(commit: &Commit) -> Json {
    let person = json!({"name": commit.author, "email": commit.email});
    json!({
        "id": commit.sha,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": commit.date,
        "author": person,
        "committer": person,
    })
}

fn repository_json(repository: &Repository) -> Json {
    let (owner, name) = repository.name.split_once('/').unwrap_or(("local", &repository.name));
    json!({
        "name": name,
        "full_name": repository.name,
        "owner": {"login": owner, "name": owner},
        "clone_url": format!("file://{}", repository.root.display()),
        "private": true,
        "fork": false,
    })
}

fn context(repository: &Repository, event_name: &str, ref_name: &str, sha: &str, actor: &str, event: Json) -> Json {
    let (kind, short) = match ref_name.strip_prefix("refs/tags/") {
        Some(tag) => ("tag", tag),
        None => ("branch", ref_name.strip_prefix("refs/heads/").unwrap_or(ref_name)),
    };
    let owner = repository.name.split('/').next().unwrap_or_default();
    json!({
        "event": event,
        "event_name": event_name,
        "actor": actor,
        "triggering_actor": actor,
        "repository": repository.name,
        "repository_owner": owner,
        "repositoryUrl": format!("file://{}", repository.root.display()),
        "sha": sha,
        "ref": ref_name,
        "ref_name": short,
        "ref_type": kind,
        "ref_protected": false,
        "head_ref": "",
        "base_ref": "",
        "retention_days": "0",
    })
}
