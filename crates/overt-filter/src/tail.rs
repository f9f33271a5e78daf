//! The end of a text that still grows: what of it is not settled.

use overt_event::SecretKind;

use crate::Filter;

/// The longest number in groups that a rule finds, with its separators, twice.
const TAIL_BYTES_MAX: usize = 128;
/// So many digits can be half of a number.
const DIGITS_RISKY: usize = 6;
/// Letters and digits of this number together, with two digits at least, can be part of a key or of a
/// national number: an Italian tax code has its first two digits as its seventh and eighth character.
const MIXED_RISKY: usize = 9;
const MIXED_DIGITS_MIN: usize = 2;
/// A shorter word may be a slip that is taken back: it does not end the number before it.
const WORD_CHARS_MIN: usize = 4;
/// What somebody might type on: a value after `password:`, or a code after its word.
const CONTINUED: [&str; 2] = ["a1B2c3", "4930"];

/// The part of a text that what follows can still make part of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Where it begins, in bytes; the text's length when there is none.
    pub from: usize,
    /// It could be half of a secret: who cannot wait drops it.
    pub risky: bool,
}

impl Filter {
    /// The tail of a line as typed; `\n` stands for a boundary between two fields.
    pub fn tail(&self, text: &str) -> Tail {
        if let Some(from) = open_block(text) {
            return Tail { from, risky: true };
        }
        let within = text.len().saturating_sub(TAIL_BYTES_MAX);
        let begun = self.dictionary().and_then(|d| d.begun(text, within));
        let from = growing_from(text).min(begun.unwrap_or(text.len()));
        Tail { from, risky: from < text.len() && self.is_risky(text, from) }
    }

    fn is_risky(&self, text: &str, from: usize) -> bool {
        let tail = &text[from..];
        if tail.ends_with('\n') {
            return could_be_fields_of_a_card(tail);
        }
        let word = tail.rsplit(char::is_whitespace).find(|w| !w.is_empty()).unwrap_or_default();
        tail.contains('@')
            || digits_in_a_row(tail) >= DIGITS_RISKY
            || is_mixed(tail)
            || could_be_fields_of_a_card(tail)
            || self.beginnings().any(|b| word.len() > b.len() + 4 && word.contains(b))
            || self.goes_on_as_secret(text, from)
    }

    /// Whether a password or a code stands here as soon as it is longer.
    fn goes_on_as_secret(&self, text: &str, from: usize) -> bool {
        CONTINUED.iter().any(|more| {
            let longer = format!("{text}{more}");
            let named = |kind| matches!(kind, SecretKind::Password | SecretKind::Code);
            self.find(&longer)
                .iter()
                .any(|f| named(f.kind) && f.range.start < text.len() && f.range.end > from)
        })
    }
}

/// Digits of the groups that can be one number. A word of capitals after a plain number begins another:
/// no rule has one there but in numbers that are long enough before it.
fn digits_in_a_row(tail: &str) -> usize {
    let (mut most, mut row, mut plain) = (0, 0, false);
    for word in tail.split_whitespace() {
        if plain && word.bytes().all(|b| b.is_ascii_uppercase()) {
            row = 0;
        }
        plain = !word.chars().any(char::is_alphabetic);
        row += word.bytes().filter(u8::is_ascii_digit).count();
        most = most.max(row);
    }
    most
}

/// Whether the last word, or the groups of capitals and digits it is the last of, can be part of a key or
/// a number with letters. `12 HASH 12` is none: somewhere a letter stands beside a digit.
fn is_mixed(tail: &str) -> bool {
    let capital = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let words = || tail.split_whitespace().rev();
    let groups: Vec<&str> = words().take_while(|w| w.bytes().all(capital)).collect();
    let long = groups.concat().len() >= MIXED_RISKY && groups.iter().any(|w| has_both(w));
    words().next().is_some_and(|w| w.len() >= MIXED_RISKY && has_both(w)) || long
}

/// Letters, and two digits at least.
fn has_both(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    digits >= MIXED_DIGITS_MIN && word.chars().any(char::is_alphabetic)
}

/// The beginning of a private key's block that has not ended.
fn open_block(text: &str) -> Option<usize> {
    let begin = text.rfind("-----BEGIN ")?;
    let open = text[begin..].contains("PRIVATE KEY") && !text[begin..].contains("-----END ");
    open.then_some(begin)
}

