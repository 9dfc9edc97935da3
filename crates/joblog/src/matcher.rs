//! Problem matchers: regular expressions that find errors in ordinary output (GitHub's documentation of problem matchers).

use std::borrow::Cow;

use regress::{Match, Regex};
use serde::Deserialize;

/// Matchers that one file may hold, and patterns of one matcher.
const MAX_MATCHERS: usize = 100;

/// What a matcher found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issue {
    /// The matcher's owner.
    pub owner: String,
    /// `error`, `warning` or `notice`.
    pub severity: String,
    /// What is wrong.
    pub message: String,
    /// The file as found.
    pub file: Option<String>,
    /// The file that `file` is relative to, as found or as configured.
    pub from_path: Option<String>,
    /// 1-based.
    pub line: Option<i64>,
    /// 1-based.
    pub col: Option<i64>,
    /// The tool's code of the finding.
    pub code: Option<String>,
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "problemMatcher")]
    matchers: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(default)]
    owner: String,
    #[serde(default)]
    severity: String,
    from_path: Option<String>,
    #[serde(default)]
    pattern: Vec<WrittenPattern>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenPattern {
    #[serde(default)]
    regexp: String,
    file: Option<usize>,
    from_path: Option<usize>,
    line: Option<usize>,
    column: Option<usize>,
    severity: Option<usize>,
    code: Option<usize>,
    message: Option<usize>,
    #[serde(default, rename = "loop")]
    loops: bool,
}

/// One property of a finding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Property {
    File,
    FromPath,
    Line,
    Column,
    Severity,
    Code,
    Message,
}

const PROPERTIES: [(Property, &str); 7] = [
    (Property::File, "file"),
    (Property::FromPath, "fromPath"),
    (Property::Line, "line"),
    (Property::Column, "column"),
    (Property::Severity, "severity"),
    (Property::Code, "code"),
    (Property::Message, "message"),
];

impl WrittenPattern {
    fn group(&self, property: Property) -> Option<usize> {
        match property {
            Property::File => self.file,
            Property::FromPath => self.from_path,
            Property::Line => self.line,
            Property::Column => self.column,
            Property::Severity => self.severity,
            Property::Code => self.code,
            Property::Message => self.message,
        }
    }
}

#[derive(Clone)]
struct Pattern {
    regex: Regex,
    groups: [Option<usize>; 7],
    loops: bool,
}

/// Values by property; what an earlier pattern found stays.
type Found = [Option<String>; 7];

/// One matcher and how far it has come.
#[derive(Clone)]
pub struct Matcher {
    owner: String,
    severity: String,
    from_path: Option<String>,
    patterns: Vec<Pattern>,
    /// What the patterns before the last have found, each with what those before it had.
    running: Vec<Option<Found>>,
}

impl std::fmt::Debug for Matcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Matcher").field("owner", &self.owner).finish_non_exhaustive()
    }
}

impl Matcher {
    /// Reads a file of matchers. The error names the matcher and the remedy.
    pub fn read(text: &str) -> Result<Vec<Self>, String> {
        let file: File = serde_json::from_str(text)
            .map_err(|error| format!("this is no problem matcher file (`{{\"problemMatcher\": […]}}`): {error}"))?;
        if file.matchers.len() > MAX_MATCHERS {
            return Err(format!("a file holds at most {MAX_MATCHERS} matchers"));
        }
        let mut matchers: Vec<Self> = Vec::new();
        for written in file.matchers {
            let matcher = Self::checked(written)?;
            if matchers.iter().any(|known| known.is(&matcher.owner)) {
                return Err(format!("two matchers have the owner '{}': an owner has one", matcher.owner));
            }
            matchers.push(matcher);
        }
        Ok(matchers)
    }

    /// Whether this is the owner; case is ignored.
    pub fn is(&self, owner: &str) -> bool {
        self.owner.eq_ignore_ascii_case(owner)
    }

