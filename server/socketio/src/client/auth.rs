//! What a namespace is told at each CONNECT: the authentication of the application, and where recovery goes on from.

use std::pin::Pin;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::error::ClientError;

/// Where the authentication comes from.
#[derive(Clone)]
pub(super) enum Auth {
    Value(Value),
    /// Asked anew each time, e.g. for a token that expires.
    Function(Arc<AuthFunction>),
}

pub(super) type AuthFunction = dyn Fn() -> Pin<Box<dyn Future<Output = Value> + Send>> + Send + Sync;

/// What a server that recovers sessions has told, and what was received since.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Recovery {
    /// Private id of the session. Who knows it can take the session over, so it is never shown.
    pub(super) pid: String,
    /// Of the last event that carried one.
    pub(super) offset: Option<String>,
}

/// The payload of CONNECT, if there is something to say.
pub(super) fn connect_payload(
    auth: Value,
    recovery: Option<&Recovery>,
) -> Result<Option<Map<String, Value>>, ClientError> {
    let auth = match auth {
        Value::Null => Map::new(),
        Value::Object(fields) => fields,
        _ => return Err(ClientError::Auth),
    };
    let mut payload = Map::new();
    if let Some(recovery) = recovery {
        payload.insert("pid".to_owned(), recovery.pid.clone().into());
        if let Some(offset) = &recovery.offset {
            payload.insert("offset".to_owned(), offset.clone().into());
        }
    }
    // As in the reference, the application has the last word.
    payload.extend(auth);
    Ok(Some(payload).filter(|payload| !payload.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(auth: Value, recovery: Option<(&str, Option<&str>)>, expected: Result<Option<&str>, ()>) {
        let recovery = recovery.map(|(pid, offset)| Recovery {
            pid: pid.to_owned(),
            offset: offset.map(str::to_owned),
        });
        let payload = connect_payload(auth, recovery.as_ref());
        let payload = payload.map(|fields| fields.map(|fields| Value::Object(fields).to_string()));
        let found = payload.as_ref().map(Option::as_deref).map_err(|_| ());
        assert_eq!(found, expected);
    }

    #[test]
    fn connect_carries_authentication_and_where_to_go_on() {
        check(Value::Null, None, Ok(None));
        check(json!({}), None, Ok(None));
        check(json!({"token": 1}), None, Ok(Some(r#"{"token":1}"#)));
        check(Value::Null, Some(("P", None)), Ok(Some(r#"{"pid":"P"}"#)));
        check(
            json!({"token": 1}),
            Some(("P", Some("O"))),
            Ok(Some(r#"{"offset":"O","pid":"P","token":1}"#)),
        );
        for auth in [json!(1), json!([]), json!("x"), json!(true)] {
            check(auth, None, Err(()));
        }
    }
}
