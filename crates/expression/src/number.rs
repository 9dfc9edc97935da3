//! Numbers as texts: how a text becomes a number and how a number is printed.

/// The number that a text means, or NaN. Blank text is 0; `0x` and `0o` are 32-bit and take no sign.
pub fn parse_number(text: &str) -> f64 {
    let text = text.trim();
    if text.is_empty() {
        return 0.0;
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    match text {
        "Infinity" | "+Infinity" => return f64::INFINITY,
        "-Infinity" => return f64::NEG_INFINITY,
        _ => {}
    }
    // Rust's parser also takes words such as "inf": only digits, sign, point and exponent are numbers here.
    if text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E')) {
        text.parse().unwrap_or(f64::NAN)
    } else {
        f64::NAN
    }
}

fn radix(digits: &str, radix: u32) -> f64 {
    let plain = digits.bytes().all(|b| b.is_ascii_alphanumeric());
    match u32::from_str_radix(digits, radix) {
        // The reference reads a 32-bit pattern, so the upper half is negative.
        Ok(bits) if plain => f64::from(bits as i32),
        _ => f64::NAN,
    }
}

/// A number as expressions print it: at most 15 significant digits, `1E-05` style exponents.
pub fn format_number(number: f64) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    if number == 0.0 {
        return "0".into();
    }
    let scientific = format!("{number:.14e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-5 < exponent) && exponent < 15 {
        let decimals = usize::try_from(14 - exponent).unwrap_or(0);
        return trim_zeros(&format!("{number:.decimals$}")).to_owned();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}E{sign}{:02}", trim_zeros(mantissa), exponent.abs())
}

fn trim_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_with_fifteen_digits() {
        for (number, text) in [
            (1.0, "1"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (1_587_106_672_383_760_000.0, "1.58710667238376E+18"),
            (0.00001, "1E-05"),
            (0.0001, "0.0001"),
            (1e15, "1E+15"),
            (123_456_789_012_345.0, "123456789012345"),
            (-1.5, "-1.5"),
        ] {
            assert_eq!(format_number(number), text);
        }
    }

    #[test]
    fn texts_become_numbers() {
        for (text, number) in [(" \t", 0.0), ("0x1F", 31.0), ("0xFFFFFFFF", -1.0), ("0o17", 15.0), (" +.5e1 ", 5.0)] {
            assert!((parse_number(text) - number).abs() < f64::EPSILON, "{text}");
        }
        for text in ["-0xFF", "0xFZ", "inf", "1.2.3", "1_000", "0X1"] {
            assert!(parse_number(text).is_nan(), "{text}");
        }
    }
}