    /// Who owns it.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    fn checked(written: Written) -> Result<Self, String> {
        let Written { owner, severity, from_path, pattern } = written;
        if owner.is_empty() {
            return Err("a matcher has an owner: add `\"owner\": …`".into());
        }
        let refuse = |reason: String| Err(format!("the matcher '{owner}': {reason}"));
        if !["", "error", "warning", "notice"].iter().any(|known| severity.eq_ignore_ascii_case(known)) {
            return refuse(format!("the severity '{severity}' is none of error, warning and notice"));
        }
        if pattern.is_empty() || pattern.len() > MAX_MATCHERS {
            return refuse(format!("it has 1 to {MAX_MATCHERS} patterns"));
        }
        for (property, name) in PROPERTIES {
            let setters = pattern.iter().filter(|pattern| pattern.group(property).is_some()).count();
            if setters > 1 {
                return refuse(format!("`{name}` is set by more than one pattern"));
            }
            if setters == 0 && property == Property::Message {
                return refuse("no pattern sets `message`".into());
            }
        }
        let last = pattern.len() - 1;
        let mut patterns = Vec::new();
        for (at, written) in pattern.into_iter().enumerate() {
            if written.loops && (at == 0 || at < last || written.message.is_none()) {
                return refuse("`loop` belongs to the last of several patterns, and that one sets `message`".into());
            }
            match compile(&written) {
                Ok(pattern) => patterns.push(pattern),
                Err(reason) => return refuse(reason),
            }
        }
        let running = vec![None; patterns.len() - 1];
        Ok(Self { owner, severity, from_path, patterns, running })
    }

    /// Forgets what earlier lines began.
    pub fn reset(&mut self) {
        self.running.fill(None);
    }

    /// Takes one line of output without its colours; gives the issue that it completes. Cost: a search per pattern that
    /// could go on, by a backtracking engine: a caller sets a limit of time.
    pub fn line(&mut self, line: &str) -> Option<Issue> {
        let last = self.patterns.len() - 1;
        for at in (0..=last).rev() {
            let before = match at {
                0 => Found::default(),
                _ => match &self.running[at - 1] {
                    Some(found) => found.clone(),
                    None => continue,
                },
            };
            let pattern = &self.patterns[at];
            match pattern.regex.find(line) {
                Some(found) => {
                    let values = together(before, pattern, &found, line);
                    if at < last {
                        self.running[at] = Some(values);
                        continue;
                    }
                    if !pattern.loops {
                        self.reset();
                    }
                    return self.issue(values);
                }
                // A miss of the last pattern ends what it would have completed, one of another what it would begin.
                None if at == last && at > 0 => self.running[at - 1] = None,
                None if at < last => self.running[at] = None,
                None => {}
            }
        }
        None
    }

    fn issue(&self, found: Found) -> Option<Issue> {
        let [file, from_path, line, column, severity, code, message] = found;
        let severity = severity.filter(|text| !text.is_empty()).unwrap_or_else(|| self.severity.clone());
        let severity = match severity.to_ascii_lowercase().as_str() {
            "" | "error" => "error",
            "warning" => "warning",
            "notice" => "notice",
            _ => return None,
        };
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let number = |text: Option<String>| {
            text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())).and_then(|text| text.parse().ok())
        };
        Some(Issue {
            owner: self.owner.clone(),
            severity: severity.to_owned(),
            message: filled(message)?,
            file: filled(file),
            from_path: filled(from_path).or_else(|| self.from_path.clone()),
            line: number(line),
            col: number(column),
            code: filled(code),
        })
    }
}

fn compile(written: &WrittenPattern) -> Result<Pattern, String> {
    if written.regexp.is_empty() {
        return Err("a pattern has a regular expression: add `\"regexp\": …`".into());
    }
    let regex = Regex::new(&written.regexp)
        .map_err(|error| format!("'{}' is no regular expression: {error}", written.regexp))?;
    let groups = PROPERTIES.map(|(property, _)| written.group(property));
    let count = capture_groups(&written.regexp);
    if let Some(group) = groups.iter().flatten().find(|group| **group > count) {
        return Err(format!("'{}' has no group {group}: it has {count}", written.regexp));
    }
    Ok(Pattern { regex, groups, loops: written.loops })
}

/// How many groups an expression captures: `(` that is not escaped, not in a set and not followed by `?`, but for `(?<name>`.
fn capture_groups(regexp: &str) -> usize {
    let bytes = regexp.as_bytes();
    let (mut count, mut in_set, mut at) = (0, false, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'[' => in_set = true,
            b']' => in_set = false,
            b'(' if !in_set => {
                let rest = &bytes[at + 1..];
                let named = rest.starts_with(b"?<") && !rest.starts_with(b"?<=") && !rest.starts_with(b"?<!");
                count += usize::from(named || !rest.starts_with(b"?"));
            }
            _ => {}
        }
        at += 1;
    }
    count
}

fn together(mut found: Found, pattern: &Pattern, matched: &Match, line: &str) -> Found {
    for (value, group) in found.iter_mut().zip(pattern.groups) {
        if value.is_none() {
            let range = group.and_then(|group| matched.group(group));
            *value = range.map(|range| line[range].to_owned());
        }
    }
    found
}

/// Several matchers: the first one that finds something wins, and the others begin anew.
#[derive(Clone, Debug, Default)]
pub struct Matchers(Vec<Matcher>);

impl Matchers {
    /// Puts matchers in front; those of the same owners go.
    pub fn add(&mut self, mut fresh: Vec<Matcher>) {
        self.0.retain(|known| !fresh.iter().any(|new| new.is(&known.owner)));
        fresh.append(&mut self.0);
        self.0 = fresh;
    }

