//! A batch of a hundred events of which one cannot be read: ninety-nine go on.

use aws::Exceptions;
use domain::Reference;
use serde_json::{Value, json};
use tests::large_stack::on_a_large_stack;

use crate::budget::{PORTAL, deal, delivery, firm, handled, is_known};

#[test]
fn of_a_hundred_deals_the_one_that_cannot_be_read_holds_up_no_other() {
    on_a_large_stack(async || {
        let (api, world) = firm().await;
        let path = |id: u32| format!("GET /crm/v3/objects/deals/{id}?");
        for id in 1..=100 {
            api.answers(&path(id), 200, deal(&id.to_string()));
        }
        let event = |id: u32| {
            json!({"eventId": id, "subscriptionId": 1, "portalId": 48_807_704, "appId": 1,
                "occurredAt": 1_795_348_800_000_u64, "subscriptionType": "deal.creation",
                "attemptNumber": 0, "objectId": id})
        };
        let mut events: Vec<Value> = (1..=100).map(event).collect();
        events[36]
            .as_object_mut()
            .expect("an event")
            .remove("objectId");
        handled(&world, &delivery("hubspot", PORTAL, &json!(events))).await;
        // What the vendor allows at once is less than that: the rest comes back.
        for _ in 0..10 {
            world.pass(1);
            for message in world.take_from(&world.deliveries).await {
                if message.contains("tenon-pulled") {
                    handled(&world, &message).await;
                }
            }
        }
        for id in 1..=100 {
            let is_there = is_known(&world, &id.to_string()).await;
            assert_eq!(is_there, id != 37, "deal {id}");
            assert_eq!(api.count(&path(id)), usize::from(id != 37), "deal {id}");
        }
        let exceptions = Exceptions::new(&world.connection, &world.exceptions);
        let about = Reference::new("hubspot", PORTAL, "field", "objectId");
        let open = exceptions.of(&about).await.expect("exceptions");
        assert_eq!(open.len(), 1, "{open:?}");
        let place = "seen in delivery d-1, event 37 of 100";
        assert_eq!(open[0].items, ["the field objectId is missing", place]);
    });
}
