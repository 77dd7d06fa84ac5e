// The stock Temporal UI in a real browser, used as an operator does: by what is written on the screen, with mouse,
// keyboard and clipboard. Knows no task; the browser is TASKRUN_TEST_CHROMIUM, else `chromium` on PATH.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { until } from '../../support/poll.js';

const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

type Kind = 'Signal' | 'Update';

export class TemporalUi {
  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
    private readonly url: string,
  ) {}

  static async open(url: string): Promise<TemporalUi> {
    const browser = await chromium.launch({ executablePath: chromiumPath(), args: QUIET });
    const context = await browser.newContext({ viewport: { width: 1440, height: 2000 } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    return new TemporalUi(browser, page, url);
  }

  /** From the list of workflows, by its id. */
  async openWorkflow(workflowId: string): Promise<void> {
    await this.page.goto(`${this.url}/namespaces/default/workflows`);
    await this.page.getByRole('link', { name: workflowId, exact: true }).first().click();
    await this.tab('User Metadata').waitFor();
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name }).or(this.page.getByRole('link', { name })).first();
  }

  /** The rendered "Current Details". */
  async details(): Promise<FrameLocator> {
    await this.tab('User Metadata').click();
    return this.page.frameLocator('iframe[title="output"]').last();
  }

  /** Asks the worker again, as the UI says: "Press the R for freshness". */
  async refresh(): Promise<void> {
    await this.page.getByText('Current Details').click();
    await this.page.keyboard.press('r');
  }

  /** The dialog from More Actions, with its menu of names open. */
  async choose(kind: Kind): Promise<Locator> {
    await this.page.getByRole('button', { name: 'More Actions' }).click();
    await this.page.getByRole('menuitem', { name: kind === 'Signal' ? 'Send a Signal' : 'Send an Update' }).click();
    const dialog = this.page.getByRole('dialog');
    await dialog.getByRole('button', { name: kind === 'Signal' ? 'Select a signal' : 'Select an update' }).click();
    return dialog;
  }

  /** Picks the name from the menu, pastes the clipboard, presses Submit. */
  async submit(dialog: Locator, name: string): Promise<void> {
    await dialog
      .getByRole('option')
      .filter({ has: this.page.getByText(name, { exact: true }) })
      .click();
    await dialog.getByRole('textbox', { name: 'Data' }).click();
    // The dialog keeps what was sent last.
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.press('Control+V');
    await until(() => this.#press(dialog), { what: `${name} is sent`, timeoutMs: 30_000 });
  }

  /** Left, the editor lays the JSON out anew and Submit moves away from under the click that left it: nothing is sent. */
  async #press(dialog: Locator): Promise<boolean> {
    const sent = this.page.waitForRequest(/\/workflows\/[^/]+\/(signal|update)\//, { timeout: 2_000 });
    const [answer] = await Promise.allSettled([sent, dialog.getByRole('button', { name: 'Submit' }).click()]);
    return answer.status === 'fulfilled';
  }

  /** By the cross: an open menu lies over the other button. */
  async dismiss(dialog: Locator): Promise<void> {
    await dialog.getByRole('button', { name: 'Cancel' }).first().click();
    await dialog.waitFor({ state: 'hidden' });
  }

  /** Selects a line as one does, with three clicks, and copies it. */
  async copy(line: Locator): Promise<void> {
    await line.click({ clickCount: 3 });
    await this.page.keyboard.press('Control+C');
  }

  async copyText(text: string): Promise<void> {
    await this.page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  }

  copied(): Promise<string> {
    return this.page.evaluate('navigator.clipboard.readText()');
  }

  /** Kept where TASKRUN_TEST_SHOTS names a folder, to be looked at. */
  async shot(name: string): Promise<void> {
    const folder = process.env['TASKRUN_TEST_SHOTS'];
    if (folder === undefined || folder === '') return;
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}

function chromiumPath(): string {
  const given = process.env['TASKRUN_TEST_CHROMIUM'];
  if (given !== undefined && given !== '') return given;
  return execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
}