    /// Removes the matcher of an owner.
    pub fn remove(&mut self, owner: &str) {
        self.0.retain(|known| !known.is(owner));
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes one line of output; gives the issue that it completes.
    pub fn line(&mut self, line: &str) -> Option<Issue> {
        let line = without_colours(line);
        let (winner, issue) =
            self.0.iter_mut().enumerate().find_map(|(at, matcher)| Some((at, matcher.line(&line)?)))?;
        for (_, other) in self.0.iter_mut().enumerate().filter(|(at, _)| *at != winner) {
            other.reset();
        }
        Some(issue)
    }
}

/// The line without `ESC [ … m`.
fn without_colours(line: &str) -> Cow<'_, str> {
    if !line.contains("\u{1b}[") {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("\u{1b}[") {
        out.push_str(&rest[..at]);
        let after = &rest[at + 2..];
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(after.len());
        rest = &after[end..];
        rest = rest.strip_prefix('m').unwrap_or(rest);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(config: &str, lines: &[&str]) -> Vec<String> {
        let mut matchers = Matchers::default();
        matchers.add(Matcher::read(config).expect("a valid file"));
        let said = |issue: Issue| {
            let number = |number: Option<i64>| number.map_or("-".to_owned(), |number| number.to_string());
            format!(
                "{} {}:{}:{} {} {}",
                issue.severity,
                issue.file.unwrap_or_default(),
                number(issue.line),
                number(issue.col),
                issue.code.unwrap_or_default(),
                issue.message
            )
        };
        lines.iter().filter_map(|line| matchers.line(line)).map(said).collect()
    }

    const GCC: &str = r#"{"problemMatcher":[{"owner":"gcc","pattern":[{"regexp":"^(.*):(\\d+):(\\d+):\\s+(warning|error):\\s+(.*)$","file":1,"line":2,"column":3,"severity":4,"message":5}]}]}"#;

    #[test]
    fn one_pattern_finds_one_line() {
        let lines = ["\u{1b}[1ma.c:3:14: error: \u{1b}[31mno\u{1b}[0m", "nothing", "b.c:1:1:  warning: w"];
        assert_eq!(found(GCC, &lines), ["error a.c:3:14  no", "warning b.c:1:1  w"]);
    }

    /// The output of `ESLint`: a file, then its findings.
    const STYLISH: &str = r#"{"problemMatcher":[{"owner":"eslint","pattern":[{"regexp":"^([^\\s].*)$","file":1},
        {"regexp":"^\\s+(\\d+):(\\d+)\\s+(error|warning|info)\\s+(.*)\\s\\s+(.*)$","line":1,"column":2,"severity":3,"message":4,"code":5,"loop":true}]}]}"#;

    #[test]
    fn a_loop_goes_on_until_it_misses() {
        let lines =
            ["test.js", "  1:0   error  Missing x  a/b", "  5:23  error  Bad y   c", "", "  9:9  error  lost  d"];
        assert_eq!(found(STYLISH, &lines), ["error test.js:1:0 a/b Missing x", "error test.js:5:23 c Bad y "]);
    }

    #[test]
    fn the_first_matcher_wins_and_an_owner_has_one() {
        let mut matchers = Matchers::default();
        let simple = |owner: &str, severity: &str| {
            let text = format!(
                r#"{{"problemMatcher":[{{"owner":"{owner}","severity":"{severity}","pattern":[{{"regexp":"^E (.+)$","message":1}}]}}]}}"#
            );
            Matcher::read(&text).expect("valid")
        };
        matchers.add(simple("a", "error"));
        matchers.add(simple("b", "notice"));
        assert_eq!(matchers.line("E x").expect("found").owner, "b");
        matchers.add(simple("A", "warning"));
        assert_eq!(matchers.line("E x").expect("found").severity, "warning");
        matchers.remove("a");
        matchers.remove("B");
        assert!(matchers.is_empty());
    }

    #[test]
    fn what_is_no_matcher_is_said() {
        let file = |matcher: &str| Matcher::read(&format!(r#"{{"problemMatcher":[{matcher}]}}"#)).expect_err("refused");
        for (matcher, said) in [
            (r#"{"pattern":[{"regexp":"x","message":0}]}"#, "has an owner"),
            (r#"{"owner":"a"}"#, "1 to 100 patterns"),
            (r#"{"owner":"a","severity":"bad","pattern":[{"regexp":"x","message":0}]}"#, "severity 'bad'"),
            (r#"{"owner":"a","pattern":[{"regexp":"x"}]}"#, "no pattern sets `message`"),
            (r#"{"owner":"a","pattern":[{"regexp":"(x)","message":2}]}"#, "no group 2: it has 1"),
            (r#"{"owner":"a","pattern":[{"regexp":"(?:x)[(]\\((?<n>y)","message":2}]}"#, "it has 1"),
            (r#"{"owner":"a","pattern":[{"regexp":"(","message":0}]}"#, "no regular expression"),
            (r#"{"owner":"a","pattern":[{"regexp":"x","message":0,"loop":true}]}"#, "`loop` belongs"),
            (r#"{"owner":"a","pattern":[{"regexp":"x","message":0},{"regexp":"y","message":0}]}"#, "more than one"),
        ] {
            assert!(file(matcher).contains(said), "{matcher}: {}", file(matcher));
        }
        let twice = r#"{"owner":"a","pattern":[{"regexp":"x","message":0}]}"#;
        assert!(file(&format!("{twice},{}", twice.replace("\"a\"", "\"A\""))).contains("two matchers"));
        assert!(Matcher::read("[]").expect_err("refused").contains("problemMatcher"));
    }
}
