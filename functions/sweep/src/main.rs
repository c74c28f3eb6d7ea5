//! Releases what waited, and rings again when a bell was lost.

fn main() {}
