//! `hashFiles`: one hash over the files that patterns find.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use aws_lc_rs::digest::{Context, SHA256};
use globset::{GlobBuilder, GlobMatcher};

/// Files and folders that one call may visit.
const MAX_VISITED: usize = 1_000_000;

struct Pattern {
    negative: bool,
    matcher: GlobMatcher,
    below: GlobMatcher,
}

/// SHA-256 over the SHA-256 of each file, in order of traversal; empty if no file matches. Later patterns win.
pub(crate) fn hash(workspace: &Path, arguments: &[String]) -> Result<String, String> {
    find(workspace, arguments).map(|(hash, _)| hash)
}

/// The hash, and the files that it covers, relative to the workspace, in the order hashed. Arguments are patterns, each
/// perhaps of several lines; the first one may be `--follow-symbolic-links`. The error is for people.
pub fn find(workspace: &Path, arguments: &[String]) -> Result<(String, Vec<PathBuf>), String> {
    let mut follow = false;
    let mut patterns = Vec::new();
    for (at, argument) in arguments.iter().enumerate() {
        if at == 0 && argument.starts_with("--") {
            if !argument.eq_ignore_ascii_case("--follow-symbolic-links") {
                return Err(format!("Invalid glob option '{argument}', available option: '--follow-symbolic-links'."));
            }
            follow = true;
            continue;
        }
        for line in argument.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            patterns.push(parse(line)?);
        }
    }
    let mut files = Vec::new();
    let mut visited = 0;
    walk(workspace, Path::new(""), follow, &mut visited, &mut |relative| {
        let matched = patterns.iter().fold(false, |on, pattern| {
            if pattern.matcher.is_match(relative) || pattern.below.is_match(relative) { !pattern.negative } else { on }
        });
        if matched {
            files.push(relative.to_owned());
        }
    })?;
    let hash = digest(workspace, &files).map_err(|error| format!("hashFiles failed: {error}"))?;
    Ok((hash, files))
}

fn parse(line: &str) -> Result<Pattern, String> {
    let (negative, body) = match line.strip_prefix('!') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, line),
    };
    let body = body.strip_prefix("./").unwrap_or(body);
    if body.split('/').any(|segment| segment == "..") {
        return Err(format!("Invalid pattern '{line}'. Relative pathing '.' and '..' is not allowed."));
    }
    let only_folders = body.ends_with('/');
    let body = body.trim_end_matches('/');
    let glob = |text: &str| {
        GlobBuilder::new(text)
            .literal_separator(true)
            .backslash_escape(true)
            .build()
            .map(|glob| glob.compile_matcher())
            .map_err(|error| format!("Invalid pattern '{line}': {error}"))
    };
    // A pattern that names a folder means everything below it.
    let below = glob(&format!("{}/**", globless(body)))?;
    let matcher = if only_folders { below.clone() } else { glob(&globless(body))? };
    Ok(Pattern { negative, matcher, below })
}

/// Braces are ordinary characters here.
fn globless(pattern: &str) -> String {
    pattern.replace('{', "[{]").replace('}', "[}]")
}

fn walk(
    root: &Path,
    folder: &Path,
    follow: bool,
    visited: &mut usize,
    found: &mut dyn FnMut(&Path),
) -> Result<(), String> {
    let read = |error: io::Error| format!("hashFiles failed: {}: {error}", root.join(folder).display());
    let mut entries: Vec<PathBuf> = fs::read_dir(root.join(folder))
        .map_err(read)?
        .filter_map(Result::ok)
        .map(|entry| folder.join(entry.file_name()))
        .collect();
    entries.sort();
    for entry in entries {
        *visited += 1;
        if *visited > MAX_VISITED {
            return Err(format!("hashFiles visits more than {MAX_VISITED} files: narrow the pattern"));
        }
        let path = root.join(&entry);
        let Ok(meta) = (if follow { fs::metadata(&path) } else { fs::symlink_metadata(&path) }) else { continue };
        if meta.is_dir() {
            let inside = path.canonicalize().is_ok_and(|real| root.canonicalize().is_ok_and(|r| real.starts_with(r)));
            if inside {
                walk(root, &entry, follow, visited, found)?;
            }
        } else if meta.is_file() {
            found(&entry);
        }
    }
    Ok(())
}

fn digest(workspace: &Path, files: &[PathBuf]) -> io::Result<String> {
    if files.is_empty() {
        return Ok(String::new());
    }
    let mut together = Context::new(&SHA256);
    for file in files {
        let mut one = Context::new(&SHA256);
        let mut reader = fs::File::open(workspace.join(file))?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = io::Read::read(&mut reader, &mut buffer)?;
            if count == 0 {
                break;
            }
            one.update(&buffer[..count]);
        }
        together.update(one.finish().as_ref());
    }
    Ok(together.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashed(patterns: &[&str]) -> Result<String, String> {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in [("a.lock", "a"), ("sub/b.lock", "b"), ("sub/c.txt", "c")] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("created");
            fs::write(path, text).expect("written");
        }
        hash(folder.path(), &patterns.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>())
    }

    fn expected(texts: &[&str]) -> String {
        let mut together = Context::new(&SHA256);
        for text in texts {
            together.update(aws_lc_rs::digest::digest(&SHA256, text.as_bytes()).as_ref());
        }
        together.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn files_are_hashed_in_order() {
        assert_eq!(hashed(&["**/*.lock"]), Ok(expected(&["a", "b"])));
        assert_eq!(hashed(&["sub"]), Ok(expected(&["b", "c"])));
        assert_eq!(hashed(&["**\n!**/*.txt"]), Ok(expected(&["a", "b"])));
        assert_eq!(hashed(&["none"]), Ok(String::new()));
        assert!(hashed(&["../x"]).is_err());
        assert!(hashed(&["--other", "x"]).is_err());
    }
}
