//! The graph of `needs`.

use windlass_diagnostic::Diagnostic;

use crate::{
    model::Job,
    yaml::{Node, Yaml},
};

/// Reports unknown jobs and cycles. Looked for only when the rest of the file is valid.
pub(crate) fn check(jobs: &[Job], found: &mut Vec<Diagnostic>) {
    if !jobs.is_empty() && jobs.iter().all(|job| !job.needs.is_empty()) {
        let place = jobs[0].node.get("needs").map_or(jobs[0].node.span, |node| node.span);
        let message = "The workflow must contain at least one job with no dependencies.";
        found.push(
            Diagnostic::error("no-first-job", place, message)
                .with_help("remove `needs` from the job that should run first"),
        );
        return;
    }
    let known = |id: &str| jobs.iter().any(|job| job.id == id);
    let mut settled: Vec<&str> = Vec::new();
    loop {
        let before = settled.len();
        for job in jobs {
            let ready = job.needs.iter().all(|need| settled.contains(&need.as_str()));
            if ready && !settled.contains(&job.id.as_str()) {
                settled.push(&job.id);
            }
        }
        if settled.len() == before {
            break;
        }
    }
    for job in jobs.iter().filter(|job| !settled.contains(&job.id.as_str())) {
        for need in job.needs.iter().filter(|need| !settled.contains(&need.as_str())) {
            let span = need_node(job, need).map_or(job.node.span, |node| node.span);
            found.push(if known(need) {
                let message =
                    format!("Job '{}' depends on job '{need}' which creates a cycle in the dependency graph.", job.id);
                Diagnostic::error("needs-cycle", span, message).with_help("remove one of the `needs` of the circle")
            } else {
                let help = match closest(need, jobs.iter().map(|job| job.id.as_str())) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`needs` names the ids of other jobs in this file".to_owned(),
                };
                let message = format!("Job '{}' depends on unknown job '{need}'.", job.id);
                Diagnostic::error("unknown-need", span, message).with_help(help)
            });
        }
    }
}

fn need_node<'a>(job: &'a Job, need: &str) -> Option<&'a Node> {
    let node = job.node.get("needs")?;
    match &node.value {
        Yaml::Sequence(items) => {
            items.iter().find(|item| item.scalar_text().is_some_and(|text| text.eq_ignore_ascii_case(need)))
        }
        _ => Some(node),
    }
}

/// The known word that is nearest to one that is not, if it is near enough to be a slip.
pub(crate) fn closest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance * 3 <= candidate.len().max(3))
        .min()
        .map(|(_, candidate)| candidate)
}
