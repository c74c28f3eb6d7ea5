//! The only door for people.

fn main() {}
