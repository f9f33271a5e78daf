//! A corpus from a seed: the project's own words, with made-up secrets planted among them. The numbers
//! are made by the publishers' rules, written down here a second time.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::ops::Range;

use overt_event::SecretKind;

/// Ordinary text.
pub(crate) const PROSE: [&str; 5] = [
    include_str!("../../../../README.md"),
    include_str!("../../../../ARCHITECTURE.md"),
    include_str!("../../../../docs/GLOSSARY.md"),
    include_str!("../../../../docs/spec/agreement.md"),
    include_str!("../../../../docs/spec/dataset.md"),
];

/// SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn from(&mut self, alphabet: &str, len: usize) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        (0..len).map(|_| self.one(&alphabet)).collect()
    }

    fn digits(&mut self, len: usize) -> String {
        self.from("0123456789", len)
    }

    fn base62(&mut self, len: usize) -> String {
        self.from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", len)
    }

    fn hex(&mut self, len: usize) -> String {
        self.from("0123456789abcdef", len)
    }

    /// Two digits from one number to another.
    fn two(&mut self, from: usize, to: usize) -> String {
        format!("{:02}", from + self.below(to - from + 1))
    }
}

/// A made-up secret.
#[derive(Clone, Debug)]
pub(crate) struct Secret {
    /// What it is, for tables.
    pub(crate) what: &'static str,
    pub(crate) kind: SecretKind,
    /// It says itself whether it was typed right.
    pub(crate) checked: bool,
    /// What stands before it, so that it is what it is.
    pub(crate) before: &'static str,
    pub(crate) text: String,
}

type Maker = fn(&mut Dice) -> String;

use SecretKind::{Card, Code, Email, Iban, Key, NationalId, Password, Phone};

