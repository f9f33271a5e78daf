//! Rows as small trees of values, and the one description of what columns they have.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, Schema};
use serde_json::{Map, Value as Json, json};

/// What a column holds. Every column may be null.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Bool,
    Int32,
    Int64,
    Float64,
    Text,
    /// A picture as Hugging Face stores it: bytes and a path that is never set.
    Image,
    List(Box<Kind>),
    Struct(Vec<(&'static str, Kind)>),
}

/// One cell. Struct cells have their fields in the order of their kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Bytes(Arc<Vec<u8>>),
    List(Vec<Value>),
    Struct(Vec<Value>),
}

/// The columns of a table, in order.
pub(crate) type Columns = Vec<(&'static str, Kind)>;

impl Value {
    pub(crate) fn text(s: impl Into<String>) -> Self {
        Self::Text(s.into())
    }

    pub(crate) fn texts<S: Into<String>>(all: impl IntoIterator<Item = S>) -> Self {
        Self::List(all.into_iter().map(Self::text).collect())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}

impl From<i32> for Value {
    fn from(n: i32) -> Self {
        Self::Int(n.into())
    }
}

impl From<u32> for Value {
    fn from(n: u32) -> Self {
        Self::Int(n.into())
    }
}

impl From<f64> for Value {
    fn from(x: f64) -> Self {
        Self::Float(x)
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Self {
        Self::text(s)
    }
}

impl From<String> for Value {
    fn from(s: String) -> Self {
        Self::Text(s)
    }
}

impl From<Vec<Value>> for Value {
    fn from(all: Vec<Value>) -> Self {
        Self::List(all)
    }
}

impl Kind {
    /// The Arrow type.
    pub(crate) fn arrow(&self) -> DataType {
        match self {
            Self::Bool => DataType::Boolean,
            Self::Int32 => DataType::Int32,
            Self::Int64 => DataType::Int64,
            Self::Float64 => DataType::Float64,
            Self::Text => DataType::Utf8,
            Self::Image => DataType::Struct(image_fields()),
            Self::List(item) => DataType::List(list_item(item)),
            Self::Struct(fields) => DataType::Struct(struct_fields(fields)),
        }
    }

    /// What Hugging Face's `datasets` calls it.
    fn feature(&self) -> Json {
        match self {
            Self::Bool => value_feature("bool"),
            Self::Int32 => value_feature("int32"),
            Self::Int64 => value_feature("int64"),
            Self::Float64 => value_feature("float64"),
            Self::Text => value_feature("string"),
            Self::Image => json!({"_type": "Image"}),
            // A list of one feature is read alike by `datasets` 2, 3 and 4.
            Self::List(item) => json!([item.feature()]),
            Self::Struct(fields) => features(fields),
        }
    }
}

fn value_feature(dtype: &str) -> Json {
    json!({"dtype": dtype, "_type": "Value"})
}

fn features(columns: &[(&'static str, Kind)]) -> Json {
    Json::Object(
        columns.iter().map(|(name, kind)| ((*name).to_owned(), kind.feature())).collect::<Map<_, _>>(),
    )
}

/// The bytes first, then the path: `datasets` insists on names and order.
pub(crate) fn image_fields() -> Fields {
    Fields::from(vec![Field::new("bytes", DataType::Binary, true), Field::new("path", DataType::Utf8, true)])
}

pub(crate) fn list_item(kind: &Kind) -> Arc<Field> {
    Arc::new(Field::new("item", kind.arrow(), true))
}

pub(crate) fn struct_fields(fields: &[(&'static str, Kind)]) -> Fields {
    fields.iter().map(|(name, kind)| Field::new(*name, kind.arrow(), true)).collect()
}

/// The table's schema, with the metadata that makes `datasets` see its pictures.
pub(crate) fn schema(columns: &Columns) -> Arc<Schema> {
    let info = json!({"info": {"features": features(columns)}}).to_string();
    let metadata = HashMap::from([("huggingface".to_owned(), info)]);
    Arc::new(Schema::new_with_metadata(struct_fields(columns), metadata))
}
