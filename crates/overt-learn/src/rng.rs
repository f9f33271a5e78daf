//! A small seeded source of chance (SplitMix64): the same seed, the same model.

/// See Steele, Lea and Flood (OOPSLA 2014), whose constants these are.
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, `n`, which is not 0: evenly.
    pub fn below(&mut self, n: u64) -> u64 {
        // The rest of the division favours small numbers by less than n in 2^64.
        self.next() % n
    }

    /// Puts things into another order, each as likely as any.
    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for i in (1..all.len()).rev() {
            all.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}
