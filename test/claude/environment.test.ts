import { describe, expect, test } from 'vitest';
import {
  claudeEnvironment,
  configHome,
  hasCredentialInEnvironment,
  isNeverPassed,
} from '../../src/claude/environment.js';

const from = (environment: Record<string, string>, extraNames: string[] = []) =>
  claudeEnvironment({
    environment,
    extraNames,
    taskConfigDir: '/task/claude',
    taskMarker: 'fix-ci-1',
    attemptId: 'a1',
  });

const OURS = { DISABLE_AUTOUPDATER: '1', TASKRUN_TASK: 'fix-ci-1', TASKRUN_ATTEMPT: 'a1' };

test('from an empty environment only what marks the attempt is made', () => {
  expect(from({})).toEqual(OURS);
});

test.each([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TERM',
  'LANG',
  'LC_ALL',
  'LC_TIME',
  'TZ',
  'HTTP_PROXY',
  'https_proxy',
  'ALL_PROXY',
  'NO_PROXY',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'CLAUDE_CODE_CLIENT_KEY',
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_MODEL',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
  'CLAUDE_CODE_SKIP_BEDROCK_AUTH',
  'AWS_PROFILE',
  'AWS_REGION',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'CLOUD_ML_REGION',
  'VERTEX_REGION_CLAUDE_4_0_OPUS',
  'DISABLE_TELEMETRY',
  'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
])('%s is passed, and an empty one counts as unset', (name) => {
  expect(from({ [name]: 'value' })).toMatchObject({ [name]: 'value' });
  expect(from({ [name]: '' })).toEqual(OURS);
});

test.each([
  'GITHUB_TOKEN',
  'DATABASE_URL',
  'SSH_AUTH_SOCK',
  'NODE_OPTIONS',
  'LD_PRELOAD',
  'IS_SANDBOX',
  'MY_ANTHROPIC_KEY',
])('%s is passed only when it is named', (name) => {
  expect(from({ [name]: 'value' })).toEqual(OURS);
  expect(from({ [name]: 'value' }, [name])).toEqual({ ...OURS, [name]: 'value' });
  expect(from({ [name]: '' }, [name])).toEqual(OURS);
});

test.each([
  'CLAUDECODE',
  'CLAUDE_CODE_SESSION_ID',
  'CLAUDE_CODE_SESSION_ACCESS_TOKEN',
  'CLAUDE_CODE_ENTRYPOINT',
  'CLAUDE_CODE_SSE_PORT',
  'TEMPORAL_ADDRESS',
  'TEMPORAL_API_KEY',
  'TASKRUN_HOME',
  'TASKRUN_STORE',
])('%s is never passed, not even when it is named', (name) => {
  expect(isNeverPassed(name)).toBe(true);
  expect(from({ [name]: 'value' }, [name])).toEqual(OURS);
});

test('an outer attempt, a Claude that runs a worker, does not mark ours', () => {
  expect(from({ TASKRUN_TASK: 'outer', TASKRUN_ATTEMPT: 'outer', DISABLE_AUTOUPDATER: '0' })).toEqual(OURS);
});

describe('whose config directory', () => {
  test.each([
    [{ ANTHROPIC_API_KEY: 'k' }, true],
    [{ ANTHROPIC_AUTH_TOKEN: 't' }, true],
    [{ CLAUDE_CODE_OAUTH_TOKEN: 't' }, true],
    [{ CLAUDE_CODE_USE_BEDROCK: '1' }, true],
    [{ CLAUDE_CODE_USE_VERTEX: 'true' }, true],
    [{ CLAUDE_CODE_USE_BEDROCK: '0' }, false],
    [{ ANTHROPIC_API_KEY: '' }, false],
    [{ ANTHROPIC_BASE_URL: 'http://proxy' }, false],
    [{}, false],
  ])('%j holds a credential: %s', (environment, holds) => {
    expect(hasCredentialInEnvironment(environment)).toBe(holds);
  });

  test("with a credential the task's own, even where the user has one", () => {
    const environment = { ANTHROPIC_API_KEY: 'k', CLAUDE_CONFIG_DIR: '/home/me/.claude' };
    expect(configHome(environment, '/task/claude')).toEqual({ dir: '/task/claude', named: true });
    expect(from(environment)).toMatchObject({ CLAUDE_CONFIG_DIR: '/task/claude' });
  });

  test("without one the user's, named only where the user named it", () => {
    expect(configHome({ CLAUDE_CONFIG_DIR: '/x' }, '/task/claude')).toEqual({ dir: '/x', named: true });
    expect(from({ CLAUDE_CONFIG_DIR: '/x' })).toMatchObject({ CLAUDE_CONFIG_DIR: '/x' });
    expect(configHome({ HOME: '/home/me' }, '/task/claude')).toEqual({ dir: '/home/me/.claude', named: false });
    expect(from({ HOME: '/home/me' })).not.toHaveProperty('CLAUDE_CONFIG_DIR');
  });
});
