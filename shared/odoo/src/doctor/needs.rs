//! What each service user must be able to do, as facts.

/// A model, what is done with its records, and fields that other modules bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// The model.
    pub model: &'static str,
    /// `create`, `read` or `write`.
    pub operations: &'static [&'static str],
    /// Fields that are not there, or hidden from the user, if a module or a right is missing.
    pub fields: &'static [&'static str],
    /// The module that brings the model, or these fields of it.
    pub module: &'static str,
}

/// A group without which the user sees only a part of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    /// The group's external id.
    pub group: &'static str,
    /// What is wrong without it.
    pub without: &'static str,
}

/// A user of Odoo whose API key Tenon uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceUser {
    /// As in the secrets' names: `tenon/ENVIRONMENT/odoo/NAME`.
    pub name: &'static str,
    /// What it is for.
    pub does: &'static str,
    /// External ids of the groups that give all of it and little more.
    pub groups: &'static [&'static str],
    /// What the flows do as this user.
    pub needs: &'static [Need],
    /// What its rights alone do not show.
    pub sees: &'static [Sight],
}

const CREATE_READ_WRITE: &[&str] = &["create", "read", "write"];
const READ_WRITE: &[&str] = &["read", "write"];
const READ_ONLY: &[&str] = &["read"];

const ALL_ORDERS: Sight = Sight {
    group: "sales_team.group_sale_salesman_all_leads",
    without: "it would see no orders but its own",
};

/// Customers, orders and projects.
pub const MASTER: ServiceUser = ServiceUser {
    name: "master",
    does: "customers, orders and projects",
    groups: &[
        "base.group_user",
        "base.group_partner_manager",
        "sales_team.group_sale_salesman_all_leads",
        "project.group_project_manager",
    ],
    needs: &[
        Need {
            model: "res.partner",
            operations: CREATE_READ_WRITE,
            fields: &["ref", "vat", "property_payment_term_id"],
            module: "account",
        },
        Need {
            model: "sale.order",
            operations: CREATE_READ_WRITE,
            fields: &["client_order_ref", "payment_term_id", "project_id"],
            module: "sale_project",
        },
        Need {
            model: "sale.order.line",
            operations: CREATE_READ_WRITE,
            fields: &["price_unit", "discount", "tax_ids", "analytic_distribution"],
            module: "sale_management",
        },
        Need {
            model: "project.project",
            operations: CREATE_READ_WRITE,
            fields: &[
                "allow_billable",
                "allow_timesheets",
                "sale_line_id",
                "account_id",
            ],
            module: "sale_timesheet",
        },
        Need {
            model: "project.milestone",
            operations: CREATE_READ_WRITE,
            fields: &["sale_line_id", "quantity_percentage", "is_reached"],
            module: "sale_project",
        },
        Need {
            model: "project.task",
            operations: CREATE_READ_WRITE,
            fields: &["allocated_hours", "sale_line_id"],
            module: "sale_timesheet",
        },
        // A customer that is there already is taken on by Odoo's own merge.
        Need {
            model: "base.partner.merge.automatic.wizard",
            operations: &["create"],
            fields: &[],
            module: "base",
        },
        read_of("res.partner.category", "base"),
        Need {
            model: "product.product",
            operations: READ_ONLY,
            fields: &[
                "taxes_id",
                "service_policy",
                "service_tracking",
                "project_template_id",
            ],
            module: "sale_project",
        },
        read_of("account.analytic.account", "analytic"),
        read_of("product.pricelist", "sale_management"),
        read_of("account.payment.term", "account"),
        read_of("account.fiscal.position", "account"),
        read_of("account.tax", "account"),
        read_of("uom.uom", "uom"),
        read_of("res.lang", "base"),
        read_of("res.company", "base"),
        read_of("res.currency", "base"),
        read_of("res.country", "base"),
    ],
    sees: &[ALL_ORDERS],
};

/// Timesheets.
pub const WORK: ServiceUser = ServiceUser {
    name: "work",
    does: "timesheets",
    groups: &[
        "base.group_user",
        "hr_timesheet.group_hr_timesheet_approver",
        "project.group_project_manager",
        "sales_team.group_sale_salesman_all_leads",
    ],
    needs: &[
        Need {
            model: "account.analytic.line",
            operations: CREATE_READ_WRITE,
            fields: &[
                "project_id",
                "employee_id",
                "so_line",
                "is_so_line_edited",
                "ref",
            ],
            module: "sale_timesheet",
        },
        Need {
            model: "project.project",
            operations: READ_ONLY,
            fields: &["sale_line_id", "allow_timesheets"],
            module: "sale_timesheet",
        },
        Need {
            model: "sale.order.line",
            operations: READ_ONLY,
            fields: &["task_id"],
            module: "sale_project",
        },
        read_of("project.task", "project"),
        read_of("account.analytic.account", "analytic"),
        read_of("hr.employee.public", "hr"),
    ],
    sees: &[
        Sight {
            group: "hr_timesheet.group_hr_timesheet_approver",
            without: "it could log time for nobody but itself",
        },
        ALL_ORDERS,
    ],
};

/// Invoices.
pub const BILLING: ServiceUser = ServiceUser {
    name: "billing",
    does: "drafting and posting invoices",
    groups: &[
        "base.group_user",
        "account.group_account_invoice",
        "sales_team.group_sale_salesman_all_leads",
        "project.group_project_manager",
    ],
    needs: &[
        Need {
            model: "account.move",
            operations: CREATE_READ_WRITE,
            fields: &[
                "invoice_line_ids",
                "tax_lock_date_message",
                "amount_untaxed",
            ],
            module: "account",
        },
        Need {
            model: "account.move.line",
            operations: CREATE_READ_WRITE,
            fields: &["sale_line_ids", "tax_ids"],
            module: "sale_management",
        },
        Need {
            model: "account.analytic.line",
            operations: READ_WRITE,
            fields: &["timesheet_invoice_id", "so_line", "unit_amount"],
            module: "sale_timesheet",
        },
        Need {
            model: "sale.order",
            operations: READ_ONLY,
            fields: &["fiscal_position_id", "partner_invoice_id", "project_id"],
            module: "sale_project",
        },
        Need {
            model: "sale.order.line",
            operations: READ_WRITE,
            fields: &["qty_delivered", "qty_invoiced"],
            module: "sale_management",
        },
        read_of("product.product", "sale_management"),
        read_of("res.partner", "base"),
        read_of("account.tax", "account"),
        read_of("account.tax.repartition.line", "account"),
        read_of("res.company", "base"),
        read_of("res.currency", "base"),
    ],
    sees: &[
        ALL_ORDERS,
        Sight {
            group: "hr_timesheet.group_hr_timesheet_approver",
            without: "it could not link other people's time to an invoice",
        },
    ],
};

/// What became of the invoices.
pub const READ: ServiceUser = ServiceUser {
    name: "read",
    does: "reading what became of invoices",
    groups: &["base.group_user", "account.group_account_readonly"],
    needs: &[
        Need {
            model: "account.move",
            operations: READ_ONLY,
            fields: &["payment_state", "amount_residual", "amount_total"],
            module: "account",
        },
        read_of("res.currency", "base"),
    ],
    sees: &[],
};

/// All four.
pub const SERVICE_USERS: [ServiceUser; 4] = [MASTER, WORK, BILLING, READ];

const fn read_of(model: &'static str, module: &'static str) -> Need {
    Need {
        model,
        operations: READ_ONLY,
        fields: &[],
        module,
    }
}
