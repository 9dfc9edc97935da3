//! Bytes to lines.

use crate::mask::Masks;

/// Bytes that one row may have. A longer line goes on in continuation rows.
pub const MAX_ROW: usize = 64 * 1024;

/// One line, or a piece of a long one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The text without its line end. Bytes that are not UTF-8 are written `\xNN`.
    pub text: String,
    /// Whether it goes on the line before: only a whole line can be a command.
    pub continuation: bool,
}

/// Cuts one byte stream into lines. Memory is bounded by [`MAX_ROW`] and the longest mask.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    continuation: bool,
}

impl Framer {
    /// Takes bytes and gives the lines that they complete. A long line is cut where no mask is cut.
    /// Cost: linear in the bytes.
    pub fn push(&mut self, mut bytes: &[u8], masks: &Masks) -> Vec<Line> {
        let mut lines = Vec::new();
        while let Some(end) = bytes.iter().position(|b| *b == b'\n') {
            self.fill(&bytes[..end], masks, &mut lines);
            let mut line = std::mem::take(&mut self.buffer);
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            lines.push(self.line(&line));
            self.continuation = false;
            bytes = &bytes[end + 1..];
        }
        self.fill(bytes, masks, &mut lines);
        lines
    }

    /// The line that has no end yet, at the end of the stream.
    pub fn finish(&mut self) -> Option<Line> {
        let rest = std::mem::take(&mut self.buffer);
        let line = (!rest.is_empty()).then(|| self.line(&rest));
        self.continuation = false;
        line
    }

    fn fill(&mut self, mut bytes: &[u8], masks: &Masks, lines: &mut Vec<Line>) {
        // Escapes make a row up to four times its bytes; a quarter keeps every row within its limit.
        let piece = MAX_ROW / 4;
        // What stands after the cut must be seen: the rest of a mask and of a UTF-8 sequence.
        let room = piece + masks.longest() + 4;
        while !bytes.is_empty() {
            let take = bytes.len().min(room - self.buffer.len().min(room));
            self.buffer.extend_from_slice(&bytes[..take]);
            bytes = &bytes[take..];
            while self.buffer.len() >= room {
                let cut = masks.safe_cut(&self.buffer, char_boundary(&self.buffer, piece));
                let head: Vec<u8> = self.buffer.drain(..cut).collect();
                lines.push(self.line(&head));
                self.continuation = true;
            }
        }
    }

    fn line(&self, bytes: &[u8]) -> Line {
        Line { text: text(bytes), continuation: self.continuation }
    }
}

/// The nearest offset at or before `at` that does not cut a UTF-8 sequence.
fn char_boundary(bytes: &[u8], at: usize) -> usize {
    let start = (at.saturating_sub(3)..=at).rev().find(|at| bytes.get(*at).is_none_or(|b| b & 0xC0 != 0x80));
    start.filter(|start| *start > 0).unwrap_or(at)
}

fn text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(pieces: &[&[u8]]) -> Vec<Line> {
        let masks = Masks::default();
        let mut framer = Framer::default();
        let mut lines: Vec<Line> = pieces.iter().flat_map(|piece| framer.push(piece, &masks)).collect();
        lines.extend(framer.finish());
        lines
    }

    #[test]
    fn lines_end_at_newlines_wherever_writes_are_cut() {
        let lines = frame(&[b"a\r\nb", b"c\n", b"\n", b"tail"]);
        assert_eq!(lines.iter().map(|l| l.text.as_str()).collect::<Vec<_>>(), ["a", "bc", "", "tail"]);
    }

    #[test]
    fn bytes_that_are_no_text_stay_readable() {
        assert_eq!(frame(&[b"a\xff\xc3\xa9\0\n"])[0].text, "a\\xFF\u{e9}\0");
    }

    #[test]
    fn a_secret_is_not_cut_in_two() {
        let masks = Masks::of(["s3cret-value"]);
        let mut framer = Framer::default();
        let mut bytes = vec![b'x'; MAX_ROW / 4 - 5];
        bytes.extend_from_slice(b"s3cret-value and more");
        bytes.extend(vec![b'y'; MAX_ROW]);
        let mut lines = framer.push(&bytes, &masks);
        lines.extend(framer.finish());
        let shown: String = lines.iter().map(|line| masks.apply(&line.text)).collect();
        assert!(!shown.contains("s3c") && shown.contains("*** and more"));
    }

    proptest! {
        #[test]
        fn nothing_is_cut_and_no_row_is_too_long(
            letters in prop::collection::vec(0_u8..6, 0..300), repeat in 1_usize..2_000, cut in 1_usize..5_000
        ) {
            let alphabet: [&[u8]; 6] = [b"a", b"\n", "é".as_bytes(), b"\xff", "😀".as_bytes(), b"b"];
            let bytes: Vec<u8> = letters.iter().flat_map(|l| alphabet[usize::from(*l)].repeat(if *l == 1 { 1 } else { repeat })).collect();
            let masks = Masks::default();
            let mut framer = Framer::default();
            let mut lines: Vec<Line> = bytes.chunks(cut).flat_map(|piece| framer.push(piece, &masks)).collect();
            lines.extend(framer.finish());
            prop_assert!(lines.iter().all(|line| line.text.len() <= MAX_ROW));
            let joined: String = lines.iter().enumerate()
                .map(|(at, line)| if at > 0 && !line.continuation { format!("\n{}", line.text) } else { line.text.clone() })
                .collect();
            let expected = text(bytes.strip_suffix(b"\n").unwrap_or(&bytes));
            prop_assert!(joined == expected);
        }
    }
}
