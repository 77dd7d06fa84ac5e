// What is seen from outside without a query: the memo, the search attributes, the page in the UI. Each is written
// only when it changes, since memo and attributes cost an event.

import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { MEMO_KEY, SEARCH_ATTRIBUTES, type SearchAttributeName } from '../contract/names.js';
import type { TaskState } from '../domain/task/state.js';
import { attributesOf } from '../view/attributes.js';
import { taskPage } from '../view/page.js';
import { memoOf, taskView } from '../view/task-view.js';

export class Mirror {
  #memo = '';
  readonly #attributes = new Map<string, string>();
  #known: readonly string[] = [];

  /** From now on these are written; one that the namespace does not know would wedge the workflow task. */
  know(names: readonly string[]): void {
    this.#known = names;
    // What the former run set is still there; a value that is unset since then must be taken away.
    for (const { key, value } of workflowInfo().typedSearchAttributes.getAll())
      if (names.includes(key.name)) this.#attributes.set(key.name, JSON.stringify(value));
  }

  show(state: TaskState): void {
    setCurrentDetails(taskPage(taskView(state)));
    this.#showMemo(state);
    this.#showAttributes(state);
  }

  #showMemo(state: TaskState): void {
    const memo = memoOf(state);
    const json = JSON.stringify(memo);
    if (json === this.#memo) return;
    this.#memo = json;
    upsertMemo({ [MEMO_KEY]: memo });
  }

  #showAttributes(state: TaskState): void {
    const pairs: SearchAttributeUpdatePair[] = [];
    for (const [name, value] of Object.entries(attributesOf(state))) {
      const json = JSON.stringify(value ?? null);
      const unset = value === undefined && !this.#attributes.has(name);
      if (!this.#known.includes(name) || unset || this.#attributes.get(name) === json) continue;
      this.#attributes.set(name, json);
      pairs.push(pairOf(name as SearchAttributeName, value ?? null));
    }
    if (pairs.length > 0) upsertSearchAttributes(pairs);
  }
}

const TYPES = { Keyword: 'KEYWORD', KeywordList: 'KEYWORD_LIST', Int: 'INT', Double: 'DOUBLE' } as const;

function pairOf(name: SearchAttributeName, value: string | number | string[] | null): SearchAttributeUpdatePair {
  const key = defineSearchAttributeKey(name, TYPES[SEARCH_ATTRIBUTES[name]]);
  return { key, value } as SearchAttributeUpdatePair;
}
