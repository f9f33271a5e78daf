//! The one piece of memory that the X server writes pictures into.
#![allow(unsafe_code, reason = "shared memory can only be mapped and read through a raw pointer")]

use std::os::fd::{AsFd, OwnedFd};
use std::ptr::{NonNull, null_mut};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// Anonymous memory of a fixed length, mapped here read-only and offered to the server by descriptor.
pub(crate) struct SharedPixels {
    start: NonNull<u8>,
    len_bytes: usize,
}

impl SharedPixels {
    /// Maps `len_bytes` of zeroes and returns them with the descriptor to hand to the server.
    pub(crate) fn new(len_bytes: usize) -> Result<(Self, OwnedFd), Errno> {
        let file = memfd_create("overt-pixels", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        ftruncate(&file, len_bytes as u64)?;
        // Nobody may cut it short: reading beyond its end would kill this process.
        fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        // SAFETY: a fresh mapping at an address of the kernel's choice aliases nothing of ours.
        let start =
            unsafe { mmap(null_mut(), len_bytes, ProtFlags::READ, MapFlags::SHARED, file.as_fd(), 0)? };
        let start = NonNull::new(start.cast()).ok_or(Errno::NOMEM)?;
        Ok((Self { start, len_bytes }, file))
    }

    /// The bytes as the server last left them.
    ///
    /// Call it only between a reply and the next request: the server writes while a request is
    /// under way. It takes `&mut self`, so that the bytes are let go before that request is made.
    pub(crate) fn bytes(&mut self) -> &[u8] {
        // SAFETY: the mapping is `len_bytes` long, readable and sealed against shrinking for as long
        // as `self` lives. The screen thread alone asks the server to write here, and it holds no
        // such slice while it waits for the reply.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len_bytes) }
    }
}

impl Drop for SharedPixels {
    fn drop(&mut self) {
        // SAFETY: this is the mapping made in `new`, and no slice of it outlives `self`.
        let _ = unsafe { munmap(self.start.as_ptr().cast(), self.len_bytes) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_to_the_descriptor_is_read_in_the_mapping() {
        let (mut pixels, file) = SharedPixels::new(8192).expect("memory");
        rustix::io::pwrite(&file, b"blue", 4096).expect("a write");
        assert_eq!(&pixels.bytes()[4096..4100], b"blue");
        assert!(ftruncate(&file, 1).is_err(), "it is sealed");
    }
}
