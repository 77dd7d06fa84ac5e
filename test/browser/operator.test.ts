// An operator with nothing but the stock Temporal UI: reads the page, copies the JSON it shows, answers, updates.
import type { FrameLocator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TaskHandle } from '../../src/client.js';
import { COMMAND_HELP } from '../../src/contract/handlers.js';
import { COMMANDS } from '../../src/contract/names.js';
import { excerpt } from '../../src/contract/text.js';
import { choosePort } from '../../src/host/ports.js';
import { until } from '../support/poll.js';
import { World } from '../support/world.js';
import { TemporalUi } from './support/temporal-ui.js';

const HOSTILE =
  '<script>top.pwned=1</script> <img src=x onerror=pwned=1> | `ticks` ```js [click](javascript:alert(1)) $a$ --flag';
const EMOJI = '😀'.repeat(200);
const TASK = 'docs-1';

let world: World;
let ui: TemporalUi;
let task: TaskHandle;

beforeAll(async () => {
  const uiPort = await choosePort('127.0.0.1');
  world = await World.open({ uiPort });
  await world.startWorker();
  task = await world.client.start(
    { title: `Docs ${HOSTILE}`, prompt: `tidy ${HOSTILE} [[say ${HOSTILE}]]`, requestedBy: 'ann' },
    { taskId: TASK },
  );
  await world.idle(task, 1);
  await task.send('update', { prompt: `cats [[say ${EMOJI}]]`, newSession: true, requestedBy: '<b>|ben' });
  await world.idle(task, 2);
  await task.send('resume', { prompt: 'back to the docs [[sleep 20s]] [[say docs done]]', requestedBy: 'ann' });
  await world.when(task, 'asks which session', (view) => view.waiting?.for === 'choice');
  ui = await TemporalUi.open(`http://127.0.0.1:${uiPort}`);
  await ui.openWorkflow(TASK);
}, 180_000);
afterAll(async () => {
  await ui.close();
  await world.close();
});

/** What the page says, refreshed until it says so. The renderer makes curly quotes of straight ones. */
async function pageSays(pattern: RegExp): Promise<string> {
  let said = '';
  return until(
    async () => {
      const page = await ui.details();
      said = (await page.locator('main').innerText()).replace(/[“”]/g, '"');
      if (pattern.test(said)) return said;
      await ui.refresh();
      return undefined;
    },
    { what: `the page says ${pattern}`, timeoutMs: 60_000, everyMs: 500 },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${said}`, { cause: error });
  });
}

const rowsOf = (page: FrameLocator, heading: string) =>
  page.locator(`h2:has-text("${heading}") ~ table`).first().locator('tbody tr');

describe('the page', () => {
  test('is rendered: headings, tables, blocks to copy', async () => {
    await pageSays(/Waiting for: choice/);
    const page = await ui.details();
    await ui.shot('waiting');
    expect(await page.locator('h2').allInnerTexts()).toEqual([
      'Waiting for: choice',
      'Sessions',
      'Send a Signal or an Update',
      'Attempts',
      'Commands',
    ]);
    expect(await page.locator('p strong').first().innerText()).toBe('waiting');
    expect(await rowsOf(page, 'Sessions').count()).toBe(2);
    expect(await rowsOf(page, 'Attempts').count()).toBe(2);
    expect(await page.locator('pre code').first().innerText()).toBe('{"pick":1}\n');
  });

  test('shows foreign text as it is, and runs none of it', async () => {
    const page = await ui.details();
    expect(await page.locator('h1').innerText()).toBe(excerpt(`Docs ${HOSTILE}`, 80));
    const [ben, ann] = await rowsOf(page, 'Sessions').locator('td:nth-child(2)').allInnerTexts();
    expect(ann).toContain('ann: tidy <script>top.pwned=1</script> <img src=x onerror=pwned=1> | `ticks`');
    expect(ben).toMatch(/^<b>\|ben: cats .*😀{30,}…\s*$/u);
    expect(await page.locator('main').locator('script, img, a, b, .math, em:has-text("click")').count()).toBe(0);
    expect(await ui.page.evaluate('window.pwned')).toBeUndefined();
  });
});

test('the menu of Signals and Updates says what each does and what to type', async () => {
  for (const kind of ['Signal', 'Update'] as const) {
    const dialog = await ui.choose(kind);
    for (const name of COMMANDS) {
      const option = dialog.getByRole('option').filter({ hasText: COMMAND_HELP[name] });
      expect((await option.innerText()).split('\n')[0]).toBe(name);
    }
    await ui.shot(`menu-${kind}`);
    await ui.dismiss(dialog);
  }
});

test('the JSON copied from the page answers the wait', async () => {
  const page = await ui.details();
  await ui.copy(page.locator('pre code').first());
  expect(await ui.copied()).toContain('{"pick":1}');
  await ui.submit(await ui.choose('Signal'), 'answer');
  const first = (await task.view()).sessions[0]?.sessionId;
  await pageSays(/working · attempt 3 at work/);
  await ui.shot('working');
  await world.spoken('back to the docs');
  expect(world.claudes.flagsOf(TASK)[2]).toBe(`--resume=${first}`);
});

describe('a wrong payload, while an attempt works', () => {
  const WRONG = '{"prompt":"x","sessionID":"y"}';
  const SENTENCE = 'update.sessionID: unknown field; did you mean "sessionId"?';

  test('is refused to an Update, with our sentence on the screen', async () => {
    await ui.copyText(WRONG);
    const dialog = await ui.choose('Update');
    await ui.submit(dialog, 'update');
    await dialog.getByText(SENTENCE).waitFor();
    await ui.shot('update-refused');
    await ui.dismiss(dialog);
    expect((await task.view()).refusedTotal).toBe(0);
  });

  test('stands as refused among the commands when it came by Signal', async () => {
    await ui.copyText(WRONG);
    await ui.submit(await ui.choose('Signal'), 'update');
    await pageSays(/refused: update\.sessionID/);
    const newest = rowsOf(await ui.details(), 'Commands')
      .first()
      .locator('td:nth-child(2)');
    expect((await newest.innerText()).trim().replace(/[“”]/g, '"')).toBe(`refused: ${SENTENCE}`);
    await ui.shot('signal-refused');
  });
});

test('an update by Update is seen working and done, on the page and in the timeline', async () => {
  await ui.copyText('{"prompt":"add the tables [[sleep 20s]] [[say tables added]]","id":"tables-1"}');
  const dialog = await ui.choose('Update');
  await ui.submit(dialog, 'update');
  await dialog.waitFor({ state: 'hidden' });
  await pageSays(/update, [\d: -]+\s+(queued|working)\s+tables-1/);
  await pageSays(/idle · attempt 4: done[^]*tables added[^]*update, [\d: -]+\s+done\s+tables-1/);
  await ui.shot('done');
  await ui.tab('Timeline').click();
  await ui.page.getByText('attempt 3 · --resume · ').first().waitFor();
  await ui.page.getByText('attempt 4 · --resume · update').first().waitFor();
  await ui.shot('timeline');
});

test('a closed task still shows its page', async () => {
  const page = await ui.details();
  await ui.copy(page.locator('p:has(strong:text-is("finish")) + pre code'));
  await ui.submit(await ui.choose('Signal'), 'finish');
  await pageSays(/^[^]*finished · attempt 4: done/);
  await ui.page.getByText('Completed').first().waitFor();
  await ui.shot('finished');
});
