//! Case folding: to upper case, one character to one, without a locale.

/// One character as comparison sees it. The dotless `ı` stays itself, as in the reference.
pub(crate) fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    if c == 'ı' {
        return c;
    }
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// A text as comparison sees it: the key under which object properties are found.
pub fn fold(text: &str) -> String {
    text.chars().map(fold_char).collect()
}

/// Equality that ignores case, without allocating.
pub(crate) fn equal(a: &str, b: &str) -> bool {
    a.chars().map(fold_char).eq(b.chars().map(fold_char))
}

/// Ordinal order of the folded texts, by UTF-16 code unit.
pub(crate) fn order(a: &str, b: &str) -> std::cmp::Ordering {
    let units = |text: &str| -> Vec<u16> { fold(text).encode_utf16().collect() };
    units(a).cmp(&units(b))
}
