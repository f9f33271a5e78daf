//! Wires capture to the spool, shows the indicator and answers to its owner.
