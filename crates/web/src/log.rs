//! Rows of a log as a page shows them.

use serde::Serialize;
use windlass_joblog::Row;

use crate::ansi;

/// Bytes of JSON that one answer with lines may have, about.
const MAX_ANSWER: usize = 90_000;
/// A line is never cut shorter than this.
const SHORTEST: usize = 120;

/// One line as it stands on a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    /// When it was written, Unix milliseconds by the runner's clock.
    #[serde(rename = "t")]
    pub(crate) time: i64,
    /// What stands out about it: `group`, `endgroup`, `error`, `warning`, `notice`, `debug`, `command`, or nothing.
    #[serde(rename = "k")]
    pub(crate) kind: &'static str,
    /// Its text as HTML.
    #[serde(rename = "h")]
    pub(crate) html: String,
    /// Bytes that were cut off its end: the page fetches the whole line when asked.
    #[serde(rename = "x", skip_serializing_if = "is_zero")]
    pub(crate) cut: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

const KINDS: [&str; 7] = ["group", "endgroup", "error", "warning", "notice", "debug", "command"];

/// The line of a row, cut after so many bytes.
pub(crate) fn line(row: &Row, most: usize) -> Line {
    let marked = row.text.strip_prefix("##[").and_then(|rest| rest.split_once(']'));
    let known = marked.and_then(|(word, rest)| KINDS.iter().find(|kind| **kind == word).map(|kind| (*kind, rest)));
    let (kind, text) = known.unwrap_or(("", &row.text));
    let end = text.floor_char_boundary(most);
    Line { time: row.time, kind, html: ansi::html(&text[..end]), cut: text.len() - end }
}

/// The lines of rows, each cut as far as is needed to keep the whole answer small. One row alone is never cut.
/// Cost: linear in the rows; a few passes where they are long.
pub(crate) fn lines(rows: &[Row]) -> Vec<Line> {
    let mut most = if rows.len() == 1 { usize::MAX } else { 16 * 1024 };
    loop {
        let lines: Vec<Line> = rows.iter().map(|row| line(row, most)).collect();
        let size: usize = lines.iter().map(|line| line.html.len() + 40).sum();
        if size <= MAX_ANSWER || rows.len() == 1 || most <= SHORTEST {
            return lines;
        }
        most = (most / 2).max(SHORTEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Row {
        Row { time: 5, text: text.into() }
    }

    #[test]
    fn a_row_becomes_a_line() {
        let shown = line(&row("##[error]\u{1b}[31mbad\u{1b}[0m <b>"), 100);
        assert_eq!((shown.kind, shown.html.as_str()), ("error", "<span class=\"c1\">bad</span> &lt;b&gt;"));
        assert_eq!(line(&row("##[strange]x"), 100).html, "##[strange]x");
        assert_eq!((line(&row("äbc"), 2).html.as_str(), line(&row("äbc"), 1).cut), ("ä", 4));
    }

    #[test]
    fn an_answer_stays_small() {
        let long: Vec<Row> = (0..200).map(|_| row(&"<".repeat(60_000))).collect();
        let size: usize = lines(&long).iter().map(|line| line.html.len()).sum();
        assert!(size < 100_000 && lines(&long).iter().all(|line| line.cut > 0), "{size}");
        assert_eq!(lines(&long[..1])[0].cut, 0, "a line that is asked for alone is whole");
    }
}
