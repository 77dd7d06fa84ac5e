// The contract as JSON Schema (draft 2020-12), for clients in any language. `npm run build` writes it to schema/.
import { z } from 'zod';
import { commandAnswer, commandPayloads } from './commands.js';
import { taskSpec } from './spec.js';
import { attemptView, sessionView, taskMemo, taskResult, taskView, waitingView } from './views.js';

const INPUTS = {
  taskSpec,
  ...Object.fromEntries(Object.entries(commandPayloads).map(([name, schema]) => [`command.${name}`, schema])),
};
const OUTPUTS = {
  commandAnswer,
  taskResult,
  taskMemo,
  'query.task': taskView,
  'query.sessions': z.array(sessionView),
  'query.attempts': z.array(attemptView),
  'query.waiting': waitingView.nullable(),
};

/** One document; each shape stands under `$defs`. Answers may gain fields, inputs refuse unknown ones. */
export function contractJsonSchema(): Record<string, unknown> {
  const defs: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(INPUTS))
    defs[name] = placed(name, z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  for (const [name, schema] of Object.entries(OUTPUTS))
    defs[name] = placed(name, z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'taskrun', $defs: defs };
}

/** A schema that stands under `$defs`: its own references lead from the document's root, not from its own. */
function placed(name: string, schema: Record<string, unknown>): Record<string, unknown> {
  const { $schema: _, ...rest } = schema;
  return JSON.parse(JSON.stringify(rest).replaceAll('"#/$defs/', `"#/$defs/${name}/$defs/`)) as Record<string, unknown>;
}