/// The last word, while it grows, and the words before it that can be groups of one number with it.
fn growing_from(text: &str) -> usize {
    let mut from = text.len();
    let mut after: Option<&str> = None;
    for word in text.split_whitespace().rev() {
        // Both are parts of the same text.
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        let gap = &text[start + word.len()..from];
        let grows = after.is_none() && gap.is_empty();
        if !(grows || belongs(word, gap, after)) || text.len() - start > TAIL_BYTES_MAX && after.is_some() {
            break;
        }
        from = start;
        after = Some(word);
    }
    from
}

fn belongs(word: &str, gap: &str, after: Option<&str>) -> bool {
    if gap == "\n" {
        let grows_to_four = |w: &str| w.len() <= 4 && w.bytes().all(|b| b.is_ascii_digit());
        return word.len() == 4 && grows_to_four(word) && after.is_none_or(grows_to_four);
    }
    let goes_on = |w: &str| is_group(w) || w.chars().count() < WORD_CHARS_MIN;
    gap.chars().count() == 1 && is_group(word) && after.is_none_or(goes_on)
}

/// Whether the word can be a group of a number: digits, or up to four capitals of an IBAN.
fn is_group(word: &str) -> bool {
    let of_numbers = |b: u8| b.is_ascii_alphanumeric() || b"()+-./".contains(&b);
    let capitals = word.len() <= 4 && word.bytes().all(|b| b.is_ascii_uppercase());
    word.len() <= 34 && word.bytes().all(of_numbers) && (capitals || word.bytes().any(|b| b.is_ascii_digit()))
}

/// Two fields or more of four digits, the first of which begins as cards do.
fn could_be_fields_of_a_card(tail: &str) -> bool {
    let mut fields = tail.trim_end_matches('\n').split('\n');
    let first = fields.next().and_then(|f| f.rsplit(char::is_whitespace).next()).unwrap_or_default();
    matches!(first.as_bytes(), [b'3'..=b'6', _, _, _] | [b'2', b'2'..=b'7', _, _]) && fields.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, tail: &str, risky: bool) {
        let found = Filter::new(None).expect("the rules are good").tail(text);
        assert_eq!((&text[found.from..], found.risky), (tail, risky), "{text}");
    }

    #[test]
    fn the_last_word_grows_until_it_ends() {
        check("hello wor", "wor", false);
        check("hello world ", "", false);
        check("mail jane@exa", "jane@exa", true);
        check("see ghp_a1b2c3", "ghp_a1b2c3", true);
        check("word\n", "", false);
    }

    #[test]
    fn groups_of_a_number_belong_together() {
        check("pay 4111 11", "4111 11", true);
        check("pay 4111 ", "4111 ", false);
        check("IBAN DE89 3704 0044", "IBAN DE89 3704 0044", true);
        check("in 2026  then", "then", false);
        check("in RSSMRA85", "RSSMRA85", false);
        check("in RSSMRA85T", "RSSMRA85T", true);
        check("in RSS 85T 10A 5", "RSS 85T 10A 5", true);
        check("in GB29 NWBK 6", "GB29 NWBK 6", true);
        check("in 2026 NAME 3.5", "2026 NAME 3.5", false);
        check("in 2026 EU 2026", "2026 EU 2026", false);
        check("no QQ 12 34 56 C", "QQ 12 34 56 C", true);
        check("is 3.5 HASH 3.5 s", "3.5 HASH 3.5 s", false);
        check("room 12345", "12345", false);
        check("pay 4111 x", "4111 x", false);
        check("in 2026 they", "they", false);
    }

    #[test]
    fn fields_of_a_card_belong_together() {
        check("4111\n1111\n", "4111\n1111\n", true);
        check("4111\n", "4111\n", false);
        check("2019\n2020\n", "2019\n2020\n", false);
        check("123456\n", "", false);
    }

    #[test]
    fn what_follows_a_word_for_secrets_is_risky() {
        check("password: hu", "hu", true);
        check("verification code 49", "49", true);
        check("-----BEGIN PRIVATE KEY-----\nMII", "-----BEGIN PRIVATE KEY-----\nMII", true);
    }
}
