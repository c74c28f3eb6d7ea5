//! The ledger's table as an administrator sees it: kept aside, emptied, put back.

use cli::aws_api::DYNAMODB;
use cli::story::{Firm, StoryError};
use serde_json::{Value, json};

use crate::deployed::array;

/// Every item of the ledger.
///
/// # Errors
/// When the table does not answer.
pub async fn items(firm: &Firm) -> Result<Vec<Value>, StoryError> {
    let mut scan =
        json!({"TableName": firm.stack.output("LedgerTableName")?, "ConsistentRead": true});
    let mut items = Vec::new();
    loop {
        let answer = firm.stack.aws().json(DYNAMODB, "Scan", &scan).await?;
        items.extend(array(&answer["Items"]));
        match &answer["LastEvaluatedKey"] {
            Value::Null => return Ok(items),
            last => scan["ExclusiveStartKey"] = last.clone(),
        }
    }
}

/// Makes the ledger exactly these items, as a restore to an earlier point in time does.
///
/// # Errors
/// When the table does not answer.
pub async fn restore(firm: &Firm, items_then: &[Value]) -> Result<(), StoryError> {
    let (aws, table) = (firm.stack.aws(), firm.stack.output("LedgerTableName")?);
    for item in items(firm).await? {
        let key = json!({"pk": item["pk"], "sk": item["sk"]});
        let delete = json!({"TableName": table, "Key": key});
        aws.json(DYNAMODB, "DeleteItem", &delete).await?;
    }
    for item in items_then {
        let put = json!({"TableName": table, "Item": item});
        aws.json(DYNAMODB, "PutItem", &put).await?;
    }
    Ok(())
}
