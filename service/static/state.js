/** What the page knows: its language, the themes, the limits and the last answer. */
import { TEXTS } from "./texts.js";

export const state = {
  language: "id", model: null, themes: [], title: null, limits: { max_chars: 50000, max_body_bytes: 2097152 }, ready: null, last: null, hidden: new Set(),
};
export const words = () => TEXTS[state.language];
export const themeIndex = (id) => state.themes.findIndex((theme) => theme.id === id);
// Five looks; further themes begin again.
export const themeClass = (id) => `t-${themeIndex(id) % 5}`;
export const themeName = (id) => state.themes[themeIndex(id)]?.name[state.language] ?? id;
/** A weight or a score as the language writes it: 1.234 is a thousand and more in Indonesian. */
export const decimal = (number) => new Intl.NumberFormat(state.language, { minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(number);
export const percent = (score) => `${Math.round(score * 100)}%`;
