//! The legs of a matrix as a table.

use serde_json::Value as Json;
use windlass_control::queries::JobView;

use crate::words;

/// One leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) state: &'static str,
}

/// The legs of one job: a table where the matrix has two axes, else a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) key: String,
    /// Name of the axis across; empty for a list.
    pub(crate) across: String,
    /// Name of the axis down.
    pub(crate) down: String,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<(String, Vec<Vec<Cell>>)>,
}

/// The grid of the legs of one job; `None` unless there are several. Cost: linear in the legs times the columns.
pub(crate) fn grid(key: &str, legs: &[&JobView]) -> Option<Grid> {
    if legs.len() < 2 {
        return None;
    }
    let cell = |view: &JobView| Cell {
        id: view.job.id.to_string(),
        name: view.job.name.clone(),
        state: words::job_state(&view.job),
    };
    let values: Vec<Vec<(String, String)>> = legs.iter().map(|view| scalars(view)).collect();
    let axes: Vec<&str> = values[0].iter().map(|(name, _)| name.as_str()).collect();
    let same = values.iter().all(|leg| leg.iter().map(|(name, _)| name.as_str()).eq(axes.iter().copied()));
    if axes.len() != 2 || !same {
        let cells = vec![legs.iter().map(|view| cell(view)).collect()];
        let rows = vec![(String::new(), cells)];
        return Some(Grid { key: key.into(), across: String::new(), down: String::new(), columns: Vec::new(), rows });
    }
    let distinct = |axis: usize| {
        let mut seen: Vec<String> = Vec::new();
        for leg in &values {
            if !seen.contains(&leg[axis].1) {
                seen.push(leg[axis].1.clone());
            }
        }
        seen
    };
    let (downs, columns) = (distinct(0), distinct(1));
    let at = |down: &String, across: &String| {
        let fits = |leg: &Vec<(String, String)>| leg[0].1 == *down && leg[1].1 == *across;
        legs.iter().zip(&values).filter(|(_, leg)| fits(leg)).map(|(view, _)| cell(view)).collect()
    };
    let rows = downs.iter().map(|down| (down.clone(), columns.iter().map(|across| at(down, across)).collect()));
    let (down, across) = (axes[0].to_owned(), axes[1].to_owned());
    Some(Grid { key: key.into(), rows: rows.collect(), across, down, columns })
}

/// The values of a leg that are no lists and no mappings.
fn scalars(view: &JobView) -> Vec<(String, String)> {
    let Some(Json::Object(matrix)) = view.job.leg.as_ref().map(|leg| &leg.matrix) else { return Vec::new() };
    let text = |value: &Json| match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) => Some(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    };
    matrix.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect()
}
