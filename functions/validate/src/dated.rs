//! Each event is judged by the book that was valid when it happened, not by the one that is valid
//! when it arrives: what is sent again next year means the same as today.

use std::sync::Arc;

use aws::StoreError;
use domain::book::Book;
use domain::event::Event;
use sources::Reading;

use crate::error::ValidateError;
use crate::records::fact;
use crate::{Case, Validate, read};

impl Validate {
    /// An event that the delivery itself tells, in the words of the book of its time.
    pub(crate) async fn take_read(
        &self,
        case: &Case<'_>,
        event: Event,
    ) -> Result<(), ValidateError> {
        let book = self.book_of(case, &event).await?;
        let of_its_time = Case {
            book: &book,
            place: case.place.clone(),
            ..*case
        };
        if book.version == case.book.version {
            return self.take_event(&of_its_time, event).await;
        }
        let readings = read::readings(&of_its_time).into_iter().flatten();
        let mut events = readings.filter_map(|reading| match reading {
            Reading::Event(event) => Some(event),
            Reading::Fetch(_)
            | Reading::Missed(_)
            | Reading::NotForUs(_)
            | Reading::Unreadable(_) => None,
        });
        let is_it = |other: &Event| fact(other) == fact(&event);
        let event = events.find(is_it).unwrap_or(event);
        self.take_event(&of_its_time, event).await
    }

    /// An event that was asked for just now: it was read in the words of today, in which the source
    /// answers, and is judged by the book of its time.
    pub(crate) async fn take_fetched(
        &self,
        case: &Case<'_>,
        event: Event,
    ) -> Result<(), ValidateError> {
        self.record_fetched(case.delivery, &event).await;
        let book = self.book_of(case, &event).await?;
        let case = &Case {
            book: &book,
            place: case.place.clone(),
            ..*case
        };
        self.take_event(case, event).await
    }

    /// The book that was valid when the event happened. Where its source does not say when, that is
    /// when it came here; and nothing happened later than that.
    async fn book_of(&self, case: &Case<'_>, event: &Event) -> Result<Arc<Book>, StoreError> {
        let received_at = case.delivery.received_at;
        let happened = event.version().instant();
        let happened = happened.map_or(received_at, |instant| instant.min(received_at));
        self.books.valid_at(happened, self.clock.now()).await
    }
}
