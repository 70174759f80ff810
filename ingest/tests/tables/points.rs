//! Tables of points: Parquet and CSV say the same, and what is not used is named.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use ingest::{Positions, points};
use parquet::arrow::ArrowWriter;

fn parquet(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let mut writer = ArrowWriter::try_new(File::create(path).expect("a file"), batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
}

#[test]
fn parquet_and_csv_give_the_same_points() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (x, y) = ([0.1, -2.5e-7, 1.0 / 3.0], [1e9, 7.0, -0.0]);
    let (ids, weights) = (["a", "b", "07"], [3, 0, 12]);
    let mut sites = "store_id,x,y\n".to_owned();
    let mut zones = "weight,y,x,note\n".to_owned();
    for row in 0..3 {
        sites.push_str(&format!("{},{},{}\n", ids[row], x[row], y[row]));
        zones.push_str(&format!("{},{},{},\"q,r\"\n", weights[row], y[row], x[row]));
    }
    fs::write(at("s.csv"), sites).expect("written");
    fs::write(at("z.csv"), zones).expect("written");
    let reals = |values: [f64; 3]| Arc::new(Float64Array::from(values.to_vec())) as ArrayRef;
    let ids: ArrayRef = Arc::new(StringArray::from(ids.to_vec()));
    parquet(&at("s.parquet"), vec![("store_id", ids), ("x", reals(x)), ("y", reals(y))]);
    let weights: ArrayRef = Arc::new(Int64Array::from(weights.to_vec()));
    let note: ArrayRef = Arc::new(StringArray::from(vec!["q", "r", "s"]));
    parquet(&at("z.parquet"), vec![("weight", weights), ("y", reals(y)), ("x", reals(x)), ("note", note)]);
    let one = points("s.csv", "z.csv", false, folder.path()).expect("sound");
    let other = points("s.parquet", "z.parquet", false, folder.path()).expect("sound");
    assert_eq!((&one.sites, &one.zones), (&other.sites, &other.zones));
    assert_eq!(one.sites.positions, Positions::Plane(vec![[0.1, 1e9], [-2.5e-7, 7.0], [1.0 / 3.0, 0.0]]));
    assert_eq!(one.sites.ids, Some(vec!["a".into(), "b".into(), "07".into()]));
    assert_eq!((one.zones.weights, one.zones.ids), (vec![3.0, 0.0, 12.0], None));
    assert_eq!(one.zones.ignored, ["note"]);
    assert!(one.findings.iter().any(|finding| finding.code == "I-SCH-005" && finding.cause.contains("`note`")));
}

#[test]
fn a_bad_cell_of_a_parquet_file_is_named_by_its_row() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let reals = |values: [f64; 2]| Arc::new(Float64Array::from(values.to_vec())) as ArrayRef;
    parquet(&at("s.parquet"), vec![("lat", reals([1.0, f64::NAN])), ("lon", reals([1.0, 2.0]))]);
    let blank: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), None]));
    let columns = vec![("lat", reals([1.0, 95.0])), ("lon", reals([1.0, 2.0])), ("weight", blank)];
    parquet(&at("z.parquet"), columns);
    let findings = points("s.parquet", "z.parquet", false, folder.path()).expect_err("refused");
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    for (code, place) in
        [("E-VAL-001", "s.parquet:2 [lat]"), ("E-GEO-001", "z.parquet:2 [lat]"), ("E-VAL-009", "z.parquet:2 [weight]")]
    {
        assert!(told.iter().any(|text| text.contains(code) && text.contains(place)), "{code} {place} of {told:?}");
    }
}
