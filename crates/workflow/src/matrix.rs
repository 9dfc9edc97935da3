//! Matrix expansion: cross product, then exclude, then include.

use windlass_expression::{Object, Value, fold, loosely_equal};

/// Legs that one matrix may have.
pub const MAX_LEGS: usize = 256;

/// One combination.
#[derive(Clone, Debug)]
pub(crate) struct Combination {
    /// The `matrix` context.
    pub(crate) values: Value,
    /// What the display name lists: the axes' values, or an appended entry; not what `include` merged in.
    pub(crate) named: Vec<Value>,
}

/// The legs of a matrix in the order of their index. The error is a message for people.
/// Cost: legs × (exclude + include entries); the product is bounded before it is built.
pub(crate) fn expand(matrix: &Value) -> Result<Vec<Combination>, String> {
    let Value::Object(matrix) = matrix else { return Err("A matrix must be a mapping".into()) };
    let axes = axes(matrix)?;
    let include = entries(matrix, "include")?;
    let exclude = entries(matrix, "exclude")?;
    if axes.is_empty() && include.is_empty() {
        return Err("Matrix must define at least one vector".into());
    }
    let product = axes.iter().try_fold(1_usize, |product, (_, values)| product.checked_mul(values.len()));
    if product.is_none_or(|product| product > MAX_LEGS * 64) {
        return Err(too_many(product));
    }
    for entry in &exclude {
        check_exclude(entry, &axes)?;
    }
    let mut combinations = cross(&axes);
    combinations.retain(|combination| !exclude.iter().any(|entry| matches_entry(combination, entry)));
    let merged = merge_includes(combinations, &axes, &include);
    if merged.len() > MAX_LEGS {
        return Err(too_many(Some(merged.len())));
    }
    Ok(merged)
}

fn too_many(count: Option<usize>) -> String {
    let count = count.map_or_else(|| "far too many".to_owned(), |count| count.to_string());
    format!("The matrix has {count} combinations; at most {MAX_LEGS} are allowed")
}

type Axis<'a> = (&'a str, &'a [Value]);

fn axes(matrix: &Object) -> Result<Vec<Axis<'_>>, String> {
    let mut axes = Vec::new();
    for (name, value) in matrix.iter().filter(|(name, _)| !matches!(fold(name).as_str(), "INCLUDE" | "EXCLUDE")) {
        let Value::Array(values) = value else {
            return Err(format!("Matrix vector '{name}' must be a list"));
        };
        if values.is_empty() {
            return Err(format!("Matrix vector '{name}' does not contain any values"));
        }
        axes.push((name, values.as_slice()));
    }
    Ok(axes)
}

fn entries<'a>(matrix: &'a Object, key: &str) -> Result<Vec<&'a Object>, String> {
    let items = match matrix.get(key) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(format!("Matrix {key} must be a list of mappings")),
    };
    items
        .iter()
        .map(|item| match item {
            Value::Object(entry) => Ok(entry.as_ref()),
            _ => Err(format!("Matrix {key} must be a list of mappings")),
        })
        .collect()
}