/// What there is: its name, kind, whether it checks itself, words before it, and its maker.
pub(crate) const MAKERS: [(&str, SecretKind, bool, &str, Maker); 44] = [
    ("card", Card, true, "", card),
    ("iban", Iban, true, "", iban),
    ("DE tax id", NationalId, true, "", de_tax_id),
    ("FR NIR", NationalId, true, "", fr_nir),
    ("IT codice fiscale", NationalId, true, "", it_codice_fiscale),
    ("ES DNI", NationalId, true, "", es_dni),
    ("NL BSN", NationalId, true, "", nl_bsn),
    ("BE national number", NationalId, true, "", be_national_number),
    ("PL PESEL", NationalId, true, "", pl_pesel),
    ("UK NHS", NationalId, true, "", uk_nhs),
    ("SE personnummer", NationalId, true, "", se_personnummer),
    ("FI hetu", NationalId, true, "", fi_hetu),
    ("IN Aadhaar", NationalId, true, "", in_aadhaar),
    ("BR CPF", NationalId, true, "", br_cpf),
    ("UK NINO", NationalId, false, "", |d| {
        format!(
            "{} {} {} {} {}",
            d.one(&["AB", "CE", "JG", "PX", "SR"]),
            d.digits(2),
            d.digits(2),
            d.digits(2),
            d.one(&["A", "B", "C", "D"])
        )
    }),
    ("US SSN", NationalId, false, "", |d| {
        format!("{}-{}-{}", 100 + d.below(500), d.two(1, 99), 1_000 + d.below(9_000))
    }),
    ("DK CPR", NationalId, false, "", |d| {
        format!("{}{}{}-{}", d.two(1, 28), d.two(1, 12), d.digits(2), 1_000 + d.below(9_000))
    }),
    ("email", Email, false, "", email),
    ("phone", Phone, false, "", phone),
    ("phone by its word", Phone, false, "phone ", |d| format!("0{}{}", 1 + d.below(9), d.digits(9))),
    ("AWS key id", Key, false, "", |d| format!("AKIA{}", d.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16))),
    ("GitHub token", Key, false, "", github_token),
    ("GitHub fine-grained", Key, false, "", |d| format!("github_pat_{}_{}", d.base62(22), d.base62(59))),
    ("GitLab token", Key, false, "", |d| format!("glpat-{}", d.base62(20))),
    ("Slack token", Key, false, "", |d| format!("xoxb-{}-{}-{}", d.digits(12), d.digits(12), d.base62(24))),
    ("Stripe key", Key, false, "", |d| format!("sk_live_{}", d.base62(24))),
    ("Google API key", Key, false, "", |d| format!("AIza{}", d.base62(35))),
    ("OpenAI key", Key, false, "", |d| format!("sk-proj-{}", d.base62(48))),
    ("Anthropic key", Key, false, "", |d| format!("sk-ant-api03-{}", d.base62(93))),
    ("npm token", Key, false, "", |d| format!("npm_{}", d.base62(36))),
    ("PyPI token", Key, false, "", |d| format!("pypi-AgEIcHlwaS5vcmc{}", d.base62(130))),
    ("SendGrid key", Key, false, "", |d| format!("SG.{}.{}", d.base62(22), d.base62(43))),
    ("Twilio key", Key, false, "", |d| format!("SK{}", d.hex(32))),
    ("DigitalOcean token", Key, false, "", |d| format!("dop_v1_{}", d.hex(64))),
    ("Hugging Face token", Key, false, "", |d| format!("hf_{}", d.base62(34))),
    ("Telegram bot token", Key, false, "", |d| format!("1{}:AA{}", d.digits(9), d.base62(33))),
    ("age secret key", Key, false, "", |d| {
        format!("AGE-SECRET-KEY-1{}", d.from("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58))
    }),
    ("signed-note key", Key, false, "", |d| format!("PRIVATE+KEY+council+{}+{}", d.hex(8), d.base62(44))),
    ("Azure storage key", Key, false, "AccountKey=", |d| format!("{}==", d.base62(86))),
    ("JSON web token", Key, false, "", |d| {
        format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI{}.{}", d.base62(20), d.base62(43))
    }),
    ("private key block", Key, false, "", |d| {
        format!("-----BEGIN PRIVATE KEY-----\n{}\n{}\n-----END PRIVATE KEY-----", d.base62(64), d.base62(48))
    }),
    ("assigned password", Password, false, "password=", |d| {
        format!("{}{}!", d.from("abcdefghijkmnpqrstuvwxyz", 7), d.digits(2))
    }),
    ("one-time code", Code, false, "verification code ", |d| (100_000 + d.below(900_000)).to_string()),
    ("password in an address", Password, false, "postgres://app:", |d| d.base62(14)),
];

/// One of each kind of secret, made anew.
pub(crate) fn secret(dice: &mut Dice, which: usize) -> Secret {
    let (what, kind, checked, before, make) = MAKERS[which % MAKERS.len()];
    Secret { what, kind, checked, before, text: make(dice) }
}

/// A text, and where what was planted stands in it.
pub(crate) struct Planted {
    pub(crate) text: String,
    pub(crate) range: Range<usize>,
    pub(crate) secret: Secret,
}

/// Words before and after it are ordinary.
pub(crate) fn plant(dice: &mut Dice, words: &[&str], secret: Secret) -> Planted {
    let mut some = |n: usize| (0..n).map(|_| words[dice.below(words.len())]).collect::<Vec<_>>().join(" ");
    let (before, after) = (some(5), some(5));
    let lead = format!("{before}, {}", secret.before);
    let tail = if secret.what == "password in an address" { "@db.example" } else { "" };
    let text = format!("{lead}{}{tail} {after}", secret.text);
    Planted { range: lead.len()..lead.len() + secret.text.len(), text, secret }
}

/// Words of letters alone, of the project's own text.
pub(crate) fn words() -> Vec<&'static str> {
    let all = PROSE.iter().flat_map(|text| text.split_whitespace());
    let words = all.map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()));
    words.filter(|w| w.len() > 1 && w.chars().all(char::is_alphabetic)).collect()
}

fn values(digits: &str) -> Vec<u32> {
    digits.chars().filter_map(|c| c.to_digit(10)).collect()
}

fn sum(digits: &str, weights: &[u32]) -> u32 {
    values(digits).iter().zip(weights).map(|(d, w)| d * w).sum()
}

fn luhn_digit(body: &str) -> u32 {
    let doubled = values(body).into_iter().rev().enumerate().map(|(i, d)| match i % 2 {
        0 => d * 2 / 10 + d * 2 % 10,
        _ => d,
    });
    (10 - doubled.sum::<u32>() % 10) % 10
}

fn grouped(text: &str, sizes: &[usize], separator: &str) -> String {
    let mut rest = text;
    let mut groups = Vec::new();
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (group, more) = rest.split_at((*size).min(rest.len()));
        groups.push(group);
        rest = more;
    }
    groups.join(separator)
}

