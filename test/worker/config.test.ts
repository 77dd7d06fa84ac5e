// Settings: each variable's good values, and for each bad one a sentence that names it, what came and what is allowed.
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.js';

const read = (env: Record<string, string>) => readConfig({ HOME: '/home/ann', ...env });

function config(env: Record<string, string>) {
  const result = read(env);
  if (!result.ok) throw new Error(result.says);
  return result.config;
}

test('defaults, with nothing set', () => {
  expect(config({})).toMatchObject({
    home: '/home/ann/.taskrun',
    taskQueue: 'taskrun',
    claudeEnvNames: [],
    concurrency: 4,
    drainMs: 60_000,
    forbidBypass: false,
    logLevel: 'info',
    temporal: { configured: false, address: '127.0.0.1:7233', namespace: 'default' },
  });
});

test('an empty variable counts as unset', () => {
  const empty = {
    TASKRUN_HOME: '',
    TASKRUN_TASK_QUEUE: '',
    TASKRUN_CLAUDE: '',
    TASKRUN_CONCURRENCY: '',
    TASKRUN_DRAIN: '',
    TASKRUN_HEALTH_PORT: '',
    TEMPORAL_ADDRESS: '',
  };
  expect(config(empty)).toEqual(config({}));
});

test.each([
  [{ TASKRUN_HOME: '/srv/tr' }, { home: '/srv/tr' }],
  [{ TASKRUN_TASK_QUEUE: 'other' }, { taskQueue: 'other' }],
  [{ TASKRUN_CLAUDE: '/opt/claude' }, { claude: '/opt/claude' }],
  [{ TASKRUN_CLAUDE_ENV: 'GH_TOKEN, NPM_TOKEN' }, { claudeEnvNames: ['GH_TOKEN', 'NPM_TOKEN'] }],
  [{ TASKRUN_CONCURRENCY: '12' }, { concurrency: 12 }],
  [{ TASKRUN_DRAIN: '5m' }, { drainMs: 300_000 }],
  [{ TASKRUN_FORBID_BYPASS: '1' }, { forbidBypass: true }],
  [
    { TASKRUN_HEALTH_PORT: '8080', TASKRUN_METRICS_PORT: '9090' },
    { healthPort: 8080, metricsPort: 9090 },
  ],
  [{ TASKRUN_LOG_LEVEL: 'debug' }, { logLevel: 'debug' }],
])('%j', (env, expected) => expect(config(env)).toMatchObject(expected));

test("Temporal's own variables name the server", () => {
  const { temporal } = config({ TEMPORAL_ADDRESS: 'temporal.example:7233', TEMPORAL_NAMESPACE: 'team' });
  expect(temporal).toMatchObject({ configured: true, address: 'temporal.example:7233', namespace: 'team' });
});

describe('refused, naming the variable, what came and what is allowed', () => {
  test.each([
    [{ TASKRUN_CONCURRENCY: '0' }, 'TASKRUN_CONCURRENCY: got "0"; allowed: a whole number from 1 to 1000'],
    [{ TASKRUN_CONCURRENCY: 'many' }, 'TASKRUN_CONCURRENCY: got "many"'],
    [{ TASKRUN_CONCURRENCY: '2.5' }, 'TASKRUN_CONCURRENCY: got "2.5"'],
    [{ TASKRUN_DRAIN: '60' }, 'TASKRUN_DRAIN: got "60"; allowed: a duration'],
    [{ TASKRUN_DRAIN: '48h' }, 'TASKRUN_DRAIN: got "48h"'],
    [{ TASKRUN_HEALTH_PORT: '70000' }, 'TASKRUN_HEALTH_PORT: got "70000"; allowed: a whole number from 0 to 65535'],
    [{ TASKRUN_METRICS_PORT: 'x' }, 'TASKRUN_METRICS_PORT: got "x"'],
    [{ TASKRUN_CLAUDE_ENV: 'GH TOKEN' }, 'TASKRUN_CLAUDE_ENV: got "GH TOKEN"; allowed: names of variables'],
    [{ TASKRUN_LOG_LEVEL: 'loud' }, 'TASKRUN_LOG_LEVEL: got "loud"; allowed: trace, debug, info, warn, error'],
    [{ TASKRUN_FORBID_BYPASS: 'maybe' }, 'TASKRUN_FORBID_BYPASS: got "maybe"; allowed: "1" or "0"'],
    [{ TASKRUN_TASK_QUEUE: 'q'.repeat(201) }, 'TASKRUN_TASK_QUEUE: got "qqq'],
    [{ TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml', TEMPORAL_PROFILE: 'gone' }, "Temporal's settings can't be read"],
  ])('%j', (env, says) => {
    const result = read(env);
    expect(result.ok ? result.config : result.says).toContain(says);
  });
});
