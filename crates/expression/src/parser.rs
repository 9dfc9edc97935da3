//! Tokens to a tree, by two stacks: nesting costs heap, never the thread's stack.

use crate::{
    error::ParseError,
    lexer::{Kind, Lexer, Operator, Token, error_at},
    scope::Scope,
    value::Value,
};

/// Levels of a tree; a literal alone has one.
pub const MAX_DEPTH: usize = 50;
/// Characters of an expression.
pub const MAX_LENGTH: usize = 21_000;

pub(crate) type NodeId = usize;

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Literal(Value),
    Context(String),
    Call { function: String, arguments: Vec<NodeId> },
    Index { target: NodeId, index: NodeId },
    Every { target: NodeId },
    Not(NodeId),
    And(Vec<NodeId>),
    Or(Vec<NodeId>),
    Compare { operator: Operator, left: NodeId, right: NodeId },
}

/// A checked expression. Children stand before their parents in `nodes`.
#[derive(Clone, Debug)]
pub struct Expression {
    pub(crate) nodes: Vec<Node>,
    pub(crate) root: NodeId,
}

impl Expression {
    /// Reads the text between `${{` and `}}`. Blank text is the null literal.
    /// Cost: linear in the length.
    pub fn parse(text: &str, scope: &Scope) -> Result<Self, ParseError> {
        if text.chars().count() > MAX_LENGTH {
            return Err(ParseError::TooLong);
        }
        Parser { text, scope, nodes: Vec::new(), operands: Vec::new(), operators: Vec::new() }.run()
    }

    /// Whether one of the named functions is called anywhere. Names ignore case.
    pub fn calls_any(&self, names: &[&str]) -> bool {
        self.nodes.iter().any(|node| match node {
            Node::Call { function, .. } => names.iter().any(|name| name.eq_ignore_ascii_case(function)),
            _ => false,
        })
    }

    /// The value, where the expression is only a literal.
    pub fn literal(&self) -> Option<&Value> {
        match &self.nodes[self.root] {
            Node::Literal(value) => Some(value),
            _ => None,
        }
    }

    fn depth(&self) -> usize {
        let mut depths: Vec<usize> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let deepest = |ids: &[NodeId]| ids.iter().map(|id| depths[*id]).max().unwrap_or(0);
            let below = match node {
                Node::Literal(_) | Node::Context(_) => 0,
                Node::Call { arguments, .. } => deepest(arguments),
                Node::Index { target, index } => deepest(&[*target, *index]),
                Node::Every { target } => deepest(&[*target]).max(1),
                Node::Not(operand) => deepest(&[*operand]),
                Node::And(operands) | Node::Or(operands) => deepest(operands),
                Node::Compare { left, right, .. } => deepest(&[*left, *right]),
            };
            depths.push(below + 1);
        }
        depths[self.root]
    }
}

/// What waits on the operator stack for its operands.
enum Pending<'a> {
    Operator(Operator),
    Dereference,
    Group,
    /// An open `[`; its target is already an operand.
    Index,
    Call {
        name: Token<'a>,
        first_operand: usize,
    },
}

struct Parser<'a> {
    text: &'a str,
    scope: &'a Scope,
    nodes: Vec<Node>,
    operands: Vec<NodeId>,
    operators: Vec<Pending<'a>>,
}

impl<'a> Parser<'a> {
    fn run(mut self) -> Result<Expression, ParseError> {
        let mut lexer = Lexer::new(self.text);
        let mut last: Option<Token<'a>> = None;
        let mut function: Option<Token<'a>> = None;
        while let Some(token) = lexer.next_token()? {
            match &token.kind {
                Kind::Function => {
                    if self.scope.function(token.raw).is_none() {
                        return Err(self.at("Unrecognized function", &token));
                    }
                    function = Some(token.clone());
                }
                Kind::StartParameters => {
                    if let Some(name) = function.take() {
                        self.operators.push(Pending::Call { name, first_operand: self.operands.len() });
                    }
                }
                _ => self.take(&token)?,
            }
            last = Some(token);
        }
        if !lexer.may_end()
            && let Some(last) = &last
        {
            return Err(self.at("Unexpected end of expression", last));
        }
        while let Some(pending) = self.operators.pop() {
            self.apply(pending);
        }
        let root = match self.operands.pop() {
            Some(root) => root,
            None => self.add(Node::Literal(Value::Null)),
        };
        let expression = Expression { nodes: self.nodes, root };
        if expression.depth() > MAX_DEPTH { Err(ParseError::TooDeep) } else { Ok(expression) }
    }

