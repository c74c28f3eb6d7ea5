//! Asks Odoo on a schedule what changed there.

fn main() {}
