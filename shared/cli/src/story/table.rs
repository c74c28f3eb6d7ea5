//! The table at the end: contract, hours, billable, invoiced, paid, and what waits and why.

use rust_decimal::Decimal;

use super::sale::only_order;
use super::work::print_entries;
use super::{Firm, StoryError, must};
use crate::progress::Progress;

/// Prints where the contract stands, as Odoo shows it, and checks that nothing was lost on the way.
pub async fn print(firm: &Firm, progress: &Progress) -> Result<(), StoryError> {
    let eyes = firm.eyes()?;
    let order = only_order(firm).await?;
    let time = eyes.timesheets().await?;
    let hours: Decimal = time.iter().map(|line| line.unit_amount.0).sum();
    let billable: Decimal = time
        .iter()
        .filter(|line| line.so_line.is_array())
        .map(|line| line.unit_amount.0)
        .sum();
    let invoices = eyes.invoices().await?;
    let invoiced: Decimal = invoices.iter().map(|invoice| invoice.amount_total.0).sum();
    let open: Decimal = invoices
        .iter()
        .map(|invoice| invoice.amount_residual.0)
        .sum();
    progress.tell("\n   contract   hours   billable   invoiced (with tax)        paid");
    progress.tell(&format!(
        "   {:<8} {:>7} {:>10} {:>21.2} {:>11.2}\n",
        order.name,
        hours.normalize(),
        billable.normalize(),
        invoiced,
        invoiced - open
    ));
    print_entries(firm, progress).await?;
    for queue in firm.stack.output("DeadLetterQueues")?.split(',') {
        must(
            "messages in a dead-letter queue",
            firm.messages_in(queue).await?,
            0,
        )?;
    }
    progress.tell("   all dead-letter queues are empty");
    Ok(())
}
