import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '@walq/test-support';
import { nodeDisk, openStore, quarantineSegment } from '@walq/wal-core/internal';
import { nameOf, namesOf } from '../scene/index.ts';
import { expectAccessible, expectNoSideways, openPage, picture } from './browser.ts';
import { watchedScene, type Watched } from './watched-scene.ts';

/** Segments 1 to `last`, flushed but for the last one. */
async function flushed({ scene, start }: Watched, last: number): Promise<void> {
  await scene.writeSegments(1, last, 200_000);
  const producer = await start('producer');
  await producer.waitForLine(/producer ready/);
  await eventually(() => scene.markFlushed(nameOf(last - 1)));
}

test('shows a backlog that waits, and how it drains, without a reload', async () => {
  const watched = await watchedScene();
  await flushed(watched, 31);
  const { page, troubles } = await openPage(watched.url);
  await page.getByText('No worker is running for this source; 30 segments wait').waitFor();
  expect(await page.title()).toBe('✗ action required – walq');
  await page.getByText('30 segments, 6.00 MB').waitFor();
  await picture(page, 'no-worker');
  await page.evaluate(() => Object.assign(globalThis, { isSame: true }));

  await watched.start('worker', '--concurrency', '2');
  await page.getByText('0 segments, 0 B').waitFor();
  await page.getByText('All flushed WAL is in the archive.').waitFor();
  await eventually(async () => expect(await page.title()).toBe('✓ ok – walq'));
  await page.getByText('nothing waits').waitFor();
  await page.getByText('of 2 threads busy').waitFor();
  expect(await page.evaluate(() => 'isSame' in globalThis)).toBe(true);
  await expectAccessible(page);

  await page.getByRole('heading', { name: 'orders' }).getByRole('link').click();
  await page.getByRole('heading', { name: 'Map of the archive' }).waitFor();
  await eventually(async () => expect(await page.locator('.map .cell').count()).toBe(30));
  await page.getByRole('rowheader', { name: /compress/ }).waitFor();
  expect(troubles).toEqual([]);
});

test('what one cause holds is one card with its number, and the page stays short', async () => {
  const more = ['a', 'b', 'c'].map(
    (name) => `[sources.${name}]\ntype = "log"\npath = "wal-${name}"`,
  );
  const watched = await watchedScene(['read_only = true', ...more].join('\n'));
  const { scene } = watched;
  for (const name of ['a', 'b', 'c']) await mkdir(join(scene.root, `wal-${name}`));
  await flushed(watched, 61);
  const store = openStore(scene.archive, { disk: nodeDisk });
  const about = { message: 'odd', hint: 'look', quarantinedAt: new Date().toISOString() };
  for (const segment of namesOf(1, 60)) {
    const reason = { ...about, segment, code: 'duplicate', worker: 'w' } as const;
    await quarantineSegment(store, 'orders', reason);
  }
  await rm(join(scene.root, 'wal-a'), { recursive: true });
  const { page, troubles } = await openPage(watched.url);
  await page.getByText('60 in quarantine').waitFor();
  await page.getByText('in quarantine, 60 segments').waitFor();
  // One for the quarantine, one for the source that is missing.
  await eventually(async () => expect(await page.locator('.entries li').count()).toBe(2));
  expect(await page.locator('.sentence').textContent()).toBe('Action required for a.');
  expect(await page.getByText('nothing yet').count()).toBe(2);
  await expectAccessible(page);
  await picture(page, 'one-cause');
  expect(await page.evaluate<number>('document.documentElement.scrollHeight')).toBeLessThan(2_500);
  expect(troubles).toEqual([]);
});

test('a segment is released from quarantine and a gap acknowledged, by clicks', async () => {
  const watched = await watchedScene();
  const { scene } = watched;
  await scene.writeSegments(1, 13, 50_000);
  await rm(join(scene.source, nameOf(4)));
  await symlink('elsewhere', join(scene.source, nameOf(4)));
  await rm(join(scene.source, nameOf(8)));
  const producer = await watched.start('producer');
  await producer.waitForLine(/producer ready/);
  await eventually(() => scene.markFlushed(nameOf(12)));
  await watched.start('worker');

  const { page, troubles } = await openPage(`${watched.url}/#/sources/orders`);
  await page.getByText('1 in quarantine').waitFor();
  await page.getByText('is a symbolic link, a segment is a regular file').waitFor();
  await page.locator('.map .cell.quarantined').waitFor();
  await page.locator('.map .cell.missing').waitFor();
  await expectAccessible(page);
  await picture(page, 'source');
  // What the map shows can be opened: a part of it, and what stands behind a single cell.
  await page.locator('.map .cell.quarantined').click();
  expect(await page.evaluate('document.activeElement.id')).toBe('quarantine-title');
  await page.locator('.map .cell.missing').click();
  expect(await page.evaluate('document.activeElement.id')).toBe('gaps-title');

  // The reason is mended first, as the hint says.
  await rm(join(scene.source, nameOf(4)));
  await writeFile(join(scene.source, nameOf(4)), 'records');
  await page.getByRole('button', { name: 'Release' }).click();
  const dialog = page.getByRole('dialog', { name: 'Release' });
  await dialog.getByText('its source is kept either way').waitFor();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Release' }).click();
  await page.getByText(`${nameOf(4)} is released`).waitFor();
  await scene.untilArchived([nameOf(4)]);

  await page.getByRole('button', { name: 'Acknowledge' }).click();
  const gap = page.getByRole('dialog', { name: 'Acknowledge' });
  await gap.getByRole('textbox').fill('Lost with disk 3 in May.');
  await gap.getByRole('button', { name: 'Acknowledge' }).click();
  await page.getByRole('cell', { name: /Lost with disk 3 in May/ }).waitFor();
  await page.locator('.map .cell.acknowledged').waitFor();
  await page.getByText('1 gap explained').waitFor();
  const verified = await scene.walq('verify', '--json');
  expect(verified.code).toBe(0);
  expect(troubles).toEqual([]);
});

