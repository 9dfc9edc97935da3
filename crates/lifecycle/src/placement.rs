//! Which runner may take which job, and why not.

/// Labels that a job wants and a runner lacks; empty if the runner fits. Case is ignored.
pub fn missing<'a>(wanted: &'a [String], offered: &[String]) -> Vec<&'a str> {
    wanted
        .iter()
        .filter(|label| !offered.iter().any(|offer| offer.eq_ignore_ascii_case(label)))
        .map(String::as_str)
        .collect()
}

/// Whether a runner has every label that a job wants. A job without labels fits any runner.
pub fn fits(wanted: &[String], offered: &[String]) -> bool {
    missing(wanted, offered).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_is_wanted_in_any_case() {
        let labels = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let offered = labels(&["self-hosted", "Linux", "x64"]);
        assert!(fits(&labels(&["linux", "X64"]), &offered));
        assert!(fits(&[], &offered));
        assert_eq!(missing(&labels(&["linux", "gpu"]), &offered), ["gpu"]);
    }
}
