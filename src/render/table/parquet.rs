//! Apache Parquet: row groups of a bounded size, compressed with zstd. Money, exact numbers and days are text, moments are
//! timestamps in microseconds of UTC, milliseconds and figures are doubles. Every column may hold nulls.

use std::collections::HashMap;
use std::io::{Error, Result, Write};
use std::sync::Arc;

use parquet::basic::{
    Compression, LogicalType, Repetition, TimeUnit, Type as PhysicalType, ZstdLevel,
};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use super::flat::{Flat, FlatCell, FlatKind, flat, flattened};
use crate::market::{Cell, Column};

/// Rows of a group, which stand in memory until it is written.
const ROWS: usize = 1 << 16;
/// Bytes of texts that stand in memory, about.
const BYTES: usize = 16 << 20;
/// Texts of a column that are kept once, however many rows have them.
const KNOWN: usize = 1 << 12;

pub struct Parquet<W: Write + Send> {
    columns: &'static [Column],
    file: SerializedFileWriter<W>,
    gathered: Vec<Gathered>,
    rows: usize,
    bytes: usize,
}

/// The cells of a column in the group that is being gathered: which are there, and those.
struct Gathered {
    levels: Vec<i16>,
    values: Values,
    known: HashMap<Box<str>, ByteArray>,
}

enum Values {
    Texts(Vec<ByteArray>),
    Numbers(Vec<i64>),
    Doubles(Vec<f64>),
    Flags(Vec<bool>),
}

impl<W: Write + Send> Parquet<W> {
    pub fn new(columns: &'static [Column], out: W) -> Result<Self> {
        let flat = flat(columns);
        let schema = schema(&flat).map_err(io_error)?;
        let level = ZstdLevel::try_new(3).map_err(io_error)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_created_by(concat!("bellwether ", env!("CARGO_PKG_VERSION")).to_string())
            .build();
        let file =
            SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(io_error)?;
        Ok(Self {
            columns,
            file,
            gathered: flat
                .iter()
                .map(|column| Gathered::new(column.kind))
                .collect(),
            rows: 0,
            bytes: 0,
        })
    }

    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        let mut gathered = self.gathered.iter_mut();
        let bytes = &mut self.bytes;
        flattened(self.columns, cells, |cell| {
            if let Some(column) = gathered.next() {
                *bytes += column.push(&cell);
            }
        });
        self.rows += 1;
        if self.rows >= ROWS || self.bytes >= BYTES {
            self.write_group().map_err(io_error)?;
        }
        Ok(())
    }

    pub fn finish(mut self) -> Result<W> {
        self.write_group().map_err(io_error)?;
        let mut out = self.file.into_inner().map_err(io_error)?;
        out.flush()?;
        Ok(out)
    }

    fn write_group(&mut self) -> std::result::Result<(), ParquetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        for column in &mut self.gathered {
            let Some(mut writer) = group.next_column()? else {
                break;
            };
            column.write(&mut writer)?;
            writer.close()?;
            column.clear();
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

fn schema(columns: &[Flat]) -> std::result::Result<TypePtr, ParquetError> {
    let field = |column: &Flat| {
        let (physical, logical) = match column.kind {
            FlatKind::Text => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
            FlatKind::Time => {
                let micros = LogicalType::timestamp(true, TimeUnit::MICROS);
                (PhysicalType::INT64, Some(micros))
            }
            FlatKind::Count => (PhysicalType::INT64, None),
            FlatKind::Figure => (PhysicalType::DOUBLE, None),
            FlatKind::Flag => (PhysicalType::BOOLEAN, None),
        };
        let field = Type::primitive_type_builder(&column.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()?;
        Ok(Arc::new(field))
    };
    let fields: std::result::Result<Vec<TypePtr>, ParquetError> =
        columns.iter().map(field).collect();
    let whole = Type::group_type_builder("schema").with_fields(fields?);
    whole.build().map(Arc::new)
}

impl Gathered {
    fn new(kind: FlatKind) -> Self {
        Self {
            levels: Vec::new(),
            values: match kind {
                FlatKind::Text => Values::Texts(Vec::new()),
                FlatKind::Time | FlatKind::Count => Values::Numbers(Vec::new()),
                FlatKind::Figure => Values::Doubles(Vec::new()),
                FlatKind::Flag => Values::Flags(Vec::new()),
            },
            known: HashMap::new(),
        }
    }

    /// Takes a cell; gives how many bytes of text it adds. What does not fit the column is missing.
    fn push(&mut self, cell: &FlatCell<'_>) -> usize {
        let mut added = 0;
        let is_there = match (&mut self.values, cell) {
            (Values::Texts(texts), FlatCell::Foreign(text) | FlatCell::Exact(text)) => {
                let kept = match self.known.get(&**text) {
                    Some(kept) => kept.clone(),
                    None => {
                        added = text.len();
                        let kept = ByteArray::from(text.as_bytes().to_vec());
                        if self.known.len() < KNOWN {
                            self.known.insert((**text).into(), kept.clone());
                        }
                        kept
                    }
                };
                texts.push(kept);
                true
            }
            (Values::Numbers(numbers), FlatCell::Time(at)) => {
                numbers.push(at.as_microsecond());
                true
            }
            (Values::Numbers(numbers), FlatCell::Count(count)) => {
                numbers.push(*count);
                true
            }
            (Values::Doubles(doubles), FlatCell::Figure(figure)) => {
                doubles.push(*figure);
                true
            }
            (Values::Flags(flags), FlatCell::Flag(flag)) => {
                flags.push(*flag);
                true
            }
            _ => false,
        };
        self.levels.push(i16::from(is_there));
        added
    }

    fn write(
        &self,
        writer: &mut SerializedColumnWriter<'_>,
    ) -> std::result::Result<usize, ParquetError> {
        let levels = Some(self.levels.as_slice());
        match &self.values {
            Values::Texts(texts) => writer
                .typed::<ByteArrayType>()
                .write_batch(texts, levels, None),
            Values::Numbers(numbers) => writer
                .typed::<Int64Type>()
                .write_batch(numbers, levels, None),
            Values::Doubles(doubles) => writer
                .typed::<DoubleType>()
                .write_batch(doubles, levels, None),
            Values::Flags(flags) => writer.typed::<BoolType>().write_batch(flags, levels, None),
        }
    }

    fn clear(&mut self) {
        self.levels.clear();
        self.known.clear();
        match &mut self.values {
            Values::Texts(texts) => texts.clear(),
            Values::Numbers(numbers) => numbers.clear(),
            Values::Doubles(doubles) => doubles.clear(),
            Values::Flags(flags) => flags.clear(),
        }
    }
}

/// The fault of writing, as it was: a reader that has gone is told from a disk that is full.
fn io_error(error: ParquetError) -> Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<Error>() {
            Ok(inner) => *inner,
            Err(inner) => Error::other(inner),
        },
        other => Error::other(other),
    }
}
