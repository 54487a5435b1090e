import axe from 'axe-core';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

/** Chromium makes no requests of its own with these. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Appearance {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
}

/** A new browser with a page on it, closed when the test ends. */
export async function openPage(
  url: string,
  { colorScheme = 'light', width = 1280 }: Appearance = {},
) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
  onTestFinished(() => browser.close());
  // The user name that an authenticating proxy sends; a dashboard without trusted_proxy ignores it.
  const extraHTTPHeaders = { 'x-forwarded-user': 'ada' };
  const viewport = { width, height: 900 };
  const context = await browser.newContext({ colorScheme, viewport, extraHTTPHeaders });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text());
  });
  page.on('request', (request) => {
    const asked = request.url();
    if (!asked.startsWith(new URL(url).origin) && !asked.startsWith('data:'))
      troubles.push(`asked ${asked}`);
  });
  await page.goto(url);
  return { page, troubles };
}

/** Fails on accessibility violations that axe finds. */
export async function expectAccessible(page: Page): Promise<void> {
  // Evaluated, not added as a script: the page's content security policy would block that.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe: there } = globalThis as unknown as { axe: typeof axe };
    const { violations } = await there.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
  expect(found).toEqual([]);
}

export async function expectNoHorizontalScroll(page: Page): Promise<void> {
  const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  expect(overflow).toBeLessThanOrEqual(0);
}

/** Saves a screenshot if WALQ_SCREENSHOTS names a folder. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['WALQ_SCREENSHOTS'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
