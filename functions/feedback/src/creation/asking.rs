//! One request to the PSA that creates something, and what is known after it.

use aws::{Asked, PsaCreation, PsaPart};
use source_account::NotAsked;
use sources::Unreadable;
use sources::api::{ApiRequest, classify};
use sources::connectwise::creation::objections;
use tracing::info;

use super::{Case, SETTLES, Stopped, TURN, question};
use crate::{Feedback, TellError};

impl Feedback {
    /// The body of an answer to a question that changes nothing, or can be repeated.
    pub(super) async fn answer(
        &self,
        case: &Case<'_>,
        request: &ApiRequest,
    ) -> Result<String, Stopped> {
        let answered = case.opened.ask(request).await?;
        let answer = classify(&answered.answer).map_err(TellError::from)?;
        Ok(answer.body.clone())
    }

    /// Writes down what is known now; it goes on later when another worker was faster.
    pub(super) async fn note(
        &self,
        case: &Case<'_>,
        before: &PsaCreation,
        now: PsaCreation,
    ) -> Result<PsaCreation, Stopped> {
        let (deal, account) = (&case.plan.deal, &case.account);
        match self.creations.note(deal, account, before, &now).await? {
            true => Ok(now),
            false => Err(Stopped::Later(self.after(TURN))),
        }
    }

    /// Asks for something to be created, once: it is written down first. `id` reads the new record's id
    /// from the answer.
    pub(super) async fn ask_once(
        &self,
        case: &Case<'_>,
        known: &PsaCreation,
        part: PsaPart,
        request: &ApiRequest,
        id: impl Fn(&str) -> Result<String, Unreadable>,
    ) -> Result<PsaCreation, Stopped> {
        let asked = PsaCreation {
            asked: Some(Asked {
                part: part.clone(),
                at: self.clock.now(),
            }),
            ..known.clone()
        };
        let asked = self.note(case, known, asked).await?;
        let reference = &case.record.reference;
        let answer = match case.opened.ask(request).await {
            Ok(answered) => answered.answer,
            Err(why) if was_not_sent(&why) => {
                self.note(case, &asked, asked.not_done()).await?;
                return Err(why.into());
            }
            Err(why) => {
                info!(%reference, ?part, %why, "nobody knows whether it was created");
                return Err(Stopped::Later(self.after(SETTLES)));
            }
        };
        if classify(&answer).is_err() {
            self.note(case, &asked, asked.not_done()).await?;
            let objection = question::not_taken(case.plan, &part, objections(&answer.body));
            return Err(Stopped::Asks(Box::new(objection)));
        }
        let Ok(id) = id(&answer.body) else {
            info!(%reference, ?part, "the answer is not what was created; it is looked for");
            return Err(Stopped::Later(self.after(SETTLES)));
        };
        info!(%reference, ?part, id, "created in the PSA");
        self.note(case, &asked, asked.done(part, id)).await
    }

    fn after(&self, time: jiff::SignedDuration) -> jiff::Timestamp {
        let now = self.clock.now();
        now.checked_add(time).unwrap_or(now)
    }
}

/// Whether a request surely did not reach the PSA, or was refused at its door.
const fn was_not_sent(why: &NotAsked) -> bool {
    match why {
        NotAsked::Later { .. }
        | NotAsked::CannotAsk(_)
        | NotAsked::NoSecret { .. }
        | NotAsked::BadSecret(_)
        | NotAsked::NoToken(_)
        | NotAsked::NotARequest(_) => true,
        // Busy is what a gateway says too, which may have passed the request on.
        NotAsked::Busy { .. }
        | NotAsked::NoAnswer { .. }
        | NotAsked::Trouble { .. }
        | NotAsked::TooLarge
        | NotAsked::Store(_) => false,
    }
}
