//! A book comes into force, as three steps of two people.

use aws::{BookRefusal, Books};
use jiff::Timestamp;

/// Whatever happened or happens is judged by this book.
///
/// # Panics
/// When it is refused.
pub async fn in_force(books: &Books, text: &str, now: Timestamp) {
    let published = books.publish(text, "ada", "of a test", now).await;
    let version = published.expect("a book");
    books.approve(&version, "bob", now).await.expect("approved");
    let since = Timestamp::UNIX_EPOCH;
    match books.activate(&version, since, "bob", now).await {
        Ok(_) | Err(BookRefusal::ValidAlready(_)) => {}
        Err(refusal) => panic!("{refusal}"),
    }
}
