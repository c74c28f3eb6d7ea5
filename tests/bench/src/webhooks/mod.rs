//! What taking in a webhook costs: the processor's time, the time from the start of the process to its
//! first answer, memory, and whether the time taken tells how wrong a signature is.

mod at_once;
mod cpu;
mod figures;
mod lambda;
mod memory;
mod start;
mod timing;
mod webhook;

use std::path::Path;

use figures::Figures;

/// How many samples the comparison of signatures takes for each webhook of the long run.
const SAMPLES_PER_WEBHOOK: usize = 10;

/// Measures everything: so many webhooks, so many rounds of what is compared.
pub async fn all(webhooks: usize, rounds: usize, say: impl Fn(&str)) -> Figures {
    let mut figures = Figures::default();
    (figures.webhooks, figures.rounds) = (webhooks, rounds);
    let programs = Programs::beside_this_one();
    say("processor time per webhook, and of its proof and parsing alone");
    let each = (webhooks / 100).clamp(20, 1_000);
    figures.cpu(&cpu::measure(rounds, each).await);
    say("from the start of the process to the first answer, with an AWS that answers at once");
    figures.start = start::at_once(&programs, rounds).await;
    say("the same with the AWS emulator");
    figures.start_emulated = start::emulated(&programs, rounds).await;
    say(&format!("{webhooks} webhooks at full speed"));
    figures.memory = memory::measure(&programs, webhooks).await;
    say("how long a wrong signature takes");
    figures.timing = timing::measure(webhooks * SAMPLES_PER_WEBHOOK);
    figures
}

/// The programs that are started. All come from the same build.
struct Programs {
    /// The function that ships.
    intake: Box<Path>,
    /// The same calls of AWS and nothing else.
    least: Box<Path>,
}

impl Programs {
    fn beside_this_one() -> Self {
        let own = std::env::current_exe().expect("this program has a place");
        let beside = |name: &str| own.with_file_name(name).into_boxed_path();
        Self {
            intake: beside("intake"),
            least: beside("least-intake"),
        }
    }
}