fn card(d: &mut Dice) -> String {
    let ranges =
        [("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("6011", 16), ("3528", 16), ("36", 14)];
    let (prefix, len) = d.one(&ranges);
    let body = format!("{prefix}{}", d.digits(len - 1 - prefix.len()));
    let number = format!("{body}{}", luhn_digit(&body));
    let separator = d.one(&["", " ", "-"]);
    match len {
        15 => grouped(&number, &[4, 6, 5], separator),
        14 => grouped(&number, &[4, 6, 4], separator),
        _ => grouped(&number, &[4], separator),
    }
}

fn iban(d: &mut Dice) -> String {
    let (country, letters, digits) = d.one(&[
        ("DE", 0, 18),
        ("GB", 4, 14),
        ("FR", 0, 23),
        ("NL", 4, 10),
        ("ES", 0, 20),
        ("AT", 0, 16),
        ("BE", 0, 12),
        ("PL", 0, 24),
        ("CH", 0, 17),
        ("SE", 0, 20),
    ]);
    let account = d.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ", letters) + &d.digits(digits);
    let spelled: String = format!("{account}{country}00")
        .chars()
        .filter_map(|c| c.to_digit(36).map(|v| v.to_string()))
        .collect();
    let rest = spelled.bytes().fold(0u32, |r, b| (r * 10 + u32::from(b - b'0')) % 97);
    let number = format!("{country}{:02}{account}", 98 - rest);
    let separator = d.one(&["", " "]);
    grouped(&number, &[4], separator)
}

fn de_tax_id(d: &mut Dice) -> String {
    let mut digits: Vec<u32> = (0..10).collect();
    for i in (1..10).rev() {
        digits.swap(i, d.below(i + 1));
    }
    digits[9] = digits[d.below(9)];
    if digits[0] == 0 {
        digits.swap(0, 1);
    }
    if digits[0] == 0 {
        return de_tax_id(d);
    }
    let mut product = 10;
    for digit in &digits {
        let sum = (digit + product) % 10;
        product = if sum == 0 { 10 } else { sum } * 2 % 11;
    }
    let body: String = digits.iter().map(u32::to_string).collect();
    let number = format!("{body}{}", (11 - product) % 10);
    if d.below(2) == 0 { number } else { grouped(&number, &[2, 3, 3, 3], " ") }
}

fn fr_nir(d: &mut Dice) -> String {
    let body = format!(
        "{}{}{}{}{:03}{:03}",
        1 + d.below(2),
        d.digits(2),
        d.two(1, 12),
        d.two(1, 95),
        1 + d.below(900),
        1 + d.below(900)
    );
    let key = 97 - body.parse::<u64>().expect("digits") % 97;
    let number = format!("{body}{key:02}");
    if d.below(2) == 0 { number } else { grouped(&number, &[1, 2, 2, 2, 3, 3, 2], " ") }
}

fn it_codice_fiscale(d: &mut Dice) -> String {
    let letters = "BCDFGLMNPRSTV";
    let month = d.one(&["A", "B", "C", "D", "E", "H", "L", "M", "P", "R", "S", "T"]);
    let body = format!(
        "{}{}{month}{}{}{}",
        d.from(letters, 6),
        d.digits(2),
        d.two(1, 28),
        d.from("ABCDEFGHIL", 1),
        d.digits(3)
    );
    let odd = "BAKPLCQDREVOSFTGUHMINJWZYX";
    let value = |c: char| c.to_digit(10).unwrap_or_else(|| u32::from(c) - u32::from('A'));
    let place = |c: char| odd.chars().position(|o| value(o) == value(c)).unwrap_or_default() as u32;
    let total: u32 =
        body.chars().enumerate().map(|(i, c)| if i % 2 == 0 { place(c) } else { value(c) }).sum();
    let check = char::from(b'A' + (total % 26) as u8);
    format!("{body}{check}")
}

fn es_dni(d: &mut Dice) -> String {
    let n = 10_000_000 + d.below(80_000_000);
    let letter = "TRWAGMYFPDXBNJZSQVHLCKE".as_bytes()[n % 23];
    format!("{n}{}{}", d.one(&["", "-"]), char::from(letter))
}

fn nl_bsn(d: &mut Dice) -> String {
    loop {
        let body = format!("{}{}", 1 + d.below(9), d.digits(7));
        let rest = sum(&body, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        if rest < 10 {
            return format!("{body}{rest}");
        }
    }
}

fn be_national_number(d: &mut Dice) -> String {
    let body = format!("{}{}{}{:03}", d.two(40, 99), d.two(1, 12), d.two(1, 28), 1 + d.below(997));
    let check = 97 - body.parse::<u64>().expect("digits") % 97;
    let (yy, rest) = body.split_at(2);
    let (mm, rest) = rest.split_at(2);
    let (dd, serial) = rest.split_at(2);
    if d.below(2) == 0 {
        return format!("{body}{check:02}");
    }
    format!("{yy}.{mm}.{dd}-{serial}.{check:02}")
}

fn pl_pesel(d: &mut Dice) -> String {
    let body = format!("{}{}{}{}", d.two(40, 99), d.two(1, 12), d.two(1, 28), d.digits(4));
    let check = (10 - sum(&body, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10;
    format!("{body}{check}")
}

fn uk_nhs(d: &mut Dice) -> String {
    loop {
        let body = format!("{}{}", d.one(&["4", "6", "7", "9"]), d.digits(8));
        let check = (11 - sum(&body, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
        if check < 10 {
            let number = format!("{body}{check}");
            return if d.below(2) == 0 { number } else { grouped(&number, &[3, 3, 4], " ") };
        }
    }
}

fn se_personnummer(d: &mut Dice) -> String {
    let body = format!("{}{}{}{}", d.two(40, 99), d.two(1, 12), d.two(1, 28), d.digits(3));
    let (date, serial) = body.split_at(6);
    format!("{date}-{serial}{}", luhn_digit(&body))
}

fn fi_hetu(d: &mut Dice) -> String {
    let (date, serial) = (format!("{}{}{}", d.two(1, 28), d.two(1, 12), d.digits(2)), 2 + d.below(898));
    let n: usize = format!("{date}{serial:03}").parse().expect("digits");
    let sign = char::from("0123456789ABCDEFHJKLMNPRSTUVWXY".as_bytes()[n % 31]);
    format!("{date}{}{serial:03}{sign}", d.one(&["-", "A"]))
}

/// By the tables of the dihedral group and its permutation, as UIDAI prints them.
fn in_aadhaar(d: &mut Dice) -> String {
    const D: [&str; 10] = [
        "0123456789",
        "1234067895",
        "2340178956",
        "3401289567",
        "4012395678",
        "5987604321",
        "6598710432",
        "7659821043",
        "8765932104",
        "9876543210",
    ];
    const P: [&str; 8] = [
        "0123456789",
        "1576283094",
        "5803796142",
        "8916043527",
        "9453126870",
        "4286573901",
        "2793806415",
        "7046913258",
    ];
    let at = |table: &[&str], row: usize, column: usize| usize::from(table[row].as_bytes()[column] - b'0');
    let body = format!("{}{}", 2 + d.below(8), d.digits(10));
    let check = (0..10).find(|check| {
        let digits = values(&format!("{body}{check}"));
        let rest = digits.iter().rev().enumerate().fold(0, |c, (i, v)| at(&D, c, at(&P, i % 8, *v as usize)));
        rest == 0
    });
    let number = format!("{body}{}", check.expect("one of the ten fits"));
    if d.below(2) == 0 { number } else { grouped(&number, &[4], " ") }
}

fn br_cpf(d: &mut Dice) -> String {
    let check = |body: &str, weights: &[u32]| match sum(body, weights) % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    let body = d.digits(9);
    let first = check(&body, &[10, 9, 8, 7, 6, 5, 4, 3, 2]);
    let with_first = format!("{body}{first}");
    let number = format!("{with_first}{}", check(&with_first, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]));
    if d.below(2) == 0 {
        number
    } else {
        format!("{}.{}.{}-{}", &number[..3], &number[3..6], &number[6..9], &number[9..])
    }
}

fn email(d: &mut Dice) -> String {
    let name = d.one(&["jane.doe", "j_smith", "anna-maria", "m.müller", "li+news", "o.brien7"]);
    let host = d.one(&["example.com", "mail.example.org", "post.example.co.uk", "bücher.example"]);
    format!("{name}{}@{host}", d.below(100))
}

fn phone(d: &mut Dice) -> String {
    match d.below(8) {
        0 => format!("+49 30 {}", 1_000_000 + d.below(9_000_000)),
        1 => format!("+1 415 {}-{}", 200 + d.below(800), 1_000 + d.below(9_000)),
        2 => format!("({}) {}-{}", 200 + d.below(700), 200 + d.below(700), 1_000 + d.below(9_000)),
        3 => format!("020 7{} {}", d.digits(3), d.digits(4)),
        4 => format!("06 {} {} {} {}", d.two(10, 99), d.digits(2), d.digits(2), d.digits(2)),
        5 => format!("0171/{}", 1_000_000 + d.below(9_000_000)),
        6 => format!("+44{}", 7_000_000_000 + d.below(900_000_000)),
        _ => format!("0049 89 {}", 100_000 + d.below(900_000)),
    }
}

/// With its checksum: the CRC32 of the random part, in base 62.
fn github_token(d: &mut Dice) -> String {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let random = d.base62(30);
    let mut crc = random.bytes().fold(u32::MAX, |crc, b| {
        (0..8).fold(crc ^ u32::from(b), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    }) ^ u32::MAX;
    let mut checksum = [b'0'; 6];
    for place in checksum.iter_mut().rev() {
        *place = ALPHABET[(crc % 62) as usize];
        crc /= 62;
    }
    format!("{}{random}{}", d.one(&["ghp_", "gho_", "ghs_"]), String::from_utf8_lossy(&checksum))
}
