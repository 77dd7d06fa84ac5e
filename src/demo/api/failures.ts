// How the Messages API words its failures: the JSON body, the error type of a status, and the unified rate-limit headers
// that a subscription's token gets with a 429. Knows nothing of scripts.

export interface ApiFailure {
  status: number;
  headers: Record<string, string>;
  body: { type: 'error'; error: { type: string; message: string } };
}

const TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};
const MESSAGES: Record<number, string> = {
  401: 'invalid x-api-key',
  404: 'Not found',
  429: 'This request would exceed your rate limit.',
  529: 'Overloaded',
};

export function failure(status: number, message = '', headers: Record<string, string> = {}): ApiFailure {
  const type = TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  const said = message === '' ? (MESSAGES[status] ?? 'Scripted failure') : message;
  return { status, headers, body: { type: 'error', error: { type, message: said } } };
}

/** A usage limit that ends at `resetAt` (Unix seconds). */
export function limitReached(resetAt: number, nowMs: number): ApiFailure {
  const reset = String(resetAt);
  return failure(429, '', {
    'retry-after': String(Math.max(1, resetAt - Math.floor(nowMs / 1000))),
    'anthropic-ratelimit-unified-status': 'rejected',
    'anthropic-ratelimit-unified-reset': reset,
    'anthropic-ratelimit-unified-representative-claim': 'five_hour',
    'anthropic-ratelimit-unified-5h-status': 'rejected',
    'anthropic-ratelimit-unified-5h-reset': reset,
    'anthropic-ratelimit-unified-5h-utilization': '1.0',
    'anthropic-ratelimit-unified-overage-status': 'rejected',
  });
}
