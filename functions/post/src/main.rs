//! Drains the work list into Odoo.

fn main() {}
