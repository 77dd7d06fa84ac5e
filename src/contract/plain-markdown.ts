// Foreign text in Markdown that the Temporal UI renders: a task's page and summary. Its renderer lets raw HTML and any
// link pass, makes a dash of `--` and a formula of $…$.

/** Foreign text on one line: nothing in it ends a cell, starts markup, becomes a link or changes its look. */
export const plainText = (value: string): string =>
  value
    .replace(/\s*\r?\n\s*/g, ' ')
    .replace(/[\\`*_{}[\]<>|#~$]|-(?=-)/g, '\\$&')
    .replace(/\b(?:https?|ftp|mailto|www)(?=[:.])/gi, '$&\\');

/** What `plainText` was made of, for a place that renders no Markdown. */
export const fromPlainText = (value: string): string => value.replace(/\\([\\`*_{}[\]<>|#~$:.-])/g, '$1');
