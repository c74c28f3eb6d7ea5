//! The real Odoo behind the handle of the cases.

use odoo::Odoo;
use serde_json::{Value, json};

use crate::odoo_answers::{LINES, OdooSubject, Places};
use crate::support::{Deal, World, company, raw};

/// A database of its own, with a confirmed contract.
pub struct RealOdoo {
    world: World,
    places: Places,
}

impl RealOdoo {
    /// Makes both.
    pub async fn new() -> Self {
        Self::of(World::new()).await
    }

    /// The same, asked as older versions are asked.
    pub async fn over_the_older_api() -> Self {
        Self::of(World::new().over_the_older_api()).await
    }

    async fn of(world: World) -> Self {
        let deal = Deal::new("contract");
        let (_, _, project) = deal.stand_up(&world).await;
        let look = async |external_id: &str| {
            let (module, name) = external_id.split_once('.').expect("module.name");
            let body = json!({"module": module, "xml_id": name});
            let method = "check_object_reference";
            let found = raw(&world.work, "ir.model.data", method, body).await;
            found.expect("it exists")[1].as_i64().expect("an id")
        };
        let places = Places {
            project,
            line: look(&deal.line(0).external_id()).await,
            employee: look("hr_demo.alice").await,
        };
        Self { world, places }
    }

    async fn person(&self, method: &str, body: Value) {
        let context = odoo::Context::of(&company());
        let done: Result<Value, _> = self.world.admin.call(LINES, method, &context, body).await;
        assert_eq!(done.expect("a person may do it"), true);
    }
}

impl OdooSubject for RealOdoo {
    fn work(&self) -> &Odoo {
        &self.world.work
    }

    fn places(&self) -> Places {
        self.places
    }

    async fn delete(&self, id: i64) {
        self.person("unlink", json!({"ids": [id]})).await;
    }

    async fn edit(&self, id: i64, hours: &str) {
        let hours: Value = serde_json::from_str(hours).expect("a number");
        let write = json!({"ids": [id], "vals": {"unit_amount": hours}});
        self.person("write", write).await;
    }
}
