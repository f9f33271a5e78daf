//! Between trees of values and Arrow's arrays.

use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch, StringArray,
    StructArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Schema};

use crate::value::{Columns, Kind, Value, image_fields, list_item, struct_fields};

/// Rows, each with one value a column, as a batch.
pub(crate) fn batch(
    columns: &Columns,
    schema: &Arc<Schema>,
    rows: &[Vec<Value>],
) -> Result<RecordBatch, ArrowError> {
    let arrays = columns.iter().enumerate().map(|(i, (_, kind))| {
        let cells: Vec<&Value> = rows.iter().map(|row| row.get(i).unwrap_or(&Value::Null)).collect();
        array(kind, &cells)
    });
    RecordBatch::try_new(schema.clone(), arrays.collect::<Result<_, _>>()?)
}

fn array(kind: &Kind, cells: &[&Value]) -> Result<ArrayRef, ArrowError> {
    Ok(match kind {
        Kind::Bool => Arc::new(cells.iter().map(|c| as_bool(c)).collect::<BooleanArray>()),
        Kind::Int32 => {
            let narrow = |c: &&Value| as_int(c).and_then(|n| i32::try_from(n).ok());
            Arc::new(cells.iter().map(narrow).collect::<Int32Array>())
        }
        Kind::Int64 => Arc::new(cells.iter().map(|c| as_int(c)).collect::<Int64Array>()),
        Kind::Float64 => Arc::new(cells.iter().map(|c| as_float(c)).collect::<Float64Array>()),
        Kind::Text => Arc::new(cells.iter().map(|c| as_text(c)).collect::<StringArray>()),
        Kind::Image => image_array(cells)?,
        Kind::List(item) => list_array(item, cells)?,
        Kind::Struct(fields) => struct_array(fields, cells)?,
    })
}

fn as_bool(cell: &Value) -> Option<bool> {
    if let Value::Bool(b) = cell { Some(*b) } else { None }
}

fn as_int(cell: &Value) -> Option<i64> {
    if let Value::Int(n) = cell { Some(*n) } else { None }
}

fn as_float(cell: &Value) -> Option<f64> {
    if let Value::Float(x) = cell { Some(*x) } else { None }
}

fn as_text(cell: &Value) -> Option<&str> {
    if let Value::Text(s) = cell { Some(s) } else { None }
}

fn as_bytes(cell: &Value) -> Option<&[u8]> {
    if let Value::Bytes(b) = cell { Some(b) } else { None }
}

fn nulls(cells: &[&Value]) -> NullBuffer {
    cells.iter().map(|c| **c != Value::Null).collect::<Vec<bool>>().into()
}

fn image_array(cells: &[&Value]) -> Result<ArrayRef, ArrowError> {
    let len = cells.iter().filter_map(|c| as_bytes(c)).map(<[u8]>::len).sum();
    let mut pictures = BinaryBuilder::with_capacity(cells.len(), len);
    cells.iter().for_each(|c| pictures.append_option(as_bytes(c)));
    let paths = StringArray::new_null(cells.len());
    let fields = vec![Arc::new(pictures.finish()) as ArrayRef, Arc::new(paths) as ArrayRef];
    Ok(Arc::new(StructArray::try_new(image_fields(), fields, Some(nulls(cells)))?))
}

fn list_array(item: &Kind, cells: &[&Value]) -> Result<ArrayRef, ArrowError> {
    let parts = |c: &&Value| if let Value::List(all) = *c { all.len() } else { 0 };
    let offsets = OffsetBuffer::from_lengths(cells.iter().map(parts));
    let all: Vec<&Value> =
        cells.iter().flat_map(|c| if let Value::List(all) = *c { all.as_slice() } else { &[] }).collect();
    let values = array(item, &all)?;
    Ok(Arc::new(ListArray::try_new(list_item(item), offsets, values, Some(nulls(cells)))?))
}

fn struct_array(fields: &[(&'static str, Kind)], cells: &[&Value]) -> Result<ArrayRef, ArrowError> {
    let column = |i: usize| cells.iter().map(|cell| field(cell, i)).collect::<Vec<_>>();
    let arrays: Result<Vec<_>, _> =
        fields.iter().enumerate().map(|(i, (_, kind))| array(kind, &column(i))).collect();
    Ok(Arc::new(StructArray::try_new(struct_fields(fields), arrays?, Some(nulls(cells)))?))
}

fn field(cell: &Value, i: usize) -> &Value {
    if let Value::Struct(all) = cell { all.get(i).unwrap_or(&Value::Null) } else { &Value::Null }
}

/// One cell of an array, whatever its type among those written here.
pub(crate) fn value_at(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Int32 => Value::Int(array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => Value::Int(array.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => Value::Float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8 => Value::text(array.as_string::<i32>().value(row)),
        DataType::Binary => Value::Bytes(Arc::new(array.as_binary::<i32>().value(row).to_vec())),
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            Value::List((0..items.len()).map(|i| value_at(&items, i)).collect())
        }
        DataType::Struct(_) => {
            let fields = array.as_struct();
            Value::Struct(fields.columns().iter().map(|column| value_at(column, row)).collect())
        }
        _ => Value::Null,
    }
}