fn check_exclude(entry: &Object, axes: &[Axis<'_>]) -> Result<(), String> {
    if entry.is_empty() {
        return Err("Matrix exclude entry must not be empty".into());
    }
    match entry.iter().find(|(key, _)| !is_axis(axes, key)) {
        Some((key, _)) => Err(format!("Matrix exclude key '{key}' does not match any key within the matrix")),
        None => Ok(()),
    }
}

fn is_axis(axes: &[Axis<'_>], key: &str) -> bool {
    axes.iter().any(|(name, _)| fold(name) == fold(key))
}

/// Axes in source order; the last varies fastest.
fn cross(axes: &[Axis<'_>]) -> Vec<Object> {
    if axes.is_empty() {
        return Vec::new();
    }
    axes.iter().fold(vec![Object::default()], |combinations, (name, values)| {
        combinations
            .iter()
            .flat_map(|combination| {
                values.iter().map(|value| {
                    let mut combination = combination.clone();
                    combination.insert(*name, value.clone());
                    combination
                })
            })
            .collect()
    })
}

fn matches_entry(combination: &Object, entry: &Object) -> bool {
    entry.iter().all(|(key, wanted)| combination.get(key).is_some_and(|value| matches(value, wanted)))
}

/// Every listed leaf must be loosely equal; what is not listed does not matter.
fn matches(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Object(value), Value::Object(wanted)) => matches_entry(value, wanted),
        (Value::Array(value), Value::Array(wanted)) => {
            wanted.iter().enumerate().all(|(at, wanted)| value.get(at).is_some_and(|value| matches(value, wanted)))
        }
        (_, Value::Object(wanted)) if wanted.is_empty() => true,
        (_, Value::Array(wanted)) if wanted.is_empty() => true,
        _ => loosely_equal(value, wanted),
    }
}

fn merge_includes(combinations: Vec<Object>, axes: &[Axis<'_>], include: &[&Object]) -> Vec<Combination> {
    let mut used = vec![false; include.len()];
    let mut legs: Vec<Combination> = combinations
        .into_iter()
        .map(|combination| {
            let named = combination.iter().map(|(_, value)| value.clone()).collect();
            let mut values = combination.clone();
            for (at, entry) in include.iter().enumerate() {
                let fits = entry
                    .iter()
                    .filter(|(key, _)| is_axis(axes, key))
                    .all(|(key, wanted)| combination.get(key).is_some_and(|value| matches(value, wanted)));
                if fits {
                    used[at] = true;
                    for (key, value) in entry.iter().filter(|(key, _)| !is_axis(axes, key)) {
                        values.insert(key, value.clone());
                    }
                }
            }
            Combination { values: Value::Object(values.into()), named }
        })
        .collect();
    for (entry, used) in include.iter().zip(used) {
        if !used {
            legs.push(Combination {
                values: Value::Object((*entry).clone().into()),
                named: entry.iter().map(|(_, value)| value.clone()).collect(),
            });
        }
    }
    legs
}

/// ` (a, b)`: the scalar leaves, without nulls and empty texts; empty if there are none.
pub(crate) fn name_suffix(named: &[Value]) -> String {
    fn leaves(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| leaves(item, out)),
            Value::Object(object) => object.iter().for_each(|(_, item)| leaves(item, out)),
            primitive => out.push(primitive.to_text().to_string()),
        }
    }
    let mut texts = Vec::new();
    named.iter().for_each(|value| leaves(value, &mut texts));
    texts.retain(|text| !text.is_empty());
    if texts.is_empty() { String::new() } else { format!(" ({})", texts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn legs(json: &str) -> Result<Vec<String>, String> {
        let matrix = windlass_expression::from_json(json).expect("valid JSON");
        let show = |leg: &Combination| serde_json::Value::from(&leg.values).to_string();
        expand(&matrix).map(|legs| legs.iter().map(show).collect())
    }

    #[test]
    fn the_last_axis_varies_fastest() {
        assert_eq!(
            legs(r#"{"os":["a","b"],"v":[1,2]}"#).expect("valid"),
            [r#"{"os":"a","v":1}"#, r#"{"os":"a","v":2}"#, r#"{"os":"b","v":1}"#, r#"{"os":"b","v":2}"#]
        );
    }

    #[test]
    fn includes_extend_what_they_match_and_are_appended_otherwise() {
        let json = r#"{"fruit":["apple","pear"],"animal":["cat","dog"],"include":[
            {"color":"green"},{"color":"pink","animal":"cat"},{"fruit":"apple","shape":"circle"},
            {"fruit":"banana"},{"fruit":"banana","animal":"cat"}]}"#;
        assert_eq!(
            legs(json).expect("valid"),
            [
                r#"{"fruit":"apple","animal":"cat","color":"pink","shape":"circle"}"#,
                r#"{"fruit":"apple","animal":"dog","color":"green","shape":"circle"}"#,
                r#"{"fruit":"pear","animal":"cat","color":"pink"}"#,
                r#"{"fruit":"pear","animal":"dog","color":"green"}"#,
                r#"{"fruit":"banana"}"#,
                r#"{"fruit":"banana","animal":"cat"}"#,
            ]
        );
    }

    #[test]
    fn excludes_match_loosely_and_partially() {
        let json = r#"{"v":[1,2],"os":[{"n":"A","x":1},{"n":"b"}],"exclude":[{"V":"1","os":{"n":"a"}}]}"#;
        assert_eq!(legs(json).expect("valid").len(), 3);
    }

    #[test]
    fn what_cannot_be_a_matrix_is_refused() {
        assert_eq!(legs("{}").expect_err("empty"), "Matrix must define at least one vector");
        assert_eq!(legs(r#"{"a":[]}"#).expect_err("empty"), "Matrix vector 'a' does not contain any values");
        let unknown = legs(r#"{"a":[1],"exclude":[{"b":1}]}"#).expect_err("unknown");
        assert_eq!(unknown, "Matrix exclude key 'b' does not match any key within the matrix");
        let many: Vec<u32> = (0..17).collect();
        let json = serde_json::json!({"a": many, "b": many}).to_string();
        assert!(legs(&json).expect_err("289").contains("289 combinations"));
    }
}
