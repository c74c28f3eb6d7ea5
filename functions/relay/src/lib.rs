//! Turns changes of the ledger into messages.
