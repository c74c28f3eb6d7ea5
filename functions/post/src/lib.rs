//! Drains the work list into Odoo.
