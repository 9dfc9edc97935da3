// Where the lines of a log stand. The log is one numbered stream of rows; steps and groups fold parts of it away, and spans are
// what is left, from top to bottom. Nothing here draws or fetches.

// Pixels of a line and of a step's head.
export const ROW = 20;
export const HEAD = 32;

// The parts of a log that belong to steps, and what stands before, between and behind them: from the list of steps on the page.
export function readSections(steps, length) {
  const begun = [...steps.querySelectorAll(".outline li")]
    .filter((item) => item.dataset.begun === "true")
    .map((item) => ({
      name: item.children[1].textContent,
      icon: item.children[0].outerHTML,
      took: item.children[2]?.outerHTML ?? "",
      from: Number(item.dataset.from),
      length: Number(item.dataset.length),
      running: item.dataset.state === "running",
    }));
  const sections = [];
  let next = 0;
  begun.forEach((step, at) => {
    if (step.from > next) sections.push({ name: at === 0 ? "Set up" : "", from: next, to: step.from, icon: "", took: "" });
    const end = step.running ? (begun[at + 1]?.from ?? length) : step.from + step.length;
    sections.push({ ...step, to: Math.max(step.from, end) });
    next = Math.max(next, end);
  });
  if (next < length) {
    sections.push({ name: begun.length === 0 ? "Set up" : "Clean up", from: next, to: length, icon: "", took: "" });
  }
  return sections;
}

// Outermost groups: first and last row. One that goes on has no end to fold it at.
export function groupsOf(marks) {
  const groups = [];
  const open = [];
  for (const [row, kind] of marks) {
    if (kind === "group") open.push(row);
    else if (kind === "endgroup" && open.length > 0) {
      const from = open.pop();
      if (open.length === 0) groups.push({ from, to: row });
    }
  }
  return groups.sort((a, b) => a.from - b.from);
}

// What is to be seen, each span with its place: the head of a section, or rows `from` to before `to`.
export function spansOf(sections, groups, closedSections, openGroups) {
  const spans = [];
  let top = 0;
  let group = 0;
  const rows = (from, to) => {
    if (to <= from) return;
    spans.push({ top, from, to });
    top += (to - from) * ROW;
  };
  for (const section of sections) {
    const closed = closedSections.has(section.from);
    if (section.name) {
      spans.push({ top, section, closed });
      top += HEAD;
    }
    if (closed) continue;
    while (group < groups.length && groups[group].to < section.from) group += 1;
    let next = section.from;
    while (group < groups.length && groups[group].from < section.to) {
      const { from, to } = groups[group];
      rows(next, Math.min(from + 1, section.to));
      if (openGroups.has(from)) rows(from + 1, Math.min(to, section.to));
      next = Math.min(to + 1, section.to);
      group += 1;
    }
    rows(next, section.to);
  }
  return { spans, height: top };
}

// Index of the span at a height. Cost: logarithmic in the spans.
export function spanAt(spans, top) {
  let low = 0;
  let high = spans.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (spans[middle].top <= top) low = middle;
    else high = middle - 1;
  }
  return low;
}

// The height of a row; nothing where it is folded away.
export function topOf(spans, row) {
  const span = spans.find((span) => span.section === undefined && span.from <= row && row < span.to);
  return span && span.top + (row - span.from) * ROW;
}
