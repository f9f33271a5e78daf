//! What stands in a column of a table stands in the row that is read of it.

mod support;

use std::fmt::Debug;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch,
    StringArray, StructArray,
};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Schema};
use overt_dataset::{EPISODES_FILE, STEPS_FILE, read_episodes, read_steps};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// Fills cells with values that are found again in what is printed of a row.
#[derive(Default)]
struct Filler {
    next: i32,
    printed: Vec<String>,
}

impl Filler {
    /// An array of that type with `len` values, no two of them alike.
    fn array(&mut self, kind: &DataType, len: usize) -> ArrayRef {
        let numbers: Vec<i32> = (0..len).map(|_| self.number()).collect();
        match kind {
            DataType::Boolean => Arc::new(BooleanArray::from(vec![true; len])),
            DataType::Int32 => {
                self.print(&numbers, |n| n.to_string());
                Arc::new(Int32Array::from(numbers))
            }
            DataType::Int64 => {
                self.print(&numbers, |n| n.to_string());
                Arc::new(Int64Array::from_iter_values(numbers.into_iter().map(i64::from)))
            }
            DataType::Float64 => {
                self.print(&numbers, |n| format!("{n}.5"));
                Arc::new(Float64Array::from_iter_values(numbers.into_iter().map(|n| f64::from(n) + 0.5)))
            }
            DataType::Utf8 => {
                self.print(&numbers, |n| format!("\"t{n}\""));
                Arc::new(StringArray::from_iter_values(numbers.into_iter().map(|n| format!("t{n}"))))
            }
            DataType::Binary => {
                self.print(&numbers, |n| format!("{:?}", n.to_be_bytes()));
                Arc::new(BinaryArray::from_iter_values(numbers.into_iter().map(i32::to_be_bytes)))
            }
            DataType::List(item) => {
                let items = self.array(item.data_type(), 2 * len);
                let two_each = OffsetBuffer::from_lengths(vec![2; len]);
                Arc::new(ListArray::new(item.clone(), two_each, items, None))
            }
            DataType::Struct(fields) => {
                let columns = fields.iter().map(|field| self.array(field.data_type(), len)).collect();
                Arc::new(StructArray::new(fields.clone(), columns, None))
            }
            other => panic!("no column has the type {other}"),
        }
    }

    fn number(&mut self) -> i32 {
        self.next += 1;
        9_000_000 + self.next
    }

    fn print(&mut self, numbers: &[i32], as_printed: impl Fn(&i32) -> String) {
        self.printed.extend(numbers.iter().map(as_printed));
    }
}

fn schema_of(table: &Path) -> Arc<Schema> {
    let file = File::open(table).expect("a table");
    ParquetRecordBatchReaderBuilder::try_new(file).expect("it opens").schema().clone()
}

/// Puts one full row in the table's place, and looks for everything in what is read of it.
fn check<T: Debug>(table: &Path, paths: usize, read: impl Fn() -> T) {
    let (schema, mut filler) = (schema_of(table), Filler::default());
    let columns = schema.fields().iter().map(|field| filler.array(field.data_type(), 1)).collect();
    let row = RecordBatch::try_new(schema.clone(), columns).expect("it fits");
    let file = File::create(table).expect("a file");
    let mut writer = ArrowWriter::try_new(file, schema.clone(), None).expect("a writer");
    writer.write(&row).expect("it is written");
    writer.close().expect("it ends");
    let printed = format!("{:?}", read());
    let lost: Vec<&String> = filler.printed.iter().filter(|value| !printed.contains(*value)).collect();
    assert_eq!(lost.len(), paths, "lost: {lost:?}");
    for field in schema.fields().iter().filter(|field| field.data_type() == &DataType::Boolean) {
        let name = field.name();
        let said = [format!("{name}: true"), format!("{name}: Some(true)")];
        assert!(said.iter().any(|s| printed.contains(s)), "{name} is lost");
    }
}

#[test]
fn nothing_is_lost_between_table_and_row() {
    let (place, sealed) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let out = place.path().join("ds");
    let input = support::input(sealed.path(), 7, 1);
    support::make(sealed.path(), &out, vec![input]).expect("it is built");
    // Hugging Face's pictures have a path, which is never set.
    check(&out.join(STEPS_FILE), 2, || {
        read_steps(&out).expect("it opens").next().expect("one row").expect("it reads")
    });
    check(&out.join(EPISODES_FILE), 0, || read_episodes(&out).expect("it reads"));
}
