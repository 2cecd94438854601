/** An answer: the themes with their scores, and the article below. */
import { $, make } from "./dom.js";
import { notice } from "./notices.js";
import { paragraphView } from "./paragraph.js";
import { percent, state, themeClass, themeIndex, themeName, words } from "./state.js";

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

export function renderAnswer({ answer, source }) {
  const found = answer.themes.length;
  const title = answer.empty ? words().emptyTitle : found ? words().themesFound(found) : words().noneTitle;
  $("status").textContent = found ? `${title}: ${answer.themes.map(themeName).join(", ")}` : title;
  if (answer.empty && !answer.paragraphs.length) return [notice("empty", title, words().empty)];
  const head = answer.empty
    ? notice("empty", title, words().empty)
    : make("div", { class: "summary" }, make("h3", {}, title), make("p", { class: "quiet" }, words().strongest),
      make("ul", { class: "bars", "aria-label": words().legend }, ...answer.labels.map(bar)));
  const article = make("div", { class: "article" }, ...answer.paragraphs.map((p, i) => paragraphView(p, i, source)));
  article.lang = "id";
  return [head, make("h3", { class: "article-heading" }, words().articleHeading), make("p", { class: "quiet" }, words().tip), article];
}

function bar(label) {
  const cuts = state.themes[themeIndex(label.label)].cuts;
  const [low, high] = [sigmoid(cuts.no_below), sigmoid(cuts.yes_from)];
  const text = `${themeName(label.label)}: ${percent(label.score)}, ${words()[label.decision]}`;
  const track = make("span", { class: "track", role: "img", "aria-label": text });
  const [band, fill] = [make("span", { class: "band" }), make("span", { class: `fill ${themeClass(label.label)}` })];
  band.style.left = percent(low);
  band.style.width = percent(high - low);
  fill.style.width = `${Math.max(label.score * 100, 0.6)}%`;
  track.append(fill, band);
  const toggle = make("button", { type: "button", class: `swatch ${themeClass(label.label)}`, "aria-pressed": "true",
    title: words().show, onclick: (event) => toggleTheme(label.label, event.currentTarget) }, themeName(label.label));
  return make("li", { class: label.decision }, toggle, track,
    make("span", { class: "number", "aria-hidden": "true" }, percent(label.score)),
    make("span", { class: `decision ${label.decision}`, "aria-hidden": "true" }, words()[label.decision]),
    make("small", {}, `${percent(label.share)} ${words().paragraphs}`));
}

function toggleTheme(theme, button) {
  if (!state.hidden.delete(theme)) state.hidden.add(theme);
  button.ariaPressed = String(!state.hidden.has(theme));
  const { answer, source } = state.last;
  document.querySelector(".article").replaceChildren(...answer.paragraphs.map((p, i) => paragraphView(p, i, source)));
}
