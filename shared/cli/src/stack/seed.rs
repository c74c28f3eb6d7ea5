//! What exists in Odoo when a world starts: a company, service users with known API keys, people and
//! products.
//!
//! **For local use only.** The keys are printed here for everyone to read, and the installer writes
//! them into a database that only this machine can reach. No real system may ever use them.

use std::fmt::Write as _;

/// The name of Odoo's database in the template and in every world.
pub const DATABASE: &str = "odoo";

/// The company whose books are used.
pub const COMPANY: &str = "Northwind Consulting Inc";

/// A second company, in euros and in another zone: what depends on the company shows where there are
/// two. Its id in Odoo is 2.
pub const SECOND_COMPANY: &str = "Northwind Consulting BV";

/// A user of Odoo and the API key it may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeedUser {
    /// The login name.
    pub login: &'static str,
    /// The name shown on records.
    pub name: &'static str,
    /// The external ids of its groups, separated by spaces.
    pub groups: &'static str,
    /// Its API key.
    pub key: &'static str,
}

/// Writes customers, opportunities, orders and projects.
pub const MASTER: SeedUser = SeedUser {
    login: "svc-master",
    name: "Tenon Master Data",
    groups: "base.group_user base.group_partner_manager sales_team.group_sale_salesman_all_leads \
             project.group_project_manager",
    key: "a1a1a1a1000000000000000000000000000000a1",
};

/// Writes timesheets.
pub const WORK: SeedUser = SeedUser {
    login: "svc-work",
    name: "Tenon Work",
    groups: "base.group_user hr_timesheet.group_hr_timesheet_approver project.group_project_manager \
             sales_team.group_sale_salesman_all_leads",
    key: "b2b2b2b2000000000000000000000000000000b2",
};

/// Drafts and posts invoices.
pub const BILLING: SeedUser = SeedUser {
    login: "svc-billing",
    name: "Tenon Billing",
    groups: "base.group_user account.group_account_invoice sales_team.group_sale_salesman_all_leads \
             project.group_project_manager",
    key: "c3c3c3c3000000000000000000000000000000c3",
};

/// Reads invoices and customers, writes nothing.
pub const READ: SeedUser = SeedUser {
    login: "svc-read",
    name: "Tenon Reader",
    groups: "base.group_user account.group_account_readonly",
    key: "d4d4d4d4000000000000000000000000000000d4",
};

/// A person in the finance department, not one of our services: registers payments, and sees the
/// orders, projects and timesheets that an invoice comes from.
pub const FINANCE: SeedUser = SeedUser {
    login: "finance",
    name: "Fiona Finance",
    groups: "base.group_user account.group_account_user account.group_account_invoice \
             sales_team.group_sale_salesman_all_leads sale.group_discount_per_so_line \
             project.group_project_user hr_timesheet.group_hr_timesheet_approver",
    key: "e5e5e5e5000000000000000000000000000000e5",
};

/// All users that the installer creates.
pub const USERS: [SeedUser; 5] = [MASTER, WORK, BILLING, READ, FINANCE];

/// The login name of Odoo's administrator.
pub const ADMIN_LOGIN: &str = "admin";

/// Who may log in to Odoo's web page, and with which password. The services may not.
pub const PASSWORDS: [(&str, &str); 2] = [(FINANCE.login, "finance"), (ADMIN_LOGIN, "admin")];

/// The API key of Odoo's administrator, for tests that look at everything.
pub const ADMIN_KEY: &str = "f6f6f6f6000000000000000000000000000000f6";

/// An employee: external id, name, cost of an hour in the company's currency.
pub type SeedEmployee = (&'static str, &'static str, u32);

/// Alice, a consultant.
pub const ALICE: SeedEmployee = ("hr_demo.alice", "Alice Consultant", 70);
/// Bob, an architect.
pub const BOB: SeedEmployee = ("hr_demo.bob", "Bob Architect", 95);

