//! Terminal colours to HTML.

use std::fmt::Write;

/// What a terminal would remember between two characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Look {
    bold: bool,
    faint: bool,
    italic: bool,
    underlined: bool,
    inverse: bool,
    struck: bool,
    ink: Option<Colour>,
    ground: Option<Colour>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colour {
    /// One of the 16 that the style sheet names.
    Named(u8),
    /// Red, green, blue.
    Exact(u8, u8, u8),
}

/// The text as HTML: escaped, with `<span>`s where a terminal would change its look. Other control sequences are dropped.
/// Cost: linear in the text.
pub(crate) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut look = Look::default();
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        piece(&rest[..at], look, &mut out);
        rest = escape(&rest[at..], &mut look);
    }
    piece(rest, look, &mut out);
    out
}

/// The text without control sequences.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        out.push_str(&rest[..at]);
        rest = escape(&rest[at..], &mut Look::default());
    }
    out.push_str(rest);
    out
}

fn piece(text: &str, look: Look, out: &mut String) {
    if text.is_empty() {
        return;
    }
    let dressed = look != Look::default();
    if dressed {
        open(look, out);
    }
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            // What a terminal does with these has no meaning on a page.
            c if c.is_control() && c != '\t' => {}
            c => out.push(c),
        }
    }
    if dressed {
        out.push_str("</span>");
    }
}

fn open(look: Look, out: &mut String) {
    let (ink, ground) = if look.inverse { (look.ground, look.ink) } else { (look.ink, look.ground) };
    let mut classes: Vec<String> = Vec::new();
    let mut style = String::new();
    let flags = [
        (look.bold, "b"),
        (look.faint, "f"),
        (look.italic, "i"),
        (look.underlined, "u"),
        (look.struck, "s"),
        (look.inverse, "v"),
    ];
    classes.extend(flags.iter().filter(|(on, _)| *on).map(|(_, class)| (*class).to_owned()));
    for (colour, class, property) in [(ink, 'c', "color"), (ground, 'g', "background")] {
        match colour {
            Some(Colour::Named(number)) => classes.push(format!("{class}{number}")),
            Some(Colour::Exact(r, g, b)) => _ = write!(style, "{property}:#{r:02x}{g:02x}{b:02x};"),
            None => {}
        }
    }
    _ = write!(out, "<span class=\"{}\"", classes.join(" "));
    if !style.is_empty() {
        _ = write!(out, " style=\"{style}\"");
    }
    out.push('>');
}

/// Takes one escape sequence from the front; answers what follows it.
fn escape<'t>(text: &'t str, look: &mut Look) -> &'t str {
    let body = &text[1..];
    match body.as_bytes().first() {
        // A control sequence: parameters, then one final character.
        Some(b'[') => match body[1..].find(|c: char| ('\u{40}'..='\u{7e}').contains(&c)) {
            Some(end) => {
                if body.as_bytes()[1 + end] == b'm' {
                    change(look, &body[1..=end]);
                }
                &body[end + 2..]
            }
            None => "",
        },
        // An operating system command, such as a title or a link: it ends with BEL or ST.
        Some(b']') => {
            let ends = [("\u{7}", body.find('\u{7}')), ("\u{1b}\\", body.find("\u{1b}\\"))];
            let first = ends.into_iter().filter_map(|(end, at)| Some((at?, end.len()))).min();
            first.map_or("", |(at, length)| &body[at + length..])
        }
        _ => body,
    }
}

/// Select Graphic Rendition.
fn change(look: &mut Look, parameters: &str) {
    let numbers: Vec<u16> = parameters.split([';', ':']).map(|number| number.parse().unwrap_or(0)).collect();
    let mut numbers = numbers.into_iter();
    while let Some(number) = numbers.next() {
        match number {
            0 => *look = Look::default(),
            1 => look.bold = true,
            2 => look.faint = true,
            3 => look.italic = true,
            4 => look.underlined = true,
            7 => look.inverse = true,
            9 => look.struck = true,
            22 => (look.bold, look.faint) = (false, false),
            23 => look.italic = false,
            24 => look.underlined = false,
            27 => look.inverse = false,
            29 => look.struck = false,
            30..=37 => look.ink = Some(Colour::Named((number - 30) as u8)),
            38 => look.ink = extended(&mut numbers).or(look.ink),
            39 => look.ink = None,
            40..=47 => look.ground = Some(Colour::Named((number - 40) as u8)),
            48 => look.ground = extended(&mut numbers).or(look.ground),
            49 => look.ground = None,
            90..=97 => look.ink = Some(Colour::Named((number - 90 + 8) as u8)),
            100..=107 => look.ground = Some(Colour::Named((number - 100 + 8) as u8)),
            _ => {}
        }
    }
}

/// `5;N` of 256 colours, or `2;R;G;B`.
fn extended(numbers: &mut impl Iterator<Item = u16>) -> Option<Colour> {
    let byte = |number: u16| u8::try_from(number).unwrap_or(u8::MAX);
    match numbers.next()? {
        5 => Some(match byte(numbers.next()?) {
            number @ 0..16 => Colour::Named(number),
            number @ 16..232 => {
                let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
                let cube = number - 16;
                Colour::Exact(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
            }
            number => {
                let grey = 8 + 10 * (number - 232);
                Colour::Exact(grey, grey, grey)
            }
        }),
        2 => Some(Colour::Exact(byte(numbers.next()?), byte(numbers.next()?), byte(numbers.next()?))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_spans() {
        assert_eq!(html("a\u{1b}[31mb\u{1b}[0mc"), "a<span class=\"c1\">b</span>c");
        assert_eq!(html("\u{1b}[1;92;44mx"), "<span class=\"b c10 g4\">x</span>");
        assert_eq!(html("\u{1b}[38;5;196mx\u{1b}[39my"), "<span class=\"\" style=\"color:#ff0000;\">x</span>y");
        assert_eq!(html("\u{1b}[48;2;1;2;300mx"), "<span class=\"\" style=\"background:#0102ff;\">x</span>");
    }

    #[test]
    fn nothing_of_the_text_becomes_markup() {
        assert_eq!(html("<b> & \"\u{1b}[31m<i>"), "&lt;b&gt; &amp; &quot;<span class=\"c1\">&lt;i&gt;</span>");
        assert_eq!(html("\u{1b}]0;title\u{7}x\u{1b}]8;;http://a\u{1b}\\y\u{1b}[2Kz\u{8}"), "xyz");
        assert_eq!(html("\u{1b}[31"), "");
        assert_eq!(html("\u{1b}"), "");
        assert_eq!(plain("a\u{1b}[1;32mb\u{1b}<c"), "ab<c");
    }
}
