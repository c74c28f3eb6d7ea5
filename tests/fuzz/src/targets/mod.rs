//! What is done with an input of each target, and what must hold.

pub mod answers;
pub mod edge;
pub mod read;
pub mod verify;

use domain::book::Book;

/// The book of the demo.
fn book() -> Book {
    Book::parse(domain::book::DEMO).expect("the demo's book")
}
