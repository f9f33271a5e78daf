//! The closed list of checks: what a pattern alone cannot say.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::national;

/// What a match must pass beside its pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Check {
    /// The pattern says it all.
    None,
    /// An issuer's range and length, and Luhn.
    Card,
    Iban,
    DeTaxId,
    FrNir,
    ItCodiceFiscale,
    EsDni,
    NlBsn,
    BeNationalNumber,
    PlPesel,
    UkNhs,
    UkNino,
    UsSsn,
    SePersonnummer,
    FiHetu,
    DkCpr,
    InAadhaar,
    BrCpf,
    /// 8 to 15 digits, as E.164 allows, not all of them the same.
    Phone,
    /// A JSON web token's header that decodes.
    Jwt,
    /// Not a word, a placeholder or a call, but letters with digits or signs.
    Password,
    /// As many different characters as chance gives.
    Random,
}

impl Check {
    /// Whether the text passes, separators and all.
    pub(crate) fn passes(self, text: &str) -> bool {
        match self {
            Self::None => true,
            Self::Card => card(&digits(text)),
            Self::Iban => iban(&alphanumerics(text)),
            Self::DeTaxId => national::de_tax_id(&digits(text)),
            Self::FrNir => national::fr_nir(&alphanumerics(text)),
            Self::ItCodiceFiscale => national::it_codice_fiscale(&alphanumerics(text)),
            Self::EsDni => national::es_dni(&alphanumerics(text)),
            Self::NlBsn => national::nl_bsn(&digits(text)),
            Self::BeNationalNumber => national::be_national_number(&digits(text)),
            Self::PlPesel => national::pl_pesel(&digits(text)),
            Self::UkNhs => national::uk_nhs(&digits(text)),
            Self::UkNino => national::uk_nino(&alphanumerics(text)),
            Self::UsSsn => national::us_ssn(&digits(text)),
            Self::SePersonnummer => national::se_personnummer(&digits(text)),
            Self::FiHetu => national::fi_hetu(text.as_bytes()),
            Self::DkCpr => national::dk_cpr(&digits(text)),
            Self::InAadhaar => national::in_aadhaar(&digits(text)),
            Self::BrCpf => national::br_cpf(&digits(text)),
            Self::Phone => phone(&digits(text)),
            Self::Jwt => jwt(text),
            Self::Password => password(text),
            Self::Random => random(text),
        }
    }
}

/// The values of the ASCII digits.
fn digits(text: &str) -> Vec<u32> {
    text.chars().filter_map(|c| c.to_digit(10)).collect()
}

/// ASCII letters, raised, and digits.
fn alphanumerics(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect()
}

