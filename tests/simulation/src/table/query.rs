//! Queries of a table or an index.

use std::sync::Arc;

use serde_json::{Value, json};

use super::condition::{Condition, Names, text};
use super::{At, Item, Reply, Tables, limits, seen};

/// The key attributes of each index, as the template has them.
pub(super) const INDEXES: [(&str, &str, &str); 3] = [
    ("attention", "attention", "since"),
    ("correlation", "correlation", "pk"),
    ("open", "open_owner", "raised_at"),
];

impl Tables {
    pub(super) fn query(&self, request: &Value, at: At) -> Reply {
        let names = Names::of(request);
        let expression = request["KeyConditionExpression"].as_str();
        let condition = Condition::read(expression.unwrap_or_default(), &names);
        let index = request["IndexName"].as_str();
        let mut found: Vec<Arc<Item>> = match index {
            Some(index) => self.in_index(index, request, at),
            None => self.in_partition(&condition, &names, request, at),
        };
        found.retain(|item| condition.holds(&names, Some(item)));
        if request["ScanIndexForward"] == json!(false) {
            found.reverse();
        }
        if let Some(after) = request.get("ExclusiveStartKey") {
            let is_it = |item: &Arc<Item>| {
                item.get("pk") == after.get("pk") && item.get("sk") == after.get("sk")
            };
            let place = found.iter().position(is_it).map_or(0, |place| place + 1);
            found.drain(..place);
        }
        page(&found, request)
    }

    fn in_partition(
        &self,
        condition: &Condition,
        names: &Names<'_>,
        request: &Value,
        at: At,
    ) -> Vec<Arc<Item>> {
        let operand = condition
            .equal_to("pk")
            .expect("a query names its partition");
        let pk = text(
            names
                .value(operand, None)
                .expect("a query names its partition"),
        );
        let table = request["TableName"].as_str().unwrap_or_default();
        let strong = request["ConsistentRead"] == json!(true);
        self.from(table, pk)
            .take_while(|(key, _)| key.table == table && key.pk == pk)
            .filter_map(|(_, states)| match strong {
                true => states.last()?.1.clone(),
                false => seen(states, at),
            })
            .collect()
    }

    /// An index lags behind its table, and has only the items with its key attributes.
    fn in_index(&self, index: &str, request: &Value, at: At) -> Vec<Arc<Item>> {
        let known = INDEXES.iter().find(|(name, ..)| *name == index);
        let (_, pk, sk) = known.unwrap_or_else(|| panic!("no index {index}"));
        let table = request["TableName"].as_str().unwrap_or_default();
        let mut found: Vec<Arc<Item>> = self
            .from(table, "")
            .take_while(|(key, _)| key.table == table)
            .filter_map(|(_, states)| seen(states, at))
            .filter(|item| item.contains_key(*pk) && item.contains_key(*sk))
            .collect();
        found.sort_by(|a, b| text(&a[*sk]).cmp(text(&b[*sk])));
        found
    }
}

/// As many as were asked for, and as fit into one answer.
fn page(found: &[Arc<Item>], request: &Value) -> Reply {
    let limit = request["Limit"].as_u64().unwrap_or(u64::MAX);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut bytes = 0;
    let fitting = found.iter().take(limit).take_while(|item| {
        bytes += limits::size(item);
        bytes <= limits::ANSWER
    });
    let items: Vec<&Item> = fitting.map(|item| &**item).collect();
    let mut answer = json!({"Count": items.len(), "Items": items});
    let is_cut = items.len() == limit || items.len() < found.len();
    if let Some(last) = items.last().filter(|_| is_cut) {
        answer["LastEvaluatedKey"] = json!({"pk": last["pk"], "sk": last["sk"]});
    }
    Reply::Done(answer)
}
