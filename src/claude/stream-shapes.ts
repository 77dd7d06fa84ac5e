// What the rarer of the CLI's stream-json lines hold, as far as it is used (the frequent ones: said-lines.ts). A field of a wrong type counts as missing, so that a
// newer CLI that changes one detail costs that detail only. Shapes seen in 2.1.330.
import { z } from 'zod';

const text = z.string().optional().catch(undefined);
const number = z.number().optional().catch(undefined);
const truth = z.boolean().optional().catch(undefined);
const list = <T extends z.ZodType>(item: T) => z.array(item).optional().catch(undefined);

export const initLine = z.object({ session_id: z.string(), model: text, claude_code_version: text });

export const lifecycleLine = z.object({ command_uuid: z.string(), state: z.string(), session_id: text });

export const apiRetryLine = z.object({
  attempt: z.number(),
  max_retries: number,
  retry_delay_ms: number,
  error_status: number,
  error: text,
});

export const backgroundLine = z.object({ tasks: z.array(z.unknown()) });

export const rateLimitLine = z.object({
  rate_limit_info: z.object({ status: z.string(), resetsAt: number, rateLimitType: text }),
});

export const resultLine = z.object({
  subtype: text,
  is_error: truth,
  result: text,
  errors: list(z.string()),
  terminal_reason: text,
  api_error_status: number,
  stop_reason: text,
  num_turns: number,
  total_cost_usd: number,
  session_id: text,
  deferred_tool_use: z.object({ id: z.string(), name: z.string() }).optional().catch(undefined),
});
