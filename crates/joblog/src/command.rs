//! Workflow commands: lines that tell the runner something.

/// `::name key=value::data`, or the older `##[name key=value]data`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// As written; compare ignoring case.
    pub name: String,
    /// Unescaped, without empty ones.
    pub properties: Vec<(String, String)>,
    /// Unescaped.
    pub data: String,
}

impl Command {
    /// The command in a line, if its name is known.
    pub fn parse(line: &str, known: impl Fn(&str) -> bool) -> Option<Self> {
        Self::modern(line, &known).or_else(|| Self::old(line, &known))
    }

    /// Whether the command has this name.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// A property. Keys ignore case.
    pub fn property(&self, key: &str) -> Option<&str> {
        self.properties.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str())
    }

    fn modern(line: &str, known: &impl Fn(&str) -> bool) -> Option<Self> {
        let rest = line.trim_start().strip_prefix("::")?;
        let (header, data) = rest.split_once("::")?;
        let (name, properties) = header.split_once(' ').unwrap_or((header, ""));
        known(name).then(|| Self {
            name: name.to_owned(),
            properties: split_properties(properties, ',', &[("%3A", ":"), ("%2C", ",")]),
            data: unescape(data, &[]),
        })
    }

    fn old(line: &str, known: &impl Fn(&str) -> bool) -> Option<Self> {
        let start = line.find("##[")?;
        let (header, data) = line[start + 3..].split_once(']')?;
        let (name, properties) = header.split_once(' ').unwrap_or((header, ""));
        known(name).then(|| Self {
            name: name.to_owned(),
            properties: split_properties(properties, ';', &[("%3B", ";"), ("%5D", "]")]),
            data: unescape(data, &[("%3B", ";"), ("%5D", "]")]),
        })
    }
}

fn split_properties(text: &str, separator: char, extra: &[(&str, &str)]) -> Vec<(String, String)> {
    text.trim()
        .split(separator)
        .filter_map(|pair| pair.split_once('='))
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (key.trim().to_owned(), unescape(value, extra)))
        .collect()
}

/// `%25` comes last, so that an escaped percent sign escapes nothing.
fn unescape(text: &str, extra: &[(&str, &str)]) -> String {
    let mut text = text.replace("%0D", "\r").replace("%0A", "\n");
    for (escaped, plain) in extra {
        text = text.replace(escaped, plain);
    }
    text.replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Option<Command> {
        Command::parse(line, |name| ["error", "group", "add-mask"].contains(&name.to_lowercase().as_str()))
    }

    #[test]
    fn both_forms_are_read() {
        let command = parse("  ::error file=a%2Cb.rs,line=3,col=::bad%0Athing%250A").expect("a command");
        assert_eq!(command.property("FILE"), Some("a,b.rs"));
        assert_eq!(command.property("col"), None);
        assert_eq!(command.data, "bad\nthing%0A");
        let old = parse("text ##[group]name").expect("a command");
        assert_eq!((old.name.as_str(), old.data.as_str()), ("group", "name"));
    }

    #[test]
    fn other_lines_are_output() {
        for line in ["::unknown::x", "x ::error::y", "::error", ":: error::y", "std::vector::x"] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
