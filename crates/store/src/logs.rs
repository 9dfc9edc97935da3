//! Streams and chunks, over either engine.

use windlass_control::{Error, LogState, Result};
use windlass_joblog::{Mark, Offer, Row, decode, encode, offer};
use windlass_lifecycle::TaskId;

use crate::engine::{Columns, Db, Engine, Val, corrupt};

/// Rows that one chunk may hold: no operation touches more.
pub(crate) const MAX_ROWS: usize = 1_000;
/// Chunks that one step of packing looks at.
const MAX_PACKED: i64 = 200;
/// Compressed bytes that one step of packing puts together.
const MAX_PACK_BYTES: i64 = 1024 * 1024;
/// Marks that are kept of one stream.
const MAX_MARKS: i64 = 10_000;

/// An offer on its way: compressed before it reaches the writer.
#[derive(Clone, Debug)]
pub(crate) struct Append {
    pub(crate) task: TaskId,
    pub(crate) index: u64,
    pub(crate) rows: Vec<Row>,
    pub(crate) blob: Vec<u8>,
    pub(crate) seal: bool,
}

impl Append {
    pub(crate) fn new(task: TaskId, index: u64, rows: Vec<Row>, seal: bool) -> Self {
        let blob = if rows.is_empty() { Vec::new() } else { encode(&rows) };
        Self { task, index, rows, blob, seal }
    }
}

fn number(value: u64) -> Val {
    Val::Int(i64::try_from(value).unwrap_or(i64::MAX))
}

fn read_state(c: &mut Columns) -> Result<LogState> {
    let length = u64::try_from(c.int()?).map_err(|_| corrupt("a stream of negative length"))?;
    Ok(LogState { length, sealed: c.flag()? })
}

/// Stores what is new of an offer. Says whether anything changed.
pub(crate) async fn append<E: Engine>(db: &mut Db<E>, append: &Append) -> Result<(LogState, bool)> {
    let task = Val::Int(append.task.0);
    let insert = "INSERT INTO stream (task, length, sealed) VALUES ($1, 0, 0) ON CONFLICT (task) DO NOTHING";
    db.execute(insert, vec![task.clone()]).await?;
    let select = "SELECT length, sealed FROM stream WHERE task = $1 FOR UPDATE";
    let mut state = db.first(select, vec![task.clone()], read_state).await?.ok_or_else(|| corrupt("a stream"))?;
    let before = state;
    match offer(state.length, append.index, append.rows.len()) {
        Offer::Gap => return Ok((state, false)),
        Offer::Nothing => {}
        Offer::From(_) if state.sealed => return Err(Error::Forbidden("log file has been archived".into())),
        Offer::From(from) => {
            let fresh = &append.rows[from..];
            let blob = if from == 0 { append.blob.clone() } else { encode(fresh) };
            let count = fresh.len() as u64;
            let insert = "INSERT INTO chunk (task, first_row, row_count, body) VALUES ($1, $2, $3, $4)";
            db.execute(insert, vec![task.clone(), number(state.length), number(count), blob.into()]).await?;
            insert_marks(db, append.task, state.length, fresh).await?;
            state.length += count;
        }
    }
    state.sealed |= append.seal;
    if state != before {
        let update = "UPDATE stream SET length = $1, sealed = $2 WHERE task = $3";
        db.execute(update, vec![number(state.length), state.sealed.into(), task]).await?;
    }
    Ok((state, state != before))
}

async fn insert_marks<E: Engine>(db: &mut Db<E>, task: TaskId, first: u64, rows: &[Row]) -> Result<()> {
    let marked: Vec<(u64, Mark)> =
        (first..).zip(rows).filter_map(|(at, row)| Mark::of(&row.text).map(|mark| (at, mark))).collect();
    if marked.is_empty() {
        return Ok(());
    }
    let select = "SELECT marks FROM stream WHERE task = $1";
    let mut count = db.first(select, vec![task.0.into()], Columns::int).await?.unwrap_or(0);
    for (at, mark) in marked {
        if count >= MAX_MARKS {
            break;
        }
        let insert = "INSERT INTO mark (task, row_number, kind) VALUES ($1, $2, $3)";
        db.execute(insert, vec![task.0.into(), number(at), mark.code().into()]).await?;
        count += 1;
    }
    db.execute("UPDATE stream SET marks = $1 WHERE task = $2", vec![count.into(), task.0.into()]).await
}

/// The rows that stand out, in order.
pub(crate) async fn marks<E: Engine>(db: &mut Db<E>, task: TaskId) -> Result<Vec<(u64, Mark)>> {
    let select = "SELECT row_number, kind FROM mark WHERE task = $1 ORDER BY row_number";
    let read = |c: &mut Columns| Ok((c.int()?, c.int()?));
    let stored = db.all(select, vec![task.0.into()], read).await?;
    Ok(stored.into_iter().filter_map(|(at, kind)| Some((u64::try_from(at).ok()?, Mark::from_code(kind)?))).collect())
}

