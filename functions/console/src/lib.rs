//! The only door for people.
