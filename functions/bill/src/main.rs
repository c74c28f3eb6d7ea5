//! Keeps what can be billed, and freezes billing runs.

fn main() {}
