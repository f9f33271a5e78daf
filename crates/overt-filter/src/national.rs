//! The check digits of national numbers. Each function takes the number without separators and names
//! who publishes the rule.

use crate::checks::luhn;

fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| d * w).sum()
}

fn number(digits: &[u32]) -> u64 {
    digits.iter().fold(0, |n, d| n * 10 + u64::from(*d))
}

fn number_of(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn is_date(day: u64, month: u64) -> bool {
    (1..=31).contains(&day) && (1..=12).contains(&month)
}

/// Steuer-Identifikationsnummer, Bundeszentralamt für Steuern: 11 digits, the first not 0; of the first
/// ten one occurs twice or three times and the others at most once; ISO 7064 MOD 11,10.
pub(crate) fn de_tax_id(digits: &[u32]) -> bool {
    let (Some((check, body)), 11) = (digits.split_last(), digits.len()) else { return false };
    let mut counts = [0; 10];
    body.iter().for_each(|d| counts[*d as usize] += 1);
    let repeated: Vec<_> = counts.into_iter().filter(|n| *n > 1).collect();
    let product = body.iter().fold(10, |product, d| match (d + product) % 10 {
        0 => 20 % 11,
        sum => sum * 2 % 11,
    });
    body[0] != 0 && matches!(repeated[..], [2 | 3]) && (11 - product) % 10 == *check
}

/// Numéro d'inscription au répertoire, INSEE: 13 characters and a key, 97 less the number modulo 97;
/// Corsica's 2A and 2B count as 19 and 18.
pub(crate) fn fr_nir(text: &[u8]) -> bool {
    if text.len() != 15 || !matches!(text[0], b'1' | b'2') {
        return false;
    }
    let mut body = text[..13].to_vec();
    match &body[5..7] {
        b"2A" => body[5..7].copy_from_slice(b"19"),
        b"2B" => body[5..7].copy_from_slice(b"18"),
        _ => {}
    }
    let (Some(body), Some(key)) = (number_of(&body), number_of(&text[13..])) else { return false };
    97 - body % 97 == key
}

/// Codice fiscale, Decreto ministeriale 23 December 1976: 15 characters and a check letter.
pub(crate) fn it_codice_fiscale(text: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    if text.len() != 16 {
        return false;
    }
    let value = |b: u8| if b.is_ascii_digit() { b - b'0' } else { b - b'A' };
    let sum: u32 = text[..15]
        .iter()
        .enumerate()
        .map(|(i, b)| if i % 2 == 0 { ODD[usize::from(value(*b))] } else { u32::from(value(*b)) })
        .sum();
    u32::from(text[15]) == u32::from(b'A') + sum % 26
}

/// DNI and NIE, Ministerio del Interior: the letter is the number modulo 23; X, Y, Z begin with 0, 1, 2.
pub(crate) fn es_dni(text: &[u8]) -> bool {
    if text.len() != 9 {
        return false;
    }
    let mut body = text[..8].to_vec();
    if let b'X'..=b'Z' = body[0] {
        body[0] = body[0] - b'X' + b'0';
    }
    number_of(&body).is_some_and(|n| b"TRWAGMYFPDXBNJZSQVHLCKE"[(n % 23) as usize] == text[8])
}

/// Burgerservicenummer, Logisch ontwerp BSN: weights 9 to 2 and -1, 0 modulo 11.
pub(crate) fn nl_bsn(digits: &[u32]) -> bool {
    let (Some((last, body)), 9) = (digits.split_last(), digits.len()) else { return false };
    let sum = weighted(body, &[9, 8, 7, 6, 5, 4, 3, 2]);
    number(body) > 0 && sum >= *last && (sum - last).is_multiple_of(11)
}

/// Rijksregisternummer: a date, and 97 less the first nine digits modulo 97; from 2000 on with a 2 before them.
pub(crate) fn be_national_number(digits: &[u32]) -> bool {
    if digits.len() != 11 {
        return false;
    }
    let (body, check) = (number(&digits[..9]), number(&digits[9..]));
    // Provisional numbers add 20 or 40 to the month.
    let (month, day) = (number(&digits[2..4]) % 20, number(&digits[4..6]));
    let dated = month <= 12 && day <= 31;
    dated && [body, body + 2_000_000_000].iter().any(|n| 97 - n % 97 == check)
}

/// PESEL, ustawa o ewidencji ludności: a date with the century in its month, weights 1 3 7 9.
pub(crate) fn pl_pesel(digits: &[u32]) -> bool {
    if digits.len() != 11 {
        return false;
    }
    let dated = is_date(number(&digits[4..6]), number(&digits[2..4]) % 20);
    dated && weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
}

/// NHS number, NHS Data Model: weights 10 to 2, 11 less the rest of 11 is the check digit, 10 is none.
pub(crate) fn uk_nhs(digits: &[u32]) -> bool {
    let (Some((check, body)), 10) = (digits.split_last(), digits.len()) else { return false };
    let rest = 11 - weighted(body, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    body.iter().any(|d| *d != body[0]) && rest % 11 == *check
}

/// National Insurance number, HMRC NIM39110: the prefixes that are given out.
pub(crate) fn uk_nino(text: &[u8]) -> bool {
    const NEVER: [&[u8]; 7] = [b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"];
    text.len() == 9
        && !NEVER.contains(&&text[..2])
        && !b"DFIQUV".contains(&text[0])
        && !b"DFIOQUV".contains(&text[1])
}

/// Social security number, SSA: no area 000, 666 or 9xx, no group 00, no serial 0000. It has no check digit.
pub(crate) fn us_ssn(digits: &[u32]) -> bool {
    if digits.len() != 9 {
        return false;
    }
    let (area, group, serial) = (number(&digits[..3]), number(&digits[3..5]), number(&digits[5..]));
    !matches!(area, 0 | 666 | 900..) && group > 0 && serial > 0
}

/// Personnummer, Skatteverket SKV 704: a date (coordination numbers add 60 to the day), Luhn over ten digits.
pub(crate) fn se_personnummer(digits: &[u32]) -> bool {
    let digits = match digits.len() {
        12 => &digits[2..],
        10 => digits,
        _ => return false,
    };
    is_date(number(&digits[4..6]) % 60, number(&digits[2..4])) && luhn(digits)
}

/// Henkilötunnus, Digi- ja väestötietovirasto: date, sign of the century, three digits, and the nine
/// digits modulo 31 as a character.
pub(crate) fn fi_hetu(text: &[u8]) -> bool {
    const SIGNS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    if text.len() != 11 {
        return false;
    }
    let body = [&text[..6], &text[7..10]].concat();
    let Some(n) = number_of(&body) else { return false };
    let dated = is_date(n / 10_000_000, n / 100_000 % 100);
    dated && SIGNS[(n % 31) as usize] == text[10].to_ascii_uppercase()
}

/// CPR-nummer, CPR-kontoret: a date. Since 2007 the last digit checks nothing.
pub(crate) fn dk_cpr(digits: &[u32]) -> bool {
    digits.len() == 10 && is_date(number(&digits[..2]), number(&digits[2..4])) && number(&digits[6..]) > 0
}

/// Aadhaar, UIDAI: 12 digits, the first from 2 on, Verhoeff's check.
pub(crate) fn in_aadhaar(digits: &[u32]) -> bool {
    digits.len() == 12 && digits[0] > 1 && verhoeff(digits)
}

/// Verhoeff 1969: the dihedral group of order 10 and a permutation by place.
fn verhoeff(digits: &[u32]) -> bool {
    const PERMUTE: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let permuted = |place: usize, d: u32| (0..place % 8).fold(d, |d, _| PERMUTE[d as usize]);
    digits.iter().rev().enumerate().fold(0, |c, (i, d)| dihedral(c, permuted(i, *d))) == 0
}

/// The product of two elements of the dihedral group of order 10, rotations first.
fn dihedral(a: u32, b: u32) -> u32 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - 5 + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

/// CPF, Receita Federal: two check digits modulo 11; numbers of one digit are not given out.
pub(crate) fn br_cpf(digits: &[u32]) -> bool {
    if digits.len() != 11 || digits.iter().all(|d| *d == digits[0]) {
        return false;
    }
    let check = |len: usize| {
        let sum: u32 = digits[..len].iter().enumerate().map(|(i, d)| d * (len as u32 + 1 - i as u32)).sum();
        sum * 10 % 11 % 10
    };
    check(9) == digits[9] && check(10) == digits[10]
}
