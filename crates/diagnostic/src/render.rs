//! A diagnostic for a terminal and as one line.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::{Diagnostic, Severity, Source};

/// `NAME:L:C: severity: message [code]`, the form that editors and scripts read.
pub fn one_line(source: &Source, diagnostic: &Diagnostic) -> String {
    let at = source.position(diagnostic.span.map_or(0, |span| span.start));
    format!(
        "{}:{}:{}: {}: {} [{}]",
        source.name(),
        at.line,
        at.column,
        diagnostic.severity.as_str(),
        diagnostic.message,
        diagnostic.code
    )
}

/// The source line, a mark under the place, the reason and the remedy, as rustc shows them.
pub fn pretty(source: &Source, diagnostic: &Diagnostic, colours: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    let mut report = match diagnostic.span {
        Some(span) => {
            let end = span.end.clamp(span.start, source.text().len());
            let start = span.start.min(end);
            title.element(
                Snippet::source(source.text()).path(source.name()).annotation(AnnotationKind::Primary.span(start..end)),
            )
        }
        None => Group::with_title(title).element(annotate_snippets::Origin::path(source.name())),
    };
    if let Some(help) = &diagnostic.help {
        report = report.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[report])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    #[test]
    fn a_finding_names_line_column_and_remedy() {
        let source = Source::new("ci.yml", "on: push\njöbs:\n  a: {}\n");
        let finding = Diagnostic::error("unexpected-key", Span::new(9, 14), "Unexpected value 'jöbs'")
            .with_help("did you mean `jobs`?");
        assert_eq!(one_line(&source, &finding), "ci.yml:2:1: error: Unexpected value 'jöbs' [unexpected-key]");
        let shown = pretty(&source, &finding, false);
        assert!(shown.contains("--> ci.yml:2:1"), "{shown}");
        assert!(shown.contains("^^^^"), "{shown}");
        assert!(shown.contains("did you mean"), "{shown}");
    }

    #[test]
    fn a_finding_about_the_whole_file_names_the_file() {
        let source = Source::new("ci.yml", "");
        let shown = pretty(&source, &Diagnostic::whole("too-large", "The file is too large"), false);
        assert!(shown.contains("ci.yml"), "{shown}");
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = Source::new("x", "é\tb\r\nc");
        assert_eq!(source.position(3), crate::Position { line: 1, column: 3 });
        assert_eq!(source.position(6), crate::Position { line: 2, column: 1 });
        assert_eq!(source.position(99), crate::Position { line: 2, column: 2 });
    }
}