test('a source is paused and resumed; cancelling does nothing', async () => {
  const watched = await watchedScene();
  await flushed(watched, 4);
  const { page } = await openPage(`${watched.url}/#/sources/orders`);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
  await page.getByText('orders is paused').waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
  await page.getByText('orders goes on').waitFor();
});

test('the map is walked by keyboard, opened and left', async () => {
  const watched = await watchedScene();
  await flushed(watched, 6);
  const { page } = await openPage(`${watched.url}/#/sources/orders`);
  await page.locator('.map .cell').nth(4).waitFor();
  await page.locator('.map .cell').first().focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.locator('.cell-detail', { hasText: nameOf(3) }).waitFor();
  await page.keyboard.press('End');
  await page.locator('.cell-detail', { hasText: nameOf(5) }).waitFor();
  expect(await page.locator('.map .cell[tabindex="0"]').count()).toBe(1);
});

test('the queue board is reached, and leads back', async () => {
  const watched = await watchedScene();
  const { page, troubles } = await openPage(watched.url);
  await page.getByRole('link', { name: 'Queue board' }).click();
  await page.getByText('wal-archive-orders').first().waitFor();
  await page.getByText('Loading').waitFor({ state: 'detached' });
  await picture(page, 'queue-board');
  // Its links to elsewhere are in the menu at the right.
  await page.locator('header button').last().click();
  await page.getByText('Archive page').first().click();
  await page.getByRole('heading', { name: 'Sources' }).waitFor();
  expect(troubles).toEqual([]);
});

test('where it only shows, nothing can be done', async () => {
  const watched = await watchedScene('');
  await flushed(watched, 4);
  const { page } = await openPage(`${watched.url}/#/sources/orders`);
  await page.getByRole('heading', { name: 'Quarantine' }).waitFor();
  await page.getByText('read-only').waitFor();
  expect(await page.getByRole('button', { name: /Pause|Release|Acknowledge|Retry/ }).count()).toBe(
    0,
  );
});

test('says that it cannot be reached, and goes on when it can', async () => {
  const watched = await watchedScene();
  const { page } = await openPage(watched.url);
  await page.getByRole('heading', { name: 'Sources' }).waitFor();
  await watched.dashboard.kill('SIGKILL');
  await page.getByRole('alert').getByText('cannot be reached').waitFor();
  await watched.start('dashboard');
  await page.getByRole('alert').waitFor({ state: 'detached' });
  // The page was loaded from the dashboard of before, and acts on the new one.
  await page.getByRole('heading', { name: 'orders' }).getByRole('link').click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
  await page.getByText('orders is paused').waitFor();
});

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['dark', 360],
  ['light', 360],
] as const)('is readable and accessible in %s at %d pixels', async (colorScheme, width) => {
  const watched = await watchedScene();
  const { scene } = watched;
  await scene.writeSegments(1, 9, 50_000);
  await rm(join(scene.source, nameOf(4)));
  await symlink('elsewhere', join(scene.source, nameOf(4)));
  const producer = await watched.start('producer');
  await producer.waitForLine(/producer ready/);
  await eventually(() => scene.markFlushed(nameOf(8)));
  await watched.start('worker');
  const { page, troubles } = await openPage(watched.url, { colorScheme, width });
  await page.getByText('1 in quarantine').waitFor();
  await page.getByText('of 2 threads busy').waitFor();
  const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
  expect(ground).toBe(colorScheme === 'dark' ? 'rgb(17, 20, 26)' : 'rgb(244, 245, 248)');
  await expectAccessible(page);
  await expectNoSideways(page);
  await picture(page, `overview-${colorScheme}-${width}`);
  await page.getByRole('heading', { name: 'orders' }).getByRole('link').click();
  await page.locator('.map .cell.quarantined').waitFor();
  await expectAccessible(page);
  await expectNoSideways(page);
  await picture(page, `source-${colorScheme}-${width}`);
  expect(troubles).toEqual([]);
});
