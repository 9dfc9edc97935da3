// The log viewer: only the lines that can be seen are on the page, and only those and their neighbours are fetched, so a
// log of a million lines opens as fast as one of ten.

import { become, whileVisible } from "./live.js";
import { ROW, groupsOf, readSections, spanAt, spansOf, topOf } from "./log_layout.js";

const PAGE = 100;
const PAGES_KEPT = 80;
// No browser scrolls an element of any height: beyond this one, a pixel of scrolling is more than a pixel of log.
const TALLEST = 8_000_000;

const root = document.getElementById("log");
if (root) start(root);

function start(root) {
  const api = root.dataset.api;
  // Which task of the job, as a query; empty while it has none.
  const task = root.dataset.task.slice(1);
  const steps = document.getElementById("steps");
  const pages = new Map();
  const asked = new Set();
  const whole = new Map();
  let length = Number(root.dataset.length);
  let sealed = root.dataset.sealed === "true";
  let marks = [];
  let groups = [];
  let sections = [];
  let spans = [];
  let height = 0;
  let following = !sealed && root.dataset.ended !== "true";
  let chosen = null;
  let found = { words: "", rows: [], at: -1, set: new Set() };
  let drawing = 0;
  const closedSections = new Set();
  const openGroups = new Set();

  root.innerHTML = `
    <div class="tools" role="toolbar" aria-label="Log">
      <input type="search" placeholder="Search the log  ( / )" aria-label="Search the log" enterkeyhint="search">
      <button type="button" data-do="previous" aria-label="Previous match">↑</button><button type="button" data-do="next" aria-label="Next match">↓</button>
      <span class="found" role="status"></span>
      <button type="button" data-do="error" hidden>First error</button>
      <button type="button" data-do="follow" aria-pressed="false">Follow</button>
      <button type="button" data-do="times" aria-pressed="false">Times</button>
      <button type="button" data-do="fold" aria-pressed="false">Open groups</button>
      <span class="right"><span class="count"></span> · <a href="${api}${root.dataset.task}">as text</a></span>
    </div>
    <div class="screen" tabindex="0" role="region" aria-label="Lines of the log. Home and End go to its ends, slash searches, e goes to the first error, f follows."><div class="space"></div><ol class="rows"></ol></div>`;
  const screen = root.querySelector(".screen");
  const space = root.querySelector(".space");
  const list = root.querySelector(".rows");
  const search = root.querySelector("input");
  const says = root.querySelector(".found");
  const count = root.querySelector(".count");
  const tool = (name) => root.querySelector(`[data-do=${name}]`);

  // --- what there is ---

  function layOut() {
    sections = readSections(steps, length);
    ({ spans, height } = spansOf(sections, groups, closedSections, openGroups));
    space.style.height = `${Math.min(height, TALLEST)}px`;
    count.textContent = `${length.toLocaleString("en")} lines`;
    tool("error").hidden = firstError() === undefined;
    draw();
  }

  const firstError = () => marks.find(([, kind]) => kind === "error")?.[0];

  // --- places ---

  const most = () => Math.max(0, Math.min(height, TALLEST) - screen.clientHeight);
  const reach = () => Math.max(0, height - screen.clientHeight);
  const viewTop = () => (most() === 0 ? 0 : (screen.scrollTop / most()) * reach());

  function scrollToTop(top) {
    const wanted = Math.max(0, Math.min(top, reach()));
    screen.scrollTop = reach() === 0 ? 0 : (wanted / reach()) * most();
    draw();
  }

  function reveal(row) {
    const section = sections.find((section) => section.from <= row && row < section.to);
    if (section) closedSections.delete(section.from);
    const group = groups.find((group) => group.from < row && row <= group.to);
    if (group) openGroups.add(group.from);
    layOut();
    const top = topOf(spans, row);
    if (top !== undefined) scrollToTop(top - screen.clientHeight / 3);
  }

  // --- drawing ---

  function draw() {
    if (drawing) return;
    drawing = requestAnimationFrame(() => {
      drawing = 0;
      drawNow();
    });
  }

  function drawNow() {
    const top = viewTop();
    const bottom = top + screen.clientHeight;
    const html = [];
    const wanted = new Set();
    let first = null;
    if (spans.length > 0) {
      for (let at = spanAt(spans, top); at < spans.length && spans[at].top < bottom; at += 1) {
        const span = spans[at];
        if (span.section) {
          first ??= span.top;
          html.push(head(span));
          continue;
        }
        const begin = span.from + Math.max(0, Math.floor((top - span.top) / ROW));
        const end = Math.min(span.to, span.from + Math.ceil((bottom - span.top) / ROW));
        if (begin < end) first ??= span.top + (begin - span.from) * ROW;
        for (let row = begin; row < end; row += 1) {
          wanted.add(Math.floor(row / PAGE));
          html.push(line(row));
        }
      }
    }
    list.innerHTML = html.join("");
    list.style.transform = `translateY(${screen.scrollTop + ((first ?? top) - top)}px)`;
    if (found.words) emphasize();
    for (const page of wanted) fetchPage(page);
    for (const page of [Math.min(...wanted) - 1, Math.max(...wanted) + 1]) {
      if (Number.isFinite(page) && page >= 0 && page * PAGE < length) fetchPage(page);
    }
  }

  function head({ section, closed }) {
    return `<li class="row head ${closed ? "closed" : ""}"><button type="button" data-section="${section.from}" aria-expanded="${!closed}">${section.icon}${escape(section.name)} ${section.took}</button></li>`;
  }

  function line(row) {
    const known = pages.get(Math.floor(row / PAGE))?.[row % PAGE];
    const classes = ["row"];
    let { t: time = 0, k: kind = "", h: html = "", x: cut = 0 } = whole.get(row) ?? known ?? {};
    if (kind) classes.push(kind);
    const folds = kind === "group" && groups.some((group) => group.from === row);
    if (folds && !openGroups.has(row)) classes.push("closed");
    if (chosen && row >= chosen[0] && row <= chosen[1]) classes.push("chosen");
    if (found.rows[found.at] === row) classes.push("now");
    const more = cut > 0 ? `<button type="button" class="cut" data-whole="${row}">… ${cut.toLocaleString("en")} more bytes</button>` : "";
    const stamp = time ? new Date(time).toISOString().slice(11, 23) : "";
    const toggle = folds ? ` data-group="${row}" role="button" tabindex="0" aria-expanded="${openGroups.has(row)}"` : "";
    return `<li class="${classes.join(" ")}" id="L${row + 1}"><a href="#L${row + 1}" data-line="${row}">${row + 1}</a><time>${stamp}</time><span${toggle}>${html}</span>${more}</li>`;
  }

  function emphasize() {
    const words = found.words.toLowerCase();
    for (const item of list.children) {
      const row = Number(item.querySelector("[data-line]")?.dataset.line);
      if (!found.set.has(row)) continue;
      const walker = document.createTreeWalker(item.lastElementChild, NodeFilter.SHOW_TEXT);
      const places = [];
      while (walker.nextNode()) {
        const at = walker.currentNode.data.toLowerCase().indexOf(words);
        if (at >= 0) places.push([walker.currentNode, at]);
      }
      for (const [node, at] of places) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, Math.min(at + words.length, node.length));
        range.surroundContents(document.createElement("mark"));
      }
    }
  }

  const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

  // --- fetching ---

  async function ask(path) {
    const answer = await fetch(`${api}/${path}${path.includes("?") ? "&" : "?"}${task}`);
    if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? answer.statusText);
    return answer.json();
  }

  async function fetchPage(page) {
    const full = Math.min(PAGE, length - page * PAGE);
    if (full <= 0 || asked.has(page) || (pages.get(page)?.length ?? 0) >= full) return;
    asked.add(page);
    try {
      const { lines } = await ask(`lines?from=${page * PAGE}&limit=${PAGE}`);
      if (lines.length >= (pages.get(page)?.length ?? 0)) keep(page, lines);
      draw();
    } catch (error) {
      says.textContent = error.message;
      await new Promise((resume) => setTimeout(resume, 1000));
      draw();
    } finally {
      asked.delete(page);
    }
  }

  function keep(page, lines) {
    pages.delete(page);
    pages.set(page, lines);
    for (const old of pages.keys()) {
      if (pages.size <= PAGES_KEPT) break;
      pages.delete(old);
    }
  }

  async function fetchMarks() {
    ({ marks } = await ask("marks"));
    groups = groupsOf(marks);
    layOut();
  }

  // --- what comes ---

  let marksDue = null;

  function take({ from, lines }) {
    // Rows were passed over: what stands out among them is asked for, not more often than every two seconds.
    if (from > length) marksDue ??= setTimeout(() => {
      marksDue = null;
      fetchMarks().catch(() => {});
    }, 2000);
    lines.forEach((one, at) => {
      const row = from + at;
      const page = Math.floor(row / PAGE);
      const known = pages.get(page) ?? [];
      if (known.length === row % PAGE) {
        known.push(one);
        keep(page, known);
      }
      if (["group", "endgroup", "error", "warning"].includes(one.k) && from <= length) marks.push([row, one.k]);
    });
    length = Math.max(length, from + lines.length);
    groups = groupsOf(marks);
    layOut();
    if (following) scrollToTop(Infinity);
  }

  // Its connection is given up while nobody looks; it goes on where it was.
  const stream = { events: null, close: () => stream.events?.close() };

  function listen() {
    if (sealed) return stream;
    const events = new EventSource(`${root.dataset.live}?skip=true&from=${length}&${task}`);
    events.addEventListener("rows", (event) => take(JSON.parse(event.data)));
    events.addEventListener("last", () => {
      events.close();
      sealed = true;
      follow(false);
    });
    events.addEventListener("error", () => {
      // The browser's own retry would begin at the first address again.
      events.close();
      setTimeout(() => document.hidden || events !== stream.events || listen(), 1000);
    });
    stream.events = events;
    return stream;
  }

  // --- what people do ---

  function follow(on) {
    following = on && !sealed;
    tool("follow").setAttribute("aria-pressed", following);
    tool("follow").hidden = sealed;
    if (following) scrollToTop(Infinity);
  }

  async function find(words) {
    found = { words, rows: [], at: -1, set: new Set() };
    says.textContent = words ? "searching…" : "";
    draw();
    if (!words) return;
    const mine = found;
    try {
      let from = 0;
      while (from !== null && mine.rows.length < 10_000) {
        const part = await ask(`search?q=${encodeURIComponent(words)}&from=${from}`);
        if (found !== mine) return;
        const first = mine.rows.length === 0 && part.rows.length > 0;
        for (const row of part.rows) {
          mine.rows.push(row);
          mine.set.add(row);
        }
        from = part.next;
        if (first) step(1);
        tell();
      }
      tell();
    } catch (error) {
      says.textContent = error.message;
    }
  }

  function tell() {
    const { rows, at } = found;
    const many = rows.length >= 10_000 ? "+" : "";
    says.textContent = rows.length === 0 ? "nothing found" : `${at + 1} of ${rows.length.toLocaleString("en")}${many}`;
  }

  function step(by) {
    const { rows } = found;
    if (rows.length === 0) return;
    follow(false);
    found.at = (found.at + by + rows.length) % rows.length;
    tell();
    reveal(rows[found.at]);
  }

  function choose(row, extend) {
    chosen = extend && chosen ? [Math.min(chosen[0], row), Math.max(chosen[0], row)] : [row, row];
    const [from, to] = chosen;
    history.replaceState(null, "", `#L${from + 1}${to > from ? `-L${to + 1}` : ""}`);
    draw();
  }

  function readHash() {
    const place = /^#L(\d+)(?:-L(\d+))?$/.exec(location.hash);
    if (!place) return false;
    const from = Number(place[1]) - 1;
    chosen = [from, Math.max(from, Number(place[2] ?? place[1]) - 1)];
    follow(false);
    reveal(from);
    return true;
  }

  const toggle = (set, key) => (set.has(key) ? set.delete(key) : set.add(key));
  const deeds = {
    previous: () => step(-1),
    next: () => step(1),
    error() {
      const row = firstError();
      if (row === undefined) return;
      follow(false);
      choose(row, false);
      reveal(row);
    },
    follow: () => follow(!following),
    times(button) {
      button.setAttribute("aria-pressed", screen.classList.toggle("times"));
    },
    fold(button) {
      const open = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", open);
      if (open) for (const group of groups) openGroups.add(group.from);
      else openGroups.clear();
      layOut();
    },
  };

  root.addEventListener("click", async (event) => {
    const at = (name) => event.target.closest(`[data-${name}]`);
    const deed = at("do");
    if (deed) return deeds[deed.dataset.do](deed);
    if (at("section")) {
      toggle(closedSections, Number(at("section").dataset.section));
      return layOut();
    }
    if (at("whole")) {
      const row = Number(at("whole").dataset.whole);
      const { lines } = await ask(`lines?from=${row}&limit=1`);
      whole.set(row, lines[0]);
      return draw();
    }
    if (at("line")) {
      event.preventDefault();
      return choose(Number(at("line").dataset.line), event.shiftKey);
    }
    if (at("group") && !getSelection().toString()) {
      toggle(openGroups, Number(at("group").dataset.group));
      layOut();
    }
  });

  let typing;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => find(search.value), 250);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      if (search.value === found.words) step(event.shiftKey ? -1 : 1);
    }
    if (event.key === "Escape") screen.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const keys = {
      "/": () => search.focus(),
      n: () => step(1),
      N: () => step(-1),
      e: deeds.error,
      f: () => follow(!following),
      Home: () => (follow(false), scrollToTop(0)),
      End: () => (follow(true), scrollToTop(Infinity)),
    };
    const group = event.target.closest("[data-group]");
    if (group && (event.key === "Enter" || event.key === " ")) group.click();
    else if (keys[event.key]) keys[event.key]();
    else return;
    event.preventDefault();
  });
  screen.addEventListener("scroll", draw, { passive: true });
  screen.addEventListener("wheel", (event) => event.deltaY < 0 && follow(false), { passive: true });
  screen.addEventListener("touchmove", () => following && follow(false), { passive: true });
  new ResizeObserver(draw).observe(screen);
  addEventListener("hashchange", readHash);
  steps.addEventListener("changed", () => {
    become(document.getElementById("beside"), steps.querySelector(".siblings").cloneNode(true));
    layOut();
  });
  // A step leads to its place in the log.
  steps.addEventListener("click", (event) => {
    const link = event.target.closest(".outline a");
    if (!link) return;
    event.preventDefault();
    history.replaceState(null, "", link.hash);
    readHash();
  });

  follow(following);
  layOut();
  (length > 0 ? fetchMarks() : Promise.resolve())
    .catch((error) => (says.textContent = error.message))
    .then(() => {
      if (readHash() || following) return;
      if (root.dataset.error && steps.querySelector(".strip .failure")) deeds.error();
    });
  if (!sealed) whileVisible(listen);
}
