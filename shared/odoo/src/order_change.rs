//! A newer version of a contract on the order that is there.

use domain::book::WhenLocked;
use domain::command::{CreateOrder, OrderLine};
use domain::judge::{Amendment, LineChange, LineInOdoo, Objection, OrderInOdoo, amend};
use domain::record::Posted;
use domain::{DecimalText, ExceptionClass, Reference};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{OrFalse, number};
use crate::currency::currency;
use crate::load::{Cells, Row};
use crate::order::{create, posted, text};
use crate::order_check::check;
use crate::{Context, Odoo, OdooError, credit, project_maker, tax_check};

const MODEL: &str = "sale.order";
const LINE: &str = "sale.order.line";

#[derive(Deserialize)]
struct Order {
    name: String,
    state: String,
    locked: bool,
    payment_term_id: OrFalse<i64>,
    client_order_ref: OrFalse<String>,
    order_line: Vec<i64>,
}

#[derive(Deserialize)]
struct Line {
    id: i64,
    display_type: OrFalse<String>,
    product_uom_qty: DecimalText,
    qty_delivered: DecimalText,
    qty_invoiced: DecimalText,
    price_unit: DecimalText,
    discount: DecimalText,
}

const FIELDS: [&str; 6] = [
    "name",
    "state",
    "locked",
    "payment_term_id",
    "client_order_ref",
    "order_line",
];

const LINE_FIELDS: [&str; 6] = [
    "display_type",
    "product_uom_qty",
    "qty_delivered",
    "qty_invoiced",
    "price_unit",
    "discount",
];

/// The order as the newest version of its contract has it: created as a draft when it is not there,
/// changed when it is. `earlier` are the versions that Odoo may have, newest first.
pub async fn follow(
    odoo: &Odoo,
    reference: &Reference,
    earlier: &[&CreateOrder],
    order: &CreateOrder,
) -> Result<Posted, OdooError> {
    let context = Context::of(&order.company);
    let existing = match earlier.is_empty() {
        true => None,
        false => odoo.look_up(&context, &reference.external_id()).await?,
    };
    match existing {
        Some(id) => change(odoo, id, earlier, order).await,
        None => create(odoo, reference, order).await,
    }
}

/// Writes what the newest version changes, and compares the order with it. `earlier` are the
/// versions that Odoo may have, newest first.
async fn change(
    odoo: &Odoo,
    order_id: i64,
    earlier: &[&CreateOrder],
    order: &CreateOrder,
) -> Result<Posted, OdooError> {
    let context = Context::of(&order.company);
    let found: Order = odoo.read_one(&context, MODEL, order_id, &FIELDS).await?;
    if found.state == "cancel" {
        let name = &found.name;
        return Err(OdooError::differs(format!(
            "the order {name} is cancelled in Odoo"
        )));
    }
    let (lines, ids) = lines(odoo, &context, &found, earlier, order).await?;
    let state = OrderInOdoo {
        name: found.name.clone(),
        confirmed: found.state == "sale",
        payment_term: term(odoo, &context, &found, earlier, order).await?,
        purchase_order: found.client_order_ref.0.clone().unwrap_or_default(),
        foreign_lines: lines.1,
        lines: lines.0,
    };
    let amendment = amend(earlier, order, &state).map_err(asked)?;
    if !amendment.is_empty() {
        project_maker::sold(odoo, &context, order).await?;
        let what = format!("a change of the order {}", found.name);
        credit::allows(odoo, &context, order.credit.as_ref(), &what).await?;
        let changed = Changed {
            odoo,
            context: &context,
            order_id,
            ids: &ids,
        };
        changed.behind_the_lock(&found, order, &amendment).await?;
    }
    let currency = currency(odoo, &context, order).await?;
    let name = check(odoo, &context, order_id, order, &currency).await?;
    tax_check::check_order(odoo, &context, order_id, order, currency.digits).await?;
    Ok(posted(order_id, name))
}

fn asked(objection: Objection) -> OdooError {
    OdooError::Asked(Box::new(objection))
}

/// Ids of our lines, by name.
type Ids = Vec<(Reference, i64)>;

/// Our lines, how many others there are, and the ids of ours.
async fn lines(
    odoo: &Odoo,
    context: &Context,
    found: &Order,
    earlier: &[&CreateOrder],
    order: &CreateOrder,
) -> Result<((Vec<LineInOdoo>, usize), Ids), OdooError> {
    let ids = &found.order_line;
    let rows: Vec<Line> = odoo.read(context, LINE, ids, &LINE_FIELDS).await?;
    let names = odoo.names_of(context, LINE, ids).await?;
    let versions = earlier.iter().copied().chain([order]);
    let ours: Vec<&Reference> = versions
        .flat_map(|order| order.lines.iter().map(|line| &line.reference))
        .collect();
    let (mut lines, mut foreign, mut known) = (Vec::new(), 0, Ids::new());
    for row in rows.iter().filter(|row| row.display_type.0.is_none()) {
        let is_it = |ours: &&&Reference| {
            let name = ours.external_id();
            names
                .iter()
                .any(|(found, id)| *id == row.id && *found == name)
        };
        let Some(reference) = ours.iter().find(is_it) else {
            foreign += usize::from(!row.product_uom_qty.0.is_zero());
            continue;
        };
        known.push(((*reference).clone(), row.id));
        lines.push(LineInOdoo {
            reference: (*reference).clone(),
            quantity: row.product_uom_qty.0,
            delivered: row.qty_delivered.0,
            invoiced: row.qty_invoiced.0,
            unit_price: row.price_unit.0,
            discount_percent: row.discount.0,
        });
    }
    Ok(((lines, foreign), known))
}