/// Sealed streams that are not packed.
pub(crate) async fn unpacked<E: Engine>(db: &mut Db<E>) -> Result<Vec<TaskId>> {
    let select = "SELECT task FROM stream WHERE sealed = 1 AND packed < length ORDER BY task LIMIT 100";
    db.all(select, vec![], |c| Ok(TaskId(c.int()?))).await
}

/// Puts the next small chunks together into one. Says whether nothing is left to do.
pub(crate) async fn pack<E: Engine>(db: &mut Db<E>, task: TaskId) -> Result<bool> {
    let select = "SELECT length, packed FROM stream WHERE task = $1 AND sealed = 1 FOR UPDATE";
    let read = |c: &mut Columns| Ok((c.int()?, c.int()?));
    let Some((length, packed)) = db.first(select, vec![task.0.into()], read).await? else { return Ok(true) };
    let select =
        "SELECT first_row, row_count, CAST(LENGTH(body) AS BIGINT) FROM chunk WHERE task = $1 AND first_row >= $2
                  ORDER BY first_row LIMIT $3";
    let read = |c: &mut Columns| Ok((c.int()?, c.int()?, c.int()?));
    let chunks = db.all(select, vec![task.0.into(), packed.into(), MAX_PACKED.into()], read).await?;
    // Full chunks stand as they are.
    let full = chunks.iter().take_while(|(_, count, _)| count * 2 > MAX_ROWS as i64).count();
    let (mut rows, mut bytes, mut small) = (0, 0, 0);
    for (_, count, size) in &chunks[full..] {
        if small > 0 && (rows + count > MAX_ROWS as i64 || bytes + size > MAX_PACK_BYTES) {
            break;
        }
        (rows, bytes, small) = (rows + count, bytes + size, small + 1);
    }
    if small > 1 {
        put_together(db, task, chunks[full].0, chunks[full + small - 1].0).await?;
    }
    let reached = chunks
        .get(full + small)
        .map_or_else(|| chunks.last().map_or(length, |(first, count, _)| first + count), |(first, ..)| *first);
    db.execute("UPDATE stream SET packed = $1 WHERE task = $2", vec![reached.into(), task.0.into()]).await?;
    Ok(reached >= length)
}

/// One chunk in place of those from `first` to `last`.
async fn put_together<E: Engine>(db: &mut Db<E>, task: TaskId, first: i64, last: i64) -> Result<()> {
    let range: Vec<Val> = vec![task.0.into(), first.into(), last.into()];
    let select = "SELECT body FROM chunk WHERE task = $1 AND first_row BETWEEN $2 AND $3 ORDER BY first_row";
    let mut rows = Vec::new();
    for body in db.all(select, range.clone(), Columns::blob).await? {
        rows.extend(decode(&body).map_err(|error| corrupt(format!("log of task {task} near row {first}: {error}")))?);
    }
    db.execute("DELETE FROM chunk WHERE task = $1 AND first_row BETWEEN $2 AND $3", range).await?;
    let insert = "INSERT INTO chunk (task, first_row, row_count, body) VALUES ($1, $2, $3, $4)";
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    db.execute(insert, vec![task.0.into(), first.into(), count.into(), encode(&rows).into()]).await
}

/// At most `limit` rows from number `from` on. Cost: reads the chunks that hold them.
pub(crate) async fn rows<E: Engine>(db: &mut Db<E>, task: TaskId, from: u64, limit: usize) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut next = from;
    while rows.len() < limit {
        let select = "SELECT first_row, body FROM chunk WHERE task = $1 AND first_row <= $2
                      AND first_row + row_count > $2";
        let read = |c: &mut Columns| Ok((c.int()?, c.blob()?));
        let Some((first, body)) = db.first(select, vec![task.0.into(), number(next)], read).await? else { break };
        let chunk = decode(&body).map_err(|error| corrupt(format!("log of task {task} at row {first}: {error}")))?;
        let skip = usize::try_from(next - u64::try_from(first).unwrap_or(0)).unwrap_or(0);
        let taken: Vec<Row> = chunk.into_iter().skip(skip).take(limit - rows.len()).collect();
        if taken.is_empty() {
            return Err(corrupt(format!("log of task {task} at row {first}: a chunk is shorter than it says")));
        }
        next += taken.len() as u64;
        rows.extend(taken);
    }
    Ok(rows)
}

/// Streams that more rows may follow in.
pub(crate) async fn unsealed<E: Engine>(db: &mut Db<E>) -> Result<Vec<TaskId>> {
    let select = "SELECT task FROM stream WHERE sealed = 0 ORDER BY task LIMIT 1000";
    db.all(select, vec![], |c| Ok(TaskId(c.int()?))).await
}

/// How far a stream has come; one that nobody has written to is empty.
pub(crate) async fn state<E: Engine>(db: &mut Db<E>, task: TaskId) -> Result<LogState> {
    let select = "SELECT length, sealed FROM stream WHERE task = $1";
    Ok(db.first(select, vec![task.0.into()], read_state).await?.unwrap_or_default())
}
