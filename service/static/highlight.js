/** Everything that turns offsets into marked text.  Offsets of the service count code points, JavaScript's count UTF-16. */

import { themeClass } from "./state.js";

/** Return a function from code-point offsets to UTF-16 offsets of `text`. */
export function utf16Offsets(text) {
  if (!/[\u{10000}-\u{10ffff}]/u.test(text)) return (offset) => offset;
  const places = [0];
  for (const character of text) places.push(places[places.length - 1] + character.length);
  return (offset) => places[Math.min(offset, places.length - 1)];
}

/** Weights below this share of the theme's strongest are left unmarked: they decided nothing. */
const LEAST_SHARE = 0.35;

/** Cut [start, end) into runs of equal evidence: [{start, end, items}]; only what speaks for a theme is kept. */
function runs(paragraph, shown) {
  const found = (paragraph.evidence || []).filter((e) => e.start !== null && e.weight > 0 && shown.has(e.theme));
  const most = {};
  for (const e of found) most[e.theme] = Math.max(most[e.theme] || 0, e.weight);
  const kept = found.filter((e) => e.weight >= LEAST_SHARE * most[e.theme]);
  const cuts = [...new Set([paragraph.start, paragraph.end, ...kept.flatMap((e) => [e.start, e.end])])].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((start, i) => ({
    start, end: cuts[i + 1],
    items: kept.filter((e) => e.start <= start && e.end >= cuts[i + 1]).sort((a, b) => b.weight - a.weight),
  }));
}

/** Return the elements and strings that show a paragraph. */
export function marked(paragraph, source, shown, describe) {
  const at = utf16Offsets(source);
  return runs(paragraph, shown).map((run) => {
    const text = source.slice(at(run.start), at(run.end));
    if (!run.items.length) return text;
    const sums = new Map();
    for (const item of run.items) sums.set(item.theme, (sums.get(item.theme) || 0) + item.weight);
    const [theme] = [...sums].sort((a, b) => b[1] - a[1])[0];
    const mark = document.createElement("mark");
    mark.className = themeClass(theme);
    mark.textContent = text;
    mark.tabIndex = -1;
    describe(mark, run.items);
    return mark;
  });
}

/** Let one mark of a paragraph be reached by Tab and the others by arrow keys. */
export function rove(container) {
  const marks = [...container.querySelectorAll("mark")];
  if (!marks.length) return;
  marks[0].tabIndex = 0;
  container.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const place = marks.indexOf(document.activeElement);
    const next = marks[place + step];
    if (!step || place < 0 || !next) return;
    event.preventDefault();
    marks[place].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}
