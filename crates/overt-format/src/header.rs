//! The public head of a segment (section 3.1).

use std::io::Read;

use overt_event::{Day, KeyId, Level, Purpose, RecordingId, SegmentId};
use serde::{Deserialize, Serialize};

use crate::error::FormatError;
use crate::hex::{Digest, Hex, sha256};

/// The version of the segment form that this crate writes. It reads the ones before as well: they hold no runs of moves.
pub const SEGMENT_VERSION: u16 = 2;
/// HPKE base mode X25519 / HKDF-SHA256 / ChaCha20-Poly1305 around a ChaCha20-Poly1305 STREAM.
pub const SUITE_X25519_CHACHA20POLY1305: u16 = 1;
/// The longest header, in bytes of JSON: about two hundred recipients.
pub const HEADER_JSON_BYTES_MAX: u32 = 64 * 1024;

const MAGIC: &[u8; 8] = b"OVERTSEG";
const PROLOGUE_BYTES: usize = 20;

/// What anyone may know of a segment. It is bound to the ciphertext: see [`digest`](Self::digest).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentHeader {
    /// Stands before the JSON, and not in it.
    #[serde(skip)]
    pub version: u16,
    pub recording: RecordingId,
    pub segment: SegmentId,
    /// From 0, without holes.
    pub sequence: u32,
    /// SHA-256 of the agreement's signed text.
    pub agreement: Digest,
    /// SHA-256 of the consent receipt.
    pub consent: Digest,
    pub level: Level,
    /// What the study's key may open it for. Sorted, each once.
    pub purposes: Vec<Purpose>,
    pub day: Day,
    /// The first 7 of the 12 nonce bytes of every frame; random for each segment.
    pub nonce_prefix: Hex<7>,
    pub recipients: Vec<RecipientEntry>,
}

/// One who can open the segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecipientEntry {
    pub kind: RecipientKind,
    pub key_id: KeyId,
    /// Which of the recipient's keys, such as `2026-11`; empty when it has one for all time.
    pub epoch: String,
    /// HPKE's encapsulated key (32 bytes), the wrapped data key (32) and its tag (16).
    pub wrapped_key: Hex<80>,
}

/// In whose name a recipient holds its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecipientKind {
    /// The recorded person: opens for subject access.
    Contributor,
    /// The study: opens for the purposes the header lists.
    Study,
}

impl SegmentHeader {
    /// The header as it stands at the start of the file: prologue and canonical JSON.
    ///
    /// Errors: [`FormatError::Limit`] when it has too many recipients to be read back.
    pub fn encode(&self) -> Result<Vec<u8>, FormatError> {
        let json = serde_json::to_vec(self).map_err(|_| FormatError::Json)?;
        let len = check_json_len(json.len() as u64)?;
        let mut out = Vec::with_capacity(PROLOGUE_BYTES + json.len());
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&self.version.to_le_bytes());
        out.extend_from_slice(&SUITE_X25519_CHACHA20POLY1305.to_le_bytes());
        out.extend_from_slice(&len.to_le_bytes());
        let crc = crc32c::crc32c_append(crc32c::crc32c(&out), &json);
        out.extend_from_slice(&crc.to_le_bytes());
        out.extend_from_slice(&json);
        Ok(out)
    }

    /// Reads a header and its length in bytes from the start of a segment.
    ///
    /// Errors: in the order they are looked at, [`FormatError::HeaderCut`], `Magic`, `Version`,
    /// `Suite`, `Limit`, `Checksum`, `Json`; [`FormatError::Io`] from the reader itself.
    pub fn read(mut reader: impl Read) -> Result<(Self, u64), FormatError> {
        let mut prologue = [0; PROLOGUE_BYTES];
        read_or_cut(&mut reader, &mut prologue, 0)?;
        let (version, json_len) = check_prologue(&prologue)?;
        let mut json = vec![0; json_len as usize];
        read_or_cut(&mut reader, &mut json, PROLOGUE_BYTES as u64)?;
        let crc = crc32c::crc32c_append(crc32c::crc32c(&prologue[..16]), &json);
        if crc.to_le_bytes() != prologue[16..] {
            return Err(FormatError::Checksum { offset: 16 });
        }
        let header: Self = serde_json::from_slice(&json).map_err(|_| FormatError::Json)?;
        let header = Self { version, ..header };
        // Only one spelling is accepted, so that equal headers have equal digests.
        if serde_json::to_vec(&header).map_err(|_| FormatError::Json)? != json {
            return Err(FormatError::Json);
        }
        Ok((header, (PROLOGUE_BYTES + json.len()) as u64))
    }

    /// SHA-256 of [`encode`](Self::encode): the associated data of every frame.
    pub fn digest(&self) -> Result<Digest, FormatError> {
        Ok(sha256(&self.encode()?))
    }

    /// HPKE's `info` for every wrapped key: a label and the digest of this header without its
    /// recipients. Whoever unwraps a key thereby agrees to ids, terms, purposes and day.
    pub fn key_context(&self) -> Result<Vec<u8>, FormatError> {
        let bare = Self { recipients: Vec::new(), ..self.clone() };
        let mut info = b"overt segment data key v1\0".to_vec();
        info.extend_from_slice(&bare.digest()?.0);
        Ok(info)
    }
}

