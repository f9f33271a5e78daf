//! Bounded queues to the workers.

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

/// A queue that forgets its oldest entry rather than make its caller wait.
#[derive(Clone)]
pub(crate) struct LatestQueue<T> {
    sender: Sender<T>,
    receiver: Receiver<T>,
}

impl<T> LatestQueue<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        let (sender, receiver) = bounded(capacity);
        Self { sender, receiver }
    }

    /// Adds an entry and returns how many older ones were dropped for it.
    pub(crate) fn push(&self, entry: T) -> usize {
        let mut entry = entry;
        let mut dropped = 0;
        loop {
            match self.sender.try_send(entry) {
                Ok(()) | Err(TrySendError::Disconnected(_)) => return dropped,
                Err(TrySendError::Full(back)) => {
                    entry = back;
                    dropped += usize::from(self.receiver.try_recv().is_ok());
                }
            }
        }
    }

    pub(crate) fn receiver(&self) -> &Receiver<T> {
        &self.receiver
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_when_there_is_no_room() {
        let queue = LatestQueue::new(2);
        let dropped: Vec<usize> = (1..=4).map(|n| queue.push(n)).collect();
        assert_eq!(dropped, [0, 0, 1, 1]);
        assert_eq!(queue.receiver().try_iter().collect::<Vec<_>>(), [3, 4]);
    }
}
