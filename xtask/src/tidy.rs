//! The house rules that the compiler does not know. Each message names the reason and the remedy.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::cargo;

/// Lines that a file may have before a reader has to search in it.
const MAX_LINES: usize = 500;

/// Which of our crates each crate may use, directly or through others (ARCHITECTURE.md).
const MAY_USE: [(&str, &[&str]); 13] = [
    ("diagnostic", &[]),
    ("expression", &["diagnostic"]),
    ("workflow", &["diagnostic", "expression"]),
    ("lifecycle", &[]),
    ("joblog", &[]),
    ("proto", &[]),
    ("control", &["diagnostic", "expression", "workflow", "lifecycle", "joblog"]),
    ("store", &["control", "lifecycle", "joblog", "diagnostic", "expression", "workflow"]),
    ("protocol-actions", &["control", "proto", "lifecycle", "joblog", "diagnostic", "expression", "workflow"]),
    ("forge", &["control", "lifecycle", "joblog", "diagnostic", "expression", "workflow"]),
    ("web", &["control", "diagnostic", "lifecycle", "joblog", "expression", "workflow"]),
    ("runner", &["proto", "expression", "joblog", "diagnostic"]),
    ("testkit", &["control", "lifecycle", "joblog", "diagnostic", "expression", "workflow"]),
];

/// Crates that know no I/O, clock or async, and what would bring these in.
const PURE: [&str; 5] = ["diagnostic", "expression", "workflow", "lifecycle", "joblog"];
const IMPURE: [&str; 8] = ["tokio", "hyper", "axum", "rusqlite", "tokio-postgres", "jiff", "connectrpc", "reqwest"];

pub(crate) fn run(root: &Path) -> Result<()> {
    println!("xtask: house rules");
    let mut broken = layers(root)?;
    for file in sources(root)? {
        broken.extend(file_rules(root, &file)?);
    }
    broken.extend(links(root)?);
    if broken.is_empty() {
        return Ok(());
    }
    bail!("{} house rules are broken:\n{}", broken.len(), broken.join("\n"));
}

/// The allow list, on the transitive closure that cargo resolved.
fn layers(root: &Path) -> Result<Vec<String>> {
    let output = cargo(root).args(["metadata", "--format-version", "1", "--locked"]).output()?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?)))
        .collect();
    let mut uses: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().into_iter().flatten() {
        let Some(from) = node["id"].as_str().and_then(|id| names.get(id)) else { continue };
        for dependency in node["deps"].as_array().into_iter().flatten() {
            let normal = dependency["dep_kinds"].as_array().into_iter().flatten().any(|kind| kind["kind"].is_null());
            if let Some(to) = dependency["pkg"].as_str().and_then(|id| names.get(id)).filter(|_| normal) {
                uses.entry(from).or_default().push(to);
            }
        }
    }
    let mut broken = Vec::new();
    for (name, allowed) in MAY_USE {
        let full = format!("windlass-{name}");
        let reached = closure(&uses, &full);
        for other in reached.iter().filter_map(|other| other.strip_prefix("windlass-")) {
            if !allowed.contains(&other) {
                broken
                    .push(format!("crate {name} reaches {other}: the design forbids it (ARCHITECTURE.md, allow list)"));
            }
        }
        if PURE.contains(&name) {
            for impure in reached.iter().filter(|other| IMPURE.contains(other)) {
                broken.push(format!("crate {name} is pure and reaches {impure}: pass values in instead"));
            }
        }
    }
    Ok(broken)
}

fn closure<'a>(uses: &BTreeMap<&'a str, Vec<&'a str>>, from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = uses.get(from).cloned().unwrap_or_default();
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            open.extend(uses.get(name).into_iter().flatten());
        }
    }
    reached
}

fn sources(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![root.join("crates"), root.join("xtask")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "generated" && name != "target") {
                    open.push(path);
                }
            } else if path
                .extension()
                .is_some_and(|extension| ["rs", "js", "css", "sql"].iter().any(|known| extension == *known))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn file_rules(root: &Path, file: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(file)?;
    let place = file.strip_prefix(root).unwrap_or(file).display();
    let rust = file.extension().is_some_and(|extension| extension == "rs");
    let mut broken = Vec::new();
    let lines = text.lines().count();
    if lines > MAX_LINES {
        broken.push(format!("{place} has {lines} lines: split it by topic (at most {MAX_LINES})"));
    }
    let opening = if rust { "//!" } else { "" };
    let commented = ["//", "/*", "--"].iter().any(|comment| text.starts_with(comment));
    if !(commented && text.starts_with(opening)) {
        broken.push(format!("{place} does not say what it is: begin it with a comment (in Rust `//!`) that does"));
    }
    let sql = file.components().any(|part| part.as_os_str() == "store") || place.to_string().starts_with("xtask");
    for (number, line) in text.lines().enumerate() {
        if !sql && ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE "].iter().any(|word| line.contains(word)) {
            broken.push(format!("{place}:{}: SQL belongs into crates/store/src/statements", number + 1));
        }
    }
    Ok(broken)
}

/// Relative links of our documents lead somewhere.
fn links(root: &Path) -> Result<Vec<String>> {
    let mut documents: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root.join(name)).to_vec();
    documents.extend(fs::read_dir(root.join("docs"))?.filter_map(|entry| Some(entry.ok()?.path())));
    let mut broken = Vec::new();
    for document in documents.iter().filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
        let text = fs::read_to_string(document).with_context(|| document.display().to_string())?;
        let folder = document.parent().unwrap_or(root);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            let elsewhere = target.is_empty() || target.contains("://");
            if !elsewhere && !folder.join(target).exists() {
                let place = document.strip_prefix(root).unwrap_or(document).display();
                broken.push(format!("{place} links to {target}, which does not exist"));
            }
        }
    }
    Ok(broken)
}
