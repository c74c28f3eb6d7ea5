//! Takes a source's webhook, proves who sent it, and keeps it: one durable write, then the answer.

fn main() {}
