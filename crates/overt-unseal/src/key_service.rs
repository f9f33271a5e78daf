//! Where data keys come from: the owner's own key store, or a custodian.

use overt_event::Purpose;
use overt_format::SegmentHeader;
use thiserror::Error;
use zeroize::Zeroizing;

/// The key of one segment. Wiped when dropped.
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// From its bytes; the caller's copy is the caller's to wipe.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A question for one segment's key.
#[derive(Clone, Copy)]
pub struct KeyRequest<'a> {
    pub purpose: Purpose,
    pub who: &'a str,
    pub reason: &'a str,
    /// Ids, terms and wrapped keys of the segment.
    pub header: &'a SegmentHeader,
}

/// Why a key was not given.
#[derive(Debug, Error)]
pub enum KeyError {
    #[error("no key here opens this segment for {purpose:?}. Add the key file of a recipient it names")]
    NoKey { purpose: Purpose },
    #[error("the wrapped key does not open: the header was altered or the key is another. Take another copy")]
    Unwrap,
    #[error("the key service refused. Ask for a grant that covers this recording and purpose")]
    Refused,
    #[error("the key service cannot be reached. Try again later")]
    Unavailable,
}

impl KeyError {
    /// Whether asking again can never help.
    pub fn is_permanent(&self) -> bool {
        !matches!(self, KeyError::Unavailable)
    }
}

/// Gives data keys for one purpose.
///
/// An implementation decides for itself whether the purpose may be served: it must not rely on the
/// caller having looked.
pub trait KeyService {
    /// The data key of the segment with this header.
    fn data_key(&self, request: KeyRequest<'_>) -> Result<DataKey, KeyError>;
}
