//! Tells the source systems what became of their records.

fn main() {}