fn check_json_len(len: u64) -> Result<u32, FormatError> {
    match u32::try_from(len) {
        Ok(len) if len <= HEADER_JSON_BYTES_MAX => Ok(len),
        _ => Err(FormatError::Limit {
            what: "the header's length",
            offset: 12,
            got: len,
            limit: u64::from(HEADER_JSON_BYTES_MAX),
        }),
    }
}

/// The version, and the length of the JSON.
fn check_prologue(p: &[u8; PROLOGUE_BYTES]) -> Result<(u16, u32), FormatError> {
    if !p.starts_with(MAGIC) {
        return Err(FormatError::Magic);
    }
    let version = u16::from_le_bytes([p[8], p[9]]);
    if !(1..=SEGMENT_VERSION).contains(&version) {
        return Err(FormatError::Version { expected: SEGMENT_VERSION, got: version });
    }
    let suite = u16::from_le_bytes([p[10], p[11]]);
    if suite != SUITE_X25519_CHACHA20POLY1305 {
        return Err(FormatError::Suite { expected: SUITE_X25519_CHACHA20POLY1305, got: suite });
    }
    Ok((version, check_json_len(u64::from(u32::from_le_bytes([p[12], p[13], p[14], p[15]])))?))
}

fn read_or_cut(reader: &mut impl Read, buf: &mut [u8], at: u64) -> Result<(), FormatError> {
    let got = read_full(reader, buf)?;
    if got < buf.len() {
        return Err(FormatError::HeaderCut { offset: at + got as u64 });
    }
    Ok(())
}

/// Fills `buf` as far as the reader goes and says how far that was.
pub(crate) fn read_full(reader: &mut impl Read, buf: &mut [u8]) -> std::io::Result<usize> {
    let mut got = 0;
    while got < buf.len() {
        match reader.read(&mut buf[got..]) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(got)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample() -> SegmentHeader {
        SegmentHeader {
            version: SEGMENT_VERSION,
            recording: RecordingId([1; 16]),
            segment: SegmentId([2; 16]),
            sequence: 3,
            agreement: Hex([4; 32]),
            consent: Hex([5; 32]),
            level: Level::Masked,
            purposes: vec![Purpose::TrainAgents],
            day: Day(20_500),
            nonce_prefix: Hex([6; 7]),
            recipients: vec![RecipientEntry {
                kind: RecipientKind::Study,
                key_id: KeyId([7; 16]),
                epoch: "2026-11".into(),
                wrapped_key: Hex([8; 80]),
            }],
        }
    }

    #[test]
    fn a_header_reads_back_and_its_digest_covers_the_recipients() {
        let header = sample();
        let bytes = header.encode().expect("encodes");
        let (back, len) = SegmentHeader::read(&bytes[..]).expect("reads");
        assert_eq!((&back, len), (&header, bytes.len() as u64));
        let bare = SegmentHeader { recipients: Vec::new(), ..header.clone() };
        assert_ne!(bare.digest().expect("hashes"), header.digest().expect("hashes"));
        assert_eq!(bare.key_context().expect("hashes"), header.key_context().expect("hashes"));
    }

    #[test]
    fn each_fault_of_a_header_has_its_own_error() {
        let bytes = sample().encode().expect("encodes");
        let check = |at: usize, to: u8, expected: fn(&FormatError) -> bool| {
            let mut bad = bytes.clone();
            bad[at] = to;
            let error = SegmentHeader::read(&bad[..]).expect_err("the header is bad");
            assert!(expected(&error), "byte {at}: {error}");
        };
        check(0, b'o', |e| matches!(e, FormatError::Magic));
        check(8, 0, |e| matches!(e, FormatError::Version { got: 0, .. }));
        check(8, 3, |e| matches!(e, FormatError::Version { expected: 2, got: 3 }));
        check(10, 9, |e| matches!(e, FormatError::Suite { got: 9, .. }));
        check(15, 1, |e| matches!(e, FormatError::Limit { offset: 12, .. }));
        check(18, bytes[18] ^ 1, |e| matches!(e, FormatError::Checksum { offset: 16 }));
        check(40, bytes[40] ^ 1, |e| matches!(e, FormatError::Checksum { offset: 16 }));
        for len in 0..bytes.len() {
            let error = SegmentHeader::read(&bytes[..len]).expect_err("the header is cut");
            assert!(
                matches!(error, FormatError::HeaderCut { offset } if offset == len as u64),
                "cut at {len}"
            );
        }
    }

    #[test]
    fn another_spelling_of_the_same_header_is_refused() {
        let header = sample();
        let mut json = serde_json::to_vec_pretty(&header).expect("serialises");
        let mut bytes = header.encode().expect("encodes")[..12].to_vec();
        bytes.extend_from_slice(&(json.len() as u32).to_le_bytes());
        let crc = crc32c::crc32c_append(crc32c::crc32c(&bytes), &json);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes.append(&mut json);
        assert!(matches!(SegmentHeader::read(&bytes[..]), Err(FormatError::Json)));
    }
}
