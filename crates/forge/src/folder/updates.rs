//! Which refs have moved since they were last seen.

use super::git::Repository;

/// Updates that become events at once; of more, the newest.
pub const MAX_AT_ONCE: usize = 20;

/// One update of one ref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Full name.
    pub ref_name: String,
    /// The commit before; `None` for a new ref.
    pub before: Option<String>,
    /// The commit now; `None` for a deleted ref.
    pub after: Option<String>,
}

/// The differences between two lists of refs, in order of name.
pub fn updates(seen: &[(String, String)], now: &[(String, String)]) -> Vec<Update> {
    let find = |list: &[(String, String)], name: &str| {
        list.iter().find(|(known, _)| known == name).map(|(_, sha)| sha.clone())
    };
    let mut names: Vec<&String> = seen.iter().chain(now).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .map(|name| Update { ref_name: name.clone(), before: find(seen, name), after: find(now, name) })
        .filter(|update| update.before != update.after)
        .collect()
}

/// Splits updates into those that become events, newest commit first, and those that are only listed.
pub(crate) fn newest(repository: &Repository, mut updates: Vec<Update>) -> (Vec<Update>, Vec<Update>) {
    if updates.len() <= MAX_AT_ONCE {
        return (updates, Vec::new());
    }
    let time = |update: &Update| update.after.as_deref().map_or(i64::MIN, |sha| repository.commit_time(sha));
    updates.sort_by_cached_key(|update| std::cmp::Reverse(time(update)));
    let listed = updates.split_off(MAX_AT_ONCE);
    (updates, listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_is_an_update() {
        let list = |refs: &[(&str, &str)]| -> Vec<(String, String)> {
            refs.iter().map(|(name, sha)| ((*name).to_owned(), (*sha).to_owned())).collect()
        };
        let found = updates(&list(&[("a", "1"), ("b", "1"), ("c", "1")]), &list(&[("a", "1"), ("b", "2"), ("d", "3")]));
        let shown: Vec<(&str, Option<&str>, Option<&str>)> =
            found.iter().map(|u| (u.ref_name.as_str(), u.before.as_deref(), u.after.as_deref())).collect();
        assert_eq!(shown, [("b", Some("1"), Some("2")), ("c", Some("1"), None), ("d", None, Some("3"))]);
    }
}
