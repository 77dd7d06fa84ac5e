// What a task is called in the UI's list: one line, which is rendered as Markdown there.
import { plainText } from './plain-markdown.js';
import { cutBytes, excerpt } from './text.js';

const SUMMARY_BYTES = 200;

/** A title, or the prompt, is foreign text. */
export function startSummary({ title, prompt }: { title?: string | undefined; prompt: string }): string {
  const line = plainText(excerpt(title ?? prompt, SUMMARY_BYTES));
  return cutBytes(line, SUMMARY_BYTES).replace(/\\$/, '');
}
