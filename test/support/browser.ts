import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type ConsoleMessage, type Page } from 'playwright-core';
import { harness, prepared } from './harness.js';

/** How long a page may take for one step; for a busy machine. */
const STEP_MAX_MS = 60_000;
const SIZE = { width: 1_200, height: 900 };

/** The browser the test command found or unpacked. */
export function startBrowser(): Promise<Browser> {
  const found = JSON.parse(prepared('TEST_BROWSER_ENV')) as Record<string, string>;
  return chromium.launch({
    executablePath: prepared('TEST_BROWSER'),
    env: { ...stringsOf(process.env), ...found },
    timeout: STEP_MAX_MS,
  });
}

/** What a page complained of: errors on its console, refusals by its Content-Security-Policy, exceptions nobody caught. */
export type Complaints = string[];

/**
 * One story in a window of its own. When it fails, a picture of how the page looked then is kept beside the logs, and
 * the failure says where.
 */
export function inWindow(browser: () => Browser, story: (page: Page, complaints: Complaints) => Promise<void>) {
  return async (): Promise<void> => {
    const context = await browser().newContext({ viewport: SIZE });
    context.setDefaultTimeout(STEP_MAX_MS);
    const page = await context.newPage();
    const complaints = listenTo(page);
    try {
      await story(page, complaints);
    } catch (error) {
      throw new Error(`${String(error)}\non ${page.url()}; as it looked: ${await picture(page)}`, { cause: error });
    } finally {
      await context.close();
    }
  };
}

function listenTo(page: Page): Complaints {
  const complaints: Complaints = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message: ConsoleMessage) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return complaints;
}

async function picture(page: Page): Promise<string> {
  const folder = join(harness().stateDir, 'logs', 'browser');
  mkdirSync(folder, { recursive: true });
  const name = (expect.getState().currentTestName ?? 'story').replaceAll(/\W+/g, '-');
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  return path;
}

function stringsOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
