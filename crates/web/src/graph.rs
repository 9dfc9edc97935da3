//! The graph of a run's jobs as an SVG: jobs in columns by what they need, edges between them.

use std::collections::HashMap;

/// A job with all of its legs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) key: String,
    pub(crate) label: String,
    pub(crate) link: String,
    /// Word of the state of all legs together.
    pub(crate) state: &'static str,
    /// What stands below the name.
    pub(crate) note: String,
    pub(crate) needs: Vec<String>,
    /// Words of the states of the legs, where there are several.
    pub(crate) legs: Vec<&'static str>,
}

/// A node with its place, in pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) height: usize,
    pub(crate) node: Node,
    /// Leg dots: x, y and state.
    pub(crate) dots: Vec<(usize, usize, &'static str)>,
}

/// A drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Graph {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) nodes: Vec<Placed>,
    /// SVG paths.
    pub(crate) edges: Vec<String>,
}

pub(crate) const NODE_WIDTH: usize = 210;
const NODE_HEIGHT: usize = 48;
const COLUMN: usize = NODE_WIDTH + 64;
const GAP: usize = 16;
const DOTS_A_ROW: usize = 14;
const MARGIN: usize = 6;

/// Places nodes: a node stands one column right of the last one that it needs. Cost: quadratic in the jobs.
pub(crate) fn draw(nodes: Vec<Node>) -> Graph {
    let depths = depths(&nodes);
    let mut bottoms: Vec<usize> = Vec::new();
    let mut placed: Vec<Placed> = Vec::new();
    for node in nodes {
        let column = depths.get(&node.key).copied().unwrap_or(0);
        if bottoms.len() <= column {
            bottoms.resize(column + 1, MARGIN);
        }
        let (x, y) = (MARGIN + column * COLUMN, bottoms[column]);
        let rows = if node.legs.len() > 1 { node.legs.len().div_ceil(DOTS_A_ROW) } else { 0 };
        let height = NODE_HEIGHT + rows * 14;
        let dot = |(at, state): (usize, &&'static str)| {
            (x + 16 + at % DOTS_A_ROW * 13, y + NODE_HEIGHT + at / DOTS_A_ROW * 14, *state)
        };
        let dots = if rows > 0 { node.legs.iter().enumerate().map(dot).collect() } else { Vec::new() };
        bottoms[column] = y + height + GAP;
        placed.push(Placed { x, y, height, node, dots });
    }
    let mut edges = Vec::new();
    for to in &placed {
        for from in placed.iter().filter(|from| to.node.needs.contains(&from.node.key)) {
            edges.push(edge(from, to, &mut bottoms));
        }
    }
    let width = MARGIN + bottoms.len().max(1) * COLUMN - (COLUMN - NODE_WIDTH) + MARGIN;
    let height = bottoms.iter().max().map_or(0, |bottom| bottom - GAP + MARGIN);
    Graph { width, height, nodes: placed, edges }
}

/// The way from one node to another. Past whole columns it goes below everything that stands there.
fn edge(from: &Placed, to: &Placed, bottoms: &mut [usize]) -> String {
    let gap = COLUMN - NODE_WIDTH;
    let (x1, y1) = (from.x + NODE_WIDTH, from.y + NODE_HEIGHT / 2);
    let (x2, y2) = (to.x, to.y + NODE_HEIGHT / 2);
    let between = (from.x / COLUMN + 1)..(to.x / COLUMN);
    if between.is_empty() {
        let middle = x2.saturating_sub(gap / 2);
        return format!("M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}");
    }
    let lane = bottoms[between.clone()].iter().max().copied().unwrap_or(0);
    bottoms[between].fill(lane + GAP);
    let (down, up) = (x1 + gap / 2, x2.saturating_sub(gap / 2));
    let (first, last) = (x1 + gap, x2.saturating_sub(gap));
    format!("M{x1} {y1}C{down} {y1} {down} {lane} {first} {lane}H{last}C{up} {lane} {up} {y2} {x2} {y2}")
}

/// The longest way to each node from one that needs nothing.
fn depths(nodes: &[Node]) -> HashMap<String, usize> {
    let mut depths: HashMap<String, usize> = nodes.iter().map(|node| (node.key.clone(), 0)).collect();
    // A graph without circles is settled after as many rounds as it has nodes.
    for _ in 0..nodes.len() {
        let mut settled = true;
        for node in nodes {
            let depth = node.needs.iter().filter_map(|need| depths.get(need)).map(|depth| depth + 1).max().unwrap_or(0);
            settled &= depths.insert(node.key.clone(), depth) == Some(depth);
        }
        if settled {
            break;
        }
    }
    depths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(key: &str, needs: &[&str]) -> Node {
        Node {
            key: key.into(),
            label: key.into(),
            link: String::new(),
            state: "success",
            note: String::new(),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            legs: Vec::new(),
        }
    }

    #[test]
    fn a_job_stands_right_of_everything_it_needs() {
        let graph = draw(vec![node("a", &[]), node("b", &["a"]), node("c", &["a", "b"]), node("d", &[])]);
        let columns: Vec<usize> = graph.nodes.iter().map(|node| node.x / COLUMN).collect();
        assert_eq!(columns, [0, 1, 2, 0]);
        assert_eq!(graph.edges.len(), 3);
        assert!(graph.nodes[3].y > graph.nodes[0].y);
        assert!(graph.edges.iter().any(|edge| edge.contains('H')), "the long way goes around");
        assert!(graph.edges.iter().any(|edge| edge.contains('H')), "the long way goes around");
    }
}
