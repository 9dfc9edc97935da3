//! Rows that stand out in a log.

/// What a row begins or says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A group of rows that may be folded away.
    Group,
    /// The end of the innermost group.
    EndGroup,
    /// An error.
    Error,
    /// A warning.
    Warning,
}

impl Mark {
    /// Every mark and how a row with it begins.
    const PREFIXES: [(Self, &'static str); 4] = [
        (Self::Group, "##[group]"),
        (Self::EndGroup, "##[endgroup]"),
        (Self::Error, "##[error]"),
        (Self::Warning, "##[warning]"),
    ];

    /// The mark of a row, if it has one.
    pub fn of(text: &str) -> Option<Self> {
        if !text.starts_with("##[") {
            return None;
        }
        Self::PREFIXES.iter().find(|(_, prefix)| text.starts_with(prefix)).map(|(mark, _)| *mark)
    }

    /// The number in stores.
    pub fn code(self) -> i64 {
        self as i64
    }

    /// The mark of a number.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::PREFIXES.iter().map(|(mark, _)| *mark).find(|mark| mark.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_known_by_its_beginning() {
        assert_eq!(Mark::of("##[error]no such file"), Some(Mark::Error));
        assert_eq!(Mark::of("##[debug]x"), None);
        assert_eq!(Mark::of(" ##[error]"), None);
        for (mark, prefix) in Mark::PREFIXES {
            assert_eq!(Mark::of(prefix), Some(mark));
            assert_eq!(Mark::from_code(mark.code()), Some(mark));
        }
    }
}
