//! Fetches signing keys that a source has replaced.

fn main() {}