/// The payment term's name: that of a version of ours, or what people call it in Odoo.
async fn term(
    odoo: &Odoo,
    context: &Context,
    found: &Order,
    earlier: &[&CreateOrder],
    order: &CreateOrder,
) -> Result<String, OdooError> {
    #[derive(Deserialize)]
    struct Term {
        name: String,
    }
    let Some(id) = found.payment_term_id.0 else {
        return Ok(String::new());
    };
    for version in earlier.iter().copied().chain([order]) {
        if odoo.resolve(context, &version.payment_term).await? == id {
            return Ok(version.payment_term.clone());
        }
    }
    let term: Term = odoo
        .read_one(context, "account.payment.term", id, &["name"])
        .await?;
    Ok(term.name)
}

struct Changed<'a> {
    odoo: &'a Odoo,
    context: &'a Context,
    order_id: i64,
    ids: &'a Ids,
}

impl Changed<'_> {
    /// A person has locked the order so that nobody changes it: the book says who decides.
    async fn behind_the_lock(
        &self,
        found: &Order,
        order: &CreateOrder,
        amendment: &Amendment,
    ) -> Result<(), OdooError> {
        if !found.locked {
            return self.write(amendment).await;
        }
        match order.when_locked {
            WhenLocked::Ask => Err(asked(locked(&found.name))),
            WhenLocked::Unlock => {
                self.method("action_unlock").await?;
                let written = self.write(amendment).await;
                self.method("action_lock").await?;
                written
            }
        }
    }

    async fn method(&self, name: &str) -> Result<(), OdooError> {
        let ids = json!({"ids": [self.order_id]});
        let _: Value = self.odoo.call(MODEL, name, self.context, ids).await?;
        Ok(())
    }

    async fn write(&self, amendment: &Amendment) -> Result<(), OdooError> {
        let mut values = serde_json::Map::new();
        if let Some(term) = &amendment.payment_term {
            let term = self.odoo.resolve(self.context, term).await?;
            values.insert("payment_term_id".to_owned(), json!(term));
        }
        if let Some(number) = &amendment.purchase_order {
            values.insert("client_order_ref".to_owned(), json!(number));
        }
        if !values.is_empty() {
            let order = [self.order_id];
            let values = Value::Object(values);
            self.odoo.write(self.context, MODEL, &order, values).await?;
        }
        for line in &amendment.lines {
            self.write_line(line).await?;
        }
        for line in &amendment.added {
            self.add(line).await?;
        }
        Ok(())
    }

    async fn write_line(&self, line: &LineChange) -> Result<(), OdooError> {
        let of_line = |(reference, _): &&(Reference, i64)| *reference == line.line;
        let Some((_, id)) = self.ids.iter().find(of_line) else {
            let name = &line.line;
            return Err(OdooError::differs(format!("{name} is not on the order")));
        };
        // Without its price beside it, Odoo would take the quantity as a reason to compute it anew.
        let values = json!({
            "product_uom_qty": number(line.quantity),
            "price_unit": number(line.unit_price),
            "discount": number(line.discount_percent),
        });
        self.odoo.write(self.context, LINE, &[*id], values).await
    }

    /// On the line's own model: an order that is loaded again would drop it.
    async fn add(&self, line: &OrderLine) -> Result<(), OdooError> {
        let mut cells = Cells::default();
        cells.set("id", line.reference.external_id());
        cells.set("order_id/.id", self.order_id.to_string());
        cells.set("product_id/id", &line.product);
        cells.set("name", text(line));
        if let Some(unit) = &line.unit {
            cells.set("product_uom_id/id", &unit.uom);
        }
        cells.set("product_uom_qty", line.quantity.to_string());
        cells.set("price_unit", line.unit_price.to_string());
        cells.set("discount", line.discount_percent.to_string());
        let rows: [Row; 1] = [cells.row];
        let context = self.context.clone();
        let context = context.with("disable_project_task_generation", json!(true));
        self.odoo
            .load_one(&context, LINE, &cells.fields, &rows)
            .await?;
        Ok(())
    }
}

fn locked(name: &str) -> Objection {
    Objection {
        code: "order_locked",
        class: ExceptionClass::BusinessRule,
        sentence: format!("The order {name} is locked in Odoo, and its deal has changed"),
        items: vec![
            "the book says that a locked order is a question (contracts.locked)".to_owned(),
        ],
        fix: "Unlock the order in Odoo if it shall follow, then: tenon retry".to_owned(),
        owner: "finance",
    }
}
