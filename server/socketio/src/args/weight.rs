//! What arguments weigh: the memory they take once they are read, which may be a hundred times their bytes on the wire.

use bytes::Bytes;
use serde_json::Value;

use super::list::{Args, Slot};

impl Args {
    /// Memory in bytes, never much less than it is. The depth of what arrived is bounded by its decoder.
    pub(crate) fn weight(&self) -> usize {
        let slots = self.slots().iter().map(|slot| match slot {
            Slot::Json(value) => value_weight(value),
            Slot::Binary(_) => VALUE_BYTES,
        });
        let attachments = self.attachments().iter().map(Bytes::len);
        slots.sum::<usize>() + attachments.sum::<usize>()
    }
}

fn value_weight(value: &Value) -> usize {
    let inner = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(value_weight).sum(),
        Value::Object(fields) => {
            let leaves = fields.len().div_ceil(LEAF_FIELDS_MIN) * LEAF_BYTES;
            let fields = fields.iter().map(|(key, value)| key.len() + value_weight(value));
            leaves + fields.sum::<usize>()
        }
    };
    VALUE_BYTES + inner
}

const VALUE_BYTES: usize = size_of::<Value>();

/// A leaf of the tree that holds the fields of an object has room for 11, and may be half empty.
const LEAF_FIELDS_MIN: usize = 5;
const LEAF_BYTES: usize = 11 * (size_of::<String>() + VALUE_BYTES) + 16;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn arguments_weigh_what_they_take() {
        let weight = |value: Value| Args::new(vec![Slot::Json(value)], Vec::new()).weight();
        assert_eq!(weight(json!(null)), VALUE_BYTES);
        assert_eq!(weight(json!("four")), VALUE_BYTES + 4);
        assert_eq!(weight(json!([1, 2])), 3 * VALUE_BYTES);
        assert_eq!(weight(json!({})), VALUE_BYTES);
        assert_eq!(weight(json!({ "key": 1 })), 2 * VALUE_BYTES + 3 + LEAF_BYTES);
        assert!(weight(json!([{ "": 0 }, { "": 0 }])) > 2 * 600);
        assert_eq!(
            Args::one_binary(Bytes::from_static(b"1234")).weight(),
            VALUE_BYTES + 4
        );
    }
}
