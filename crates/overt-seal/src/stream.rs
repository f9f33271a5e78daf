//! Cuts plaintext into frames and encrypts them, one after the other.

use aead_stream::EncryptorBE32;
use chacha20poly1305::ChaCha20Poly1305;
use overt_format::{FRAME_PLAIN_BYTES_MAX, FrameKind, SegmentHeader, frame_bytes};
use zeroize::{Zeroize, Zeroizing};

use crate::plan::SealError;

/// One segment's frames in STREAM form: counter and last flag are in the nonce, the header's
/// digest in the associated data.
pub(crate) struct FrameStream {
    encryptor: EncryptorBE32<ChaCha20Poly1305>,
    associated: [u8; 32],
}

impl FrameStream {
    pub(crate) fn new(header: &SegmentHeader, data_key: &[u8; 32]) -> Result<Self, SealError> {
        let encryptor = EncryptorBE32::new(data_key.into(), (&header.nonce_prefix.0).into());
        Ok(Self { encryptor, associated: header.digest()?.0 })
    }

    /// Frames that hold the plaintext, which is wiped.
    pub(crate) fn seal(&mut self, mut plaintext: Vec<u8>) -> Result<Vec<u8>, SealError> {
        let mut out = Vec::with_capacity(plaintext.len() + plaintext.len() / 1024 + 64);
        for piece in plaintext.chunks(FRAME_PLAIN_BYTES_MAX) {
            let mut buffer = Zeroizing::new(piece.to_vec());
            self.encryptor
                .encrypt_next_in_place(&self.associated, &mut *buffer)
                .map_err(|_| SealError::TooLong)?;
            out.extend(frame_bytes(FrameKind::More, &buffer)?);
        }
        plaintext.zeroize();
        Ok(out)
    }

    /// The last frame. The key is gone with it.
    pub(crate) fn seal_last(self, trailer: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut buffer = Zeroizing::new(trailer.to_vec());
        self.encryptor
            .encrypt_last_in_place(&self.associated, &mut *buffer)
            .map_err(|_| SealError::TooLong)?;
        Ok(frame_bytes(FrameKind::Last, &buffer)?)
    }
}
