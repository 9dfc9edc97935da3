//! A tree to a value.

use std::sync::Arc;

use crate::{
    compare::{loosely_equal, order},
    error::EvaluationError,
    functions,
    lexer::Operator,
    parser::{Expression, Node, NodeId},
    value::Value,
};

/// Bytes that the intermediate results of one evaluation may take.
const MAX_MEMORY: usize = 1024 * 1024;

/// What an expression is evaluated over.
pub trait Environment {
    /// The value of a context; null if it has none. Names ignore case.
    fn context(&self, name: &str) -> Value;

    /// A function that is no base function. Names ignore case. Called only for functions of the scope.
    fn call(&self, function: &str, arguments: &[Value]) -> Result<Value, EvaluationError>;
}

/// A value on its way, or a filtered array (after `.*`), whose further indexes apply to each item.
enum Flowing {
    Plain(Value),
    Filtered(Vec<Value>),
}

impl Flowing {
    fn settle(self) -> Value {
        match self {
            Self::Plain(value) => value,
            Self::Filtered(items) => Value::array(items),
        }
    }
}

impl Expression {
    /// The value over an environment. Cost: linear in the tree; the sizes of results are bounded together.
    pub fn evaluate(&self, environment: &dyn Environment) -> Result<Value, EvaluationError> {
        let mut evaluation = Evaluation { expression: self, environment, memory: Memory { left: MAX_MEMORY } };
        evaluation.value(self.root)
    }
}

/// What is left of the bytes that results may take.
pub(crate) struct Memory {
    left: usize,
}

impl Memory {
    /// Charges one new text of this many bytes.
    pub(crate) fn charge_text(&mut self, bytes: usize) -> Result<(), EvaluationError> {
        self.charge(bytes.saturating_mul(2).saturating_add(26))
    }

    /// Charges new nodes of a value.
    pub(crate) fn charge_nodes(&mut self, nodes: usize) -> Result<(), EvaluationError> {
        self.charge(nodes.saturating_mul(24))
    }

    fn charge(&mut self, bytes: usize) -> Result<(), EvaluationError> {
        self.left = self.left.checked_sub(bytes).ok_or(EvaluationError::TooMuchMemory)?;
        Ok(())
    }
}

struct Evaluation<'a> {
    expression: &'a Expression,
    environment: &'a dyn Environment,
    memory: Memory,
}

impl Evaluation<'_> {
    fn value(&mut self, id: NodeId) -> Result<Value, EvaluationError> {
        Ok(self.flow(id)?.settle())
    }

    /// Recursion is bounded by the depth that the parser allows.
    fn flow(&mut self, id: NodeId) -> Result<Flowing, EvaluationError> {
        let expression = self.expression;
        let value = match &expression.nodes[id] {
            Node::Literal(value) => value.clone(),
            Node::Context(name) => self.environment.context(name),
            Node::Call { function, arguments } => self.call(function, arguments)?,
            Node::Index { target, index } => return self.index(*target, *index),
            Node::Every { target } => return self.every(*target),
            Node::Not(operand) => Value::Boolean(!self.value(*operand)?.is_truthy()),
            Node::And(operands) => self.chain(operands, false)?,
            Node::Or(operands) => self.chain(operands, true)?,
            Node::Compare { operator, left, right } => {
                let (left, right) = (self.value(*left)?, self.value(*right)?);
                Value::Boolean(compare(*operator, &left, &right))
            }
        };
        Ok(Flowing::Plain(value))
    }

    /// The first operand whose truth is `stop_at`, else the last.
    fn chain(&mut self, operands: &[NodeId], stop_at: bool) -> Result<Value, EvaluationError> {
        let mut value = Value::Null;
        for operand in operands {
            value = self.value(*operand)?;
            if value.is_truthy() == stop_at {
                break;
            }
        }
        Ok(value)
    }

    fn call(&mut self, function: &str, arguments: &[NodeId]) -> Result<Value, EvaluationError> {
        if function.eq_ignore_ascii_case("case") {
            return self.case(arguments);
        }
        let arguments: Vec<Value> = arguments.iter().map(|id| self.value(*id)).collect::<Result<_, _>>()?;
        match functions::call(function, &arguments, &mut self.memory) {
            Some(result) => result,
            None => self.environment.call(function, &arguments),
        }
    }

    /// `case` is lazy: only the value that is wanted is computed.
    fn case(&mut self, arguments: &[NodeId]) -> Result<Value, EvaluationError> {
        let (pairs, default) = arguments.split_at(arguments.len() - 1);
        for pair in pairs.chunks(2) {
            match self.value(pair[0])? {
                Value::Boolean(true) => return self.value(pair[1]),
                Value::Boolean(false) => {}
                _ => {
                    return Err(EvaluationError::Refused("case predicate must evaluate to a boolean value".into()));
                }
            }
        }
        self.value(default[0])
    }

    fn index(&mut self, target: NodeId, index: NodeId) -> Result<Flowing, EvaluationError> {
        let target = self.flow(target)?;
        let index = self.value(index)?;
        match target {
            Flowing::Plain(target) => Ok(Flowing::Plain(look_up(&target, &index).unwrap_or_default())),
            Flowing::Filtered(items) => {
                self.memory.charge_nodes(items.len())?;
                Ok(Flowing::Filtered(items.iter().filter_map(|item| look_up(item, &index)).collect()))
            }
        }
    }

    fn every(&mut self, target: NodeId) -> Result<Flowing, EvaluationError> {
        let items = match self.flow(target)? {
            Flowing::Plain(value) => children(&value),
            Flowing::Filtered(items) => items.iter().flat_map(children).collect(),
        };
        self.memory.charge_nodes(items.len())?;
        Ok(Flowing::Filtered(items))
    }
}

fn children(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.to_vec(),
        Value::Object(object) => object.iter().map(|(_, value)| value.clone()).collect(),
        _ => Vec::new(),
    }
}

/// The child that exists under an index, if any.
fn look_up(target: &Value, index: &Value) -> Option<Value> {
    match target {
        Value::Object(object) if index.is_primitive() => object.get(&index.to_text()).cloned(),
        Value::Array(items) => {
            let number = index.to_number().floor();
            if number.is_nan() || number < 0.0 || number >= items.len() as f64 {
                return None;
            }
            items.get(number as usize).cloned()
        }
        _ => None,
    }
}

fn compare(operator: Operator, left: &Value, right: &Value) -> bool {
    match operator {
        Operator::Equal => loosely_equal(left, right),
        Operator::NotEqual => !loosely_equal(left, right),
        Operator::Less => order(left, right).is_some_and(std::cmp::Ordering::is_lt),
        Operator::Greater => order(left, right).is_some_and(std::cmp::Ordering::is_gt),
        Operator::LessOrEqual => {
            loosely_equal(left, right) || order(left, right).is_some_and(std::cmp::Ordering::is_lt)
        }
        Operator::GreaterOrEqual => {
            loosely_equal(left, right) || order(left, right).is_some_and(std::cmp::Ordering::is_gt)
        }
        Operator::Not | Operator::And | Operator::Or => false,
    }
}

/// The text of a primitive argument.
pub(crate) fn primitive_text(value: &Value) -> Option<Arc<str>> {
    value.is_primitive().then(|| value.to_text())
}
