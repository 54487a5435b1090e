import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '@walq/test-support';
import { nodeDisk, openStore, quarantineSegment } from '@walq/wal-core/internal';
import { nameOf, namesOf } from '../scene/index.ts';
import { expectAccessible, expectNoHorizontalScroll, openPage, picture } from './browser.ts';
import { watchedScene, type Watched } from './watched-scene.ts';

/** Writes segments 1 to `last`; all but the last are flushed. */
async function flushed({ scene, start }: Watched, last: number): Promise<void> {
  await scene.writeSegments(1, last, 200_000);
  const producer = await start('producer');
  await producer.waitForLine(/producer ready/);
  await eventually(() => scene.markFlushed(nameOf(last - 1)));
}

test('shows a backlog and how it drains, without a reload', async () => {
  const watched = await watchedScene();
  await flushed(watched, 31);
  const { page, troubles } = await openPage(watched.url);
  await page.getByText('No worker is running for this source; 30 segments wait').waitFor();
  expect(await page.title()).toBe('● Action required – walq');
  await page.getByText('30 segments, 6.00 MB').waitFor();
  await picture(page, 'no-worker');
  await page.evaluate(() => Object.assign(globalThis, { isSame: true }));

  await watched.start('worker', '--concurrency', '2');
  await page.getByText('0 segments, 0 B').waitFor();
  await page.getByText('All flushed WAL is archived.').waitFor();
  await eventually(async () => expect(await page.title()).toBe('OK – walq'));
  await page.getByText('no backlog').waitFor();
  await page.getByText('of 2 threads busy').waitFor();
  expect(await page.evaluate(() => 'isSame' in globalThis)).toBe(true);
  await expectAccessible(page);

  await page.getByRole('heading', { name: 'orders' }).getByRole('link').click();
  await page.getByRole('heading', { name: 'Archive map' }).waitFor();
  await eventually(async () => expect(await page.locator('.map .cell').count()).toBe(30));
  await page.getByRole('rowheader', { name: /compress/ }).waitFor();
  expect(troubles).toEqual([]);
});

test('shows one card for each cause, with the number of segments', async () => {
  const more = ['a', 'b', 'c'].map(
    (name) => `[sources.${name}]\ntype = "log"\npath = "wal-${name}"`,
  );
  const watched = await watchedScene(['read_only = true', ...more].join('\n'));
  const { scene } = watched;
  for (const name of ['a', 'b', 'c']) await mkdir(join(scene.root, `wal-${name}`));
  await flushed(watched, 61);
  const store = openStore(scene.archive, { disk: nodeDisk });
  const about = { message: 'odd', hint: 'check', quarantinedAt: new Date().toISOString() };
  for (const segment of namesOf(1, 60)) {
    const reason = { ...about, segment, code: 'duplicate', worker: 'w' } as const;
    await quarantineSegment(store, 'orders', reason);
  }
  await rm(join(scene.root, 'wal-a'), { recursive: true });
  const { page, troubles } = await openPage(watched.url);
  await page.getByText('60 in quarantine').waitFor();
  await page.getByText('in quarantine, 60 segments').waitFor();
  // One card for the quarantine, one for the missing source.
  await eventually(async () => expect(await page.locator('.entries li').count()).toBe(2));
  expect(await page.locator('.sentence').textContent()).toBe('Action required for a.');
  expect(await page.getByText('No data yet').count()).toBe(2);
  await expectAccessible(page);
  await picture(page, 'one-cause');
  expect(await page.evaluate<number>('document.documentElement.scrollHeight')).toBeLessThan(2_500);
  expect(troubles).toEqual([]);
});

test('releases a segment from quarantine and acknowledges a gap', async () => {
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
  await page.getByText('is a symbolic link; a segment must be a regular file').waitFor();
  await page.locator('.map .cell.quarantined').waitFor();
  await page.locator('.map .cell.missing').waitFor();
  await expectAccessible(page);
  await picture(page, 'source');
  // A click on a single cell leads to the list that explains it.
  await page.locator('.map .cell.quarantined').click();
  expect(await page.evaluate('document.activeElement.id')).toBe('quarantine-title');
  await page.locator('.map .cell.missing').click();
  expect(await page.evaluate('document.activeElement.id')).toBe('gaps-title');

  // The cause is fixed first, as the hint says.
  await rm(join(scene.source, nameOf(4)));
  await writeFile(join(scene.source, nameOf(4)), 'records');
  await page.getByRole('button', { name: 'Release' }).click();
  const dialog = page.getByRole('dialog', { name: 'Release' });
  await dialog.getByText('Its source is kept in either case').waitFor();
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
  await page.getByText('1 gap acknowledged').waitFor();
  const verified = await scene.walq('verify', '--json');
  expect(verified.code).toBe(0);
  expect(troubles).toEqual([]);
});

test('pauses and resumes a source; Cancel does nothing', async () => {
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
  await page.getByText('orders is resumed').waitFor();
});

test('moves through the map by keyboard', async () => {
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

test('links to the queue board and back', async () => {
  const watched = await watchedScene();
  const { page, troubles } = await openPage(watched.url);
  await page.getByRole('link', { name: 'Queue board' }).click();
  await page.getByText('wal-archive-orders').first().waitFor();
  await page.getByText('Loading').waitFor({ state: 'detached' });
  await picture(page, 'queue-board');
  // The board's menu at the right has the link.
  await page.locator('header button').last().click();
  await page.getByText('Archive page').first().click();
  await page.getByRole('heading', { name: 'Sources' }).waitFor();
  expect(troubles).toEqual([]);
});

test('offers no actions in read-only mode', async () => {
  const watched = await watchedScene('');
  await flushed(watched, 4);
  const { page } = await openPage(`${watched.url}/#/sources/orders`);
  await page.getByRole('heading', { name: 'Quarantine' }).waitFor();
  await page.getByText('read-only').waitFor();
  expect(await page.getByRole('button', { name: /Pause|Release|Acknowledge|Retry/ }).count()).toBe(
    0,
  );
});

test('says when the connection is lost, and reconnects', async () => {
  const watched = await watchedScene();
  const { page } = await openPage(watched.url);
  await page.getByRole('heading', { name: 'Sources' }).waitFor();
  await watched.dashboard.kill('SIGKILL');
  await page.getByRole('alert').getByText('Connection to the dashboard lost').waitFor();
  expect(await page.title()).toBe('? Connection lost – walq');
  await watched.start('dashboard');
  await page.getByRole('alert').waitFor({ state: 'detached' });
  // The page was loaded from the killed dashboard; its actions work on the restarted one.
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
  await expectNoHorizontalScroll(page);
  await picture(page, `overview-${colorScheme}-${width}`);
  await page.getByRole('heading', { name: 'orders' }).getByRole('link').click();
  await page.locator('.map .cell.quarantined').waitFor();
  await expectAccessible(page);
  await expectNoHorizontalScroll(page);
  await picture(page, `source-${colorScheme}-${width}`);
  expect(troubles).toEqual([]);
});
