//! Fealty's library: everything the binaries `server`, `worker` and `fealtyctl` are made of.

pub mod clock;