/// All employees.
pub const EMPLOYEES: [SeedEmployee; 2] = [ALICE, BOB];

/// Eva, a consultant of the second company; her hour costs euros.
pub const EVA: SeedEmployee = ("hr_demo.eva", "Eva Consultant", 65);

/// A service product: external id, name, internal reference, unit of measure, invoicing policy.
pub type SeedProduct = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

/// An hour of a senior consultant.
pub const SENIOR_CONSULTANT: SeedProduct = (
    "catalogue.senior_consultant",
    "Senior Consultant",
    "SVC-SENIOR",
    "uom.product_uom_hour",
    "delivered_timesheet",
);
/// An hour of an architect.
pub const ARCHITECT: SeedProduct = (
    "catalogue.architect",
    "Architect",
    "SVC-ARCH",
    "uom.product_uom_hour",
    "delivered_timesheet",
);
/// One instalment of a fixed fee.
pub const FIXED_FEE: SeedProduct = (
    "catalogue.fixed_fee",
    "Fixed fee instalment",
    "SVC-FIXED",
    "uom.product_uom_unit",
    "delivered_manual",
);

/// A milestone of a fixed fee.
pub const MILESTONE: SeedProduct = (
    "catalogue.milestone",
    "Milestone",
    "SVC-MILESTONE",
    "uom.product_uom_unit",
    "delivered_milestones",
);
/// An hour of a retainer, paid before it is worked.
pub const RETAINER: SeedProduct = (
    "catalogue.retainer",
    "Retainer hour",
    "SVC-RETAINER",
    "uom.product_uom_hour",
    "ordered_prepaid",
);
/// A month of a managed service.
pub const MANAGED_MONTH: SeedProduct = (
    "catalogue.managed_month",
    "Managed service month",
    "SVC-MANAGED",
    "uom.product_uom_unit",
    "delivered_manual",
);

/// All products.
pub const PRODUCTS: [SeedProduct; 6] = [
    SENIOR_CONSULTANT,
    ARCHITECT,
    FIXED_FEE,
    MILESTONE,
    RETAINER,
    MANAGED_MONTH,
];

/// The external id of the payment term "30 Days", which Odoo brings along.
pub const PAYMENT_TERM_30_DAYS: &str = "account.account_payment_term_30days";

/// These facts as the Python lines that the installer's script starts with. A Rust string in debug
/// form is a Python string as well, as long as it is plain ASCII.
#[must_use]
pub fn as_python() -> String {
    let mut text = format!("COMPANY = {COMPANY:?}\nADMIN_KEY = {ADMIN_KEY:?}\n");
    let users = USERS.map(|user| (user.login, user.name, user.groups, user.key));
    // Writing to a String cannot fail.
    writeln!(
        text,
        "USERS = {users:?}\nPASSWORDS = {PASSWORDS:?}\nEMPLOYEES = {EMPLOYEES:?}\nPRODUCTS = {PRODUCTS:?}\n\
         SECOND_COMPANY = {SECOND_COMPANY:?}\nEVA = {EVA:?}"
    )
    .ok();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_forty_hexadecimal_characters_and_starts_like_no_other() {
        let keys = USERS.map(|user| user.key).into_iter().chain([ADMIN_KEY]);
        let mut starts: Vec<&str> = keys
            .inspect(|key| {
                assert!(
                    key.len() == 40 && key.bytes().all(|byte| byte.is_ascii_hexdigit()),
                    "{key}"
                )
            })
            .map(|key| &key[..8])
            .collect();
        starts.sort_unstable();
        starts.dedup();
        assert_eq!(starts.len(), USERS.len() + 1);
    }

    #[test]
    fn the_facts_are_valid_python() {
        assert!(as_python().is_ascii());
        assert!(as_python().contains(r#"EMPLOYEES = [("hr_demo.alice", "Alice Consultant", 70)"#));
    }
}
