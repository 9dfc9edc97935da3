//! Which rows of an offer are new.

/// What a stream does with an offer of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// All of it is stored already, or it is empty.
    Nothing,
    /// It begins after the end: rows between would be missing.
    Gap,
    /// Rows from this position of the offer on are new.
    From(usize),
}

/// Judges an offer of `count` rows whose first one has number `index` (from 0) against the rows stored.
pub fn offer(stored: u64, index: u64, count: usize) -> Offer {
    if count == 0 || index.saturating_add(count as u64) <= stored {
        return Offer::Nothing;
    }
    match stored.checked_sub(index) {
        None => Offer::Gap,
        Some(known) => Offer::From(usize::try_from(known).unwrap_or(usize::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_judged_by_what_is_stored() {
        for (stored, index, count, expected) in [
            (0, 0, 3, Offer::From(0)),
            (3, 0, 3, Offer::Nothing),
            (3, 2, 4, Offer::From(1)),
            (6, 8, 2, Offer::Gap),
            (6, 6, 0, Offer::Nothing),
            (6, 6, 1, Offer::From(0)),
            (0, u64::MAX, 2, Offer::Gap),
        ] {
            assert_eq!(offer(stored, index, count), expected, "{stored} {index} {count}");
        }
    }
}
