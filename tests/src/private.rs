//! What no log may say.

/// A salary, an account at a bank, a rate, an address, a person, a note.
pub const PRIVATE: [&str; 6] = [
    "98765.43",
    "DE89370400440532013000",
    "187.65",
    "pat.payer@acme.example",
    "Pat Payer",
    "terminated-for-cause",
];
