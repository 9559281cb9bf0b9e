//! Scalars of the schema.

use async_graphql::{Description, InputValueError, InputValueResult, Scalar, ScalarType, Value};

/// EVE Online's id of a character, corporation, alliance or faction: a whole number that may exceed 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Description)]
pub struct EveId(pub i64);

#[Scalar(name = "EveId", use_type_description)]
impl ScalarType for EveId {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(n) => n
                .as_i64()
                .filter(|id| *id > 0)
                .map(Self)
                .ok_or_else(|| InputValueError::custom("an EVE id is a positive whole number")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(self.0)
    }
}
