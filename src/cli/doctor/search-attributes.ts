// The search attributes of the contract in a namespace: which are there, which are missing, how to add them, adding them.
import type { TaskrunClient } from '../../client.js';
import type { Config } from '../../config.js';
import { SEARCH_ATTRIBUTE_TYPES, SEARCH_ATTRIBUTES } from '../../contract/names.js';
import { shellWord } from '../invocation.js';
import { type Finding, good, warning } from './check.js';

type Type = keyof typeof SEARCH_ATTRIBUTE_TYPES;
type Wanted = [name: string, type: Type];

const isOfType = (number: number, type: Type): boolean => number === SEARCH_ATTRIBUTE_TYPES[type];

const WANTED = Object.entries(SEARCH_ATTRIBUTES) as Wanted[];

const WHAT = 'search attributes';

export async function searchAttributeFinding(client: TaskrunClient, config: Config, fix: boolean): Promise<Finding> {
  const { namespace } = config.temporal;
  const known = await client.temporal.connection.operatorService
    .listSearchAttributes({ namespace })
    .then(({ customAttributes }) => customAttributes ?? {})
    .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  if (known instanceof Error)
    return warning(WHAT, `the server does not tell: ${known.message}. Tasks work without them.`);
  const missing = WANTED.filter(([name]) => known[name] === undefined);
  const odd = WANTED.filter(([name, type]) => known[name] !== undefined && !isOfType(known[name], type));
  if (missing.length === 0 && odd.length === 0) return good(WANT_ALL.what, WANT_ALL.says);
  const added = fix ? await add(client, namespace, missing) : undefined;
  if (added?.ok === true && odd.length === 0) return good(WHAT, `added: ${missing.map(([name]) => name).join(', ')}`);
  return warning(
    WHAT,
    [
      ...(missing.length === 0 || added?.ok === true ? [] : [`missing: ${missing.map(([name]) => name).join(', ')}`]),
      ...(odd.length === 0
        ? []
        : [
            `of another type than ours, so left alone: ${odd.map(([name, type]) => `${name} (ours: ${type})`).join(', ')}`,
          ]),
      ...(added?.ok === false ? [`they could not be added: ${added.says}`] : []),
      'tasks work without them, and can then not be searched by them',
    ].join('; '),
    ...(added?.ok === true ? [] : missing.map((wanted) => createLine(wanted, config))),
    ...(added === undefined && missing.length > 0 ? ['or all at once: taskrun doctor --fix'] : []),
  );
}

const WANT_ALL = good(WHAT, `all ${WANTED.length} known`);

const createLine = ([name, type]: Wanted, { temporal }: Config): string =>
  `temporal operator search-attribute create --name ${name} --type ${type} --namespace ${shellWord(temporal.namespace)} --address ${shellWord(temporal.address)}`;

async function add(
  client: TaskrunClient,
  namespace: string,
  missing: Wanted[],
): Promise<{ ok: true } | { ok: false; says: string }> {
  if (missing.length === 0) return { ok: true };
  const searchAttributes = Object.fromEntries(missing.map(([name, type]) => [name, SEARCH_ATTRIBUTE_TYPES[type]]));
  try {
    await client.temporal.connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    return { ok: true };
  } catch (error) {
    return { ok: false, says: error instanceof Error ? error.message : String(error) };
  }
}