/// ISO/IEC 7812-1, annex B.
pub(crate) fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| match d * 2 {
            _ if i % 2 == 0 => *d,
            twice if twice > 9 => twice - 9,
            twice => twice,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The issuers' published ranges by first six digits, and the lengths of their numbers.
fn is_card_range(prefix: u32, len: usize) -> bool {
    match prefix {
        400_000..=499_999 => matches!(len, 13 | 16 | 19),
        222_100..=272_099 | 510_000..=559_999 => len == 16,
        340_000..=349_999 | 370_000..=379_999 => len == 15,
        300_000..=305_999 | 309_500..=309_599 | 360_000..=369_999 | 380_000..=399_999 => {
            (14..=19).contains(&len)
        }
        352_800..=358_999 => (16..=19).contains(&len),
        501_800..=501_899 | 502_000..=502_099 | 503_800..=503_899 | 589_300..=589_399 => {
            (13..=19).contains(&len)
        }
        601_100..=601_199 | 620_000..=629_999 | 630_400..=630_499 | 644_000..=659_999 => {
            (16..=19).contains(&len)
        }
        675_900..=675_999 | 676_100..=676_399 => (13..=19).contains(&len),
        220_000..=220_499 => (16..=19).contains(&len),
        _ => false,
    }
}

fn card(digits: &[u32]) -> bool {
    let prefix = digits.iter().take(6).fold(0, |n, d| n * 10 + d);
    is_card_range(prefix, digits.len()) && luhn(digits)
}

/// Country and length of the SWIFT IBAN registry, release 97.
const IBANS: [(&[u8; 2], usize); 88] = [
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
];

/// ISO 13616: what follows the check digits, then country and check digits, letters as 10 to 35: 1 modulo 97.
fn iban(text: &[u8]) -> bool {
    let Some((country, _)) = text.split_first_chunk::<2>() else { return false };
    if !IBANS.iter().any(|(c, len)| *c == country && *len == text.len()) {
        return false;
    }
    let rotated = text[4..].iter().chain(&text[..4]);
    let remainder = rotated.fold(0u32, |rest, b| match b {
        b'0'..=b'9' => (rest * 10 + u32::from(b - b'0')) % 97,
        letter => (rest * 100 + u32::from(letter - b'A') + 10) % 97,
    });
    remainder == 1
}

fn phone(digits: &[u32]) -> bool {
    (8..=15).contains(&digits.len()) && digits.iter().skip(3).any(|d| *d != digits[2])
}

/// RFC 7519: the first part is base64url of a JSON object that names an algorithm.
fn jwt(text: &str) -> bool {
    let header = text.split('.').next().unwrap_or_default();
    let decoded = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let names_algorithm = decoded.windows(5).any(|w| w == b"\"alg\"");
    decoded.starts_with(b"{") && names_algorithm
}

fn password(text: &str) -> bool {
    let letters = text.chars().any(char::is_alphabetic);
    let others = text.chars().any(|c| c.is_numeric() || "!@#$%^&*+~?".contains(c));
    let placeholder = text.starts_with("${")
        || text.starts_with("{{")
        || text.starts_with('<')
        || text.contains("()")
        || text.chars().all(|c| "*•.xX…".contains(c));
    !placeholder && others && (letters || text.chars().count() >= 8)
}

/// Shannon's entropy of the characters, bits each: 3 is below any key of 16 random letters and digits
/// (99.9 % of which have more than 3.1), and above repeated or padded examples.
fn random(text: &str) -> bool {
    const BITS_MIN: f64 = 3.0;
    let mut counts = [0u32; 128];
    let ascii = text.bytes().filter(u8::is_ascii);
    let len = ascii.inspect(|b| counts[usize::from(*b)] += 1).count() as f64;
    let bits = counts.iter().filter(|n| **n > 0).map(|n| f64::from(*n) / len).map(|p| -p * p.log2());
    len > 0.0 && bits.sum::<f64>() >= BITS_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(check: Check, text: &str, expected: bool) {
        assert_eq!(check.passes(text), expected, "{text}");
    }

    #[test]
    fn cards_have_an_issuer_a_length_and_a_check_digit() {
        check(Check::Card, "4111 1111 1111 1111", true);
        check(Check::Card, "3782-822463-10005", true);
        check(Check::Card, "4111 1111 1111 1112", false);
        // Luhn agrees, and nobody issues it.
        check(Check::Card, "1000 0000 0000 0008", false);
    }

    #[test]
    fn ibans_have_their_countrys_length() {
        check(Check::Iban, "DE89 3704 0044 0532 0130 00", true);
        check(Check::Iban, "GB82 WEST 1234 5698 7654 32", true);
        check(Check::Iban, "DE88 3704 0044 0532 0130 00", false);
        check(Check::Iban, "DE89 3704 0044 0532 0130", false);
    }

    #[test]
    fn countries_are_in_order_and_each_once() {
        assert!(IBANS.windows(2).all(|w| w[0].0 < w[1].0));
    }

    #[test]
    fn tokens_decode_and_passwords_are_no_words() {
        check(Check::Jwt, "eyJhbGciOiJIUzI1NiJ9.e30.x", true);
        check(Check::Jwt, "eyJhbGciOiJ.e30.x", false);
        check(Check::Password, "hunter2", true);
        check(Check::Password, "required", false);
        check(Check::Password, "${DB_PASSWORD1}", false);
        check(Check::Random, "wJalrXUtnFEMI/K7MDENG", true);
        check(Check::Random, "xxxxxxxxxxxxxxxx1234", false);
    }
}
