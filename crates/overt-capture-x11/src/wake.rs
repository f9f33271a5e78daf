//! Sleeping until the display says something, somebody wakes us, or it is time.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io::Errno;

/// Wakes a thread that sleeps in [`Waker::sleep`].
pub(crate) struct Waker(OwnedFd);

impl Waker {
    pub(crate) fn new() -> Result<Self, Errno> {
        eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map(Self)
    }

    /// Ends the present sleep, or the next one at once.
    pub(crate) fn wake(&self) {
        // The only failure is a full counter, which wakes as well.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }

    /// Returns when the connection has something to read, at a wake, or after `at_most`.
    pub(crate) fn sleep(&self, connection: BorrowedFd<'_>, at_most: Option<Duration>) {
        let timeout = at_most.and_then(|d| Timespec::try_from(d).ok());
        let mut fds =
            [PollFd::from_borrowed_fd(connection, PollFlags::IN), PollFd::new(&self.0, PollFlags::IN)];
        // An interrupted sleep is a short one: the caller looks at everything again anyway.
        let _ = poll(&mut fds, timeout.as_ref());
        let mut counter = [0; 8];
        let _ = rustix::io::read(self.0.as_fd(), &mut counter);
    }
}
