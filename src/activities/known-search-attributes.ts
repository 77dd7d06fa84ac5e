// The short activity that tells a task which of our search attributes its namespace knows, and with our types.
import { Context } from '@temporalio/activity';
import { SEARCH_ATTRIBUTE_TYPES, SEARCH_ATTRIBUTES } from '../contract/names.js';

export async function knownSearchAttributes(): Promise<string[]> {
  const { info, client } = Context.current();
  const answer = await client.connection.operatorService.listSearchAttributes({ namespace: info.namespace });
  return attributesOfOurs(answer.customAttributes);
}

/** Those of our search attributes that a namespace has with our types. */
export function attributesOfOurs(types: Readonly<Record<string, number>>): string[] {
  return Object.entries(SEARCH_ATTRIBUTES)
    .filter(([name, type]) => types[name] === SEARCH_ATTRIBUTE_TYPES[type])
    .map(([name]) => name);
}
