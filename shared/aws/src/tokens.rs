//! Names that nobody else has.

/// Gives names that nobody else has: the owner of a lease, a delivery's correlation id.
pub trait Tokens: Send + Sync {
    /// One more.
    fn fresh(&self) -> String;
}

/// Random ones (UUID version 4).
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomTokens;

impl Tokens for RandomTokens {
    fn fresh(&self) -> String {
        uuid::Uuid::new_v4().to_string()
    }
}