    fn take(&mut self, token: &Token<'a>) -> Result<(), ParseError> {
        match &token.kind {
            Kind::Literal(value) => self.operand(Node::Literal(value.clone())),
            Kind::Context => {
                if !self.scope.has_context(token.raw) {
                    return Err(self.at("Unrecognized named-value", token));
                }
                self.operand(Node::Context(token.raw.to_owned()));
            }
            Kind::Property => {
                self.operand(Node::Literal(Value::string(token.raw)));
                if let Some(pending) = self.operators.pop() {
                    self.apply(pending);
                }
            }
            Kind::Wildcard => {
                if let (Some(Pending::Dereference), Some(target)) =
                    (self.operators.pop_if(|p| matches!(p, Pending::Dereference)), self.operands.last().copied())
                {
                    self.operands.pop();
                    self.operand(Node::Every { target });
                } else if let Some(Pending::Index) = self.operators.last() {
                    // `[*]`: the closing bracket finds the target already wrapped.
                    if let Some(target) = self.operands.pop() {
                        self.operators.pop();
                        self.operators.push(Pending::Group);
                        self.operand(Node::Every { target });
                    }
                }
            }
            Kind::Dereference => self.operators.push(Pending::Dereference),
            Kind::StartGroup => self.operators.push(Pending::Group),
            Kind::StartIndex => self.operators.push(Pending::Index),
            Kind::Operator(operator) => {
                while self.operators.last().is_some_and(|top| binds_tighter(top, *operator)) {
                    if let Some(pending) = self.operators.pop() {
                        self.apply(pending);
                    }
                }
                self.operators.push(Pending::Operator(*operator));
            }
            Kind::Separator => self.unwind(false),
            Kind::EndGroup | Kind::EndIndex => self.unwind(true),
            Kind::EndParameters => {
                self.unwind(false);
                self.end_call()?;
            }
            Kind::Function | Kind::StartParameters => {}
        }
        Ok(())
    }

    /// Applies what waits since the innermost open bracket; with `close`, the bracket too.
    fn unwind(&mut self, close: bool) {
        while let Some(pending) = self.operators.pop_if(|p| matches!(p, Pending::Operator(_) | Pending::Dereference)) {
            self.apply(pending);
        }
        if close && let Some(pending) = self.operators.pop() {
            self.apply(pending);
        }
    }

    fn end_call(&mut self) -> Result<(), ParseError> {
        let Some(Pending::Call { name, first_operand }) = self.operators.pop() else { return Ok(()) };
        let arguments = self.operands.split_off(first_operand);
        let Some(arity) = self.scope.function(name.raw) else { return Ok(()) };
        if arguments.len() < arity.min {
            return Err(self.at("Too few parameters supplied", &name));
        }
        if arguments.len() > arity.max {
            return Err(self.at("Too many parameters supplied", &name));
        }
        if arity.odd && arguments.len().is_multiple_of(2) {
            return Err(self.at("Even number of parameters supplied, requires an odd number of parameters", &name));
        }
        self.operand(Node::Call { function: name.raw.to_owned(), arguments });
        Ok(())
    }

    fn apply(&mut self, pending: Pending<'a>) {
        match pending {
            Pending::Operator(Operator::Not) => {
                if let Some(operand) = self.operands.pop() {
                    self.operand(Node::Not(operand));
                }
            }
            Pending::Operator(operator) => self.apply_binary(operator),
            Pending::Dereference | Pending::Index => {
                if let (Some(index), Some(target)) = (self.operands.pop(), self.operands.pop()) {
                    self.operand(Node::Index { target, index });
                }
            }
            Pending::Group | Pending::Call { .. } => {}
        }
    }

    fn apply_binary(&mut self, operator: Operator) {
        let (Some(right), Some(left)) = (self.operands.pop(), self.operands.pop()) else { return };
        let node = match operator {
            Operator::And | Operator::Or => {
                // A chain is one node: the operands move on, so that a long chain stays linear.
                let mut operands = match (operator, &mut self.nodes[left]) {
                    (Operator::And, Node::And(operands)) | (Operator::Or, Node::Or(operands)) => {
                        std::mem::take(operands)
                    }
                    _ => vec![left],
                };
                operands.push(right);
                if operator == Operator::And { Node::And(operands) } else { Node::Or(operands) }
            }
            _ => Node::Compare { operator, left, right },
        };
        self.operand(node);
    }

    fn operand(&mut self, node: Node) {
        let id = self.add(node);
        self.operands.push(id);
    }

    fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn at(&self, description: &'static str, token: &Token<'_>) -> ParseError {
        error_at(self.text, description, token.raw, token.offset, false)
    }
}

fn binds_tighter(waiting: &Pending<'_>, next: Operator) -> bool {
    match waiting {
        Pending::Dereference => true,
        // `!` is right-associative: a second one waits above the first.
        Pending::Operator(waiting) => next != Operator::Not && precedence(*waiting) >= precedence(next),
        Pending::Group | Pending::Index | Pending::Call { .. } => false,
    }
}

fn precedence(operator: Operator) -> u8 {
    match operator {
        Operator::Not => 5,
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => 4,
        Operator::Equal | Operator::NotEqual => 3,
        Operator::And => 2,
        Operator::Or => 1,
    }
}
