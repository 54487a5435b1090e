/**
 * How soon the archive page shows an archive of many segments: a real dashboard, a real browser.
 *
 *     node dist/page.js [SEGMENTS]
 */
import { archiveKeyOf, keyPath, nodeDisk, openSource, openStore } from '@walq/wal-core/internal';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import { median } from './figures.ts';
import { startRedis } from './redis.ts';
import { binarySource } from './binary-source.ts';
import { projectWalq } from './role.ts';

const ROUNDS = 7;
const count = Number(process.argv[2] ?? '100000');
const root = mkdtempSync(join(process.env['WALQ_BENCH_DIR'] ?? '/var/tmp', 'walq-bench-page-'));
const redis = await startRedis();
try {
  await fill();
  const { dashboard, url } = await startDashboard();
  const { paintMs, shownMs } = await open(url);
  console.log(
    `${count} archived segments: first contentful paint ${paintMs} ms, figures shown after ${shownMs} ms (medians of ${ROUNDS})`,
  );
  dashboard.kill();
  await once(dashboard, 'exit');
} finally {
  await redis.stop();
  rmSync(root, { recursive: true });
}

/** Names are all that the page needs of an object, so these are empty. */
async function fill(): Promise<void> {
  const source = binarySource('orders', join(root, 'wal'));
  for (const folder of ['wal', 'archive']) mkdirSync(join(root, folder));
  const store = openStore(join(root, 'archive'), { disk: nodeDisk });
  await openSource({ disk: nodeDisk, source, store, registerIfNew: true });
  for (let number = 1; number <= count; number += 1) {
    const segment = source.naming.parse(`wal-${number}.bin`);
    if (segment === undefined) throw new Error('this is a name of a segment');
    const path = join(root, 'archive', keyPath(archiveKeyOf(source.name, segment)));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }
}

async function startDashboard(): Promise<{ dashboard: ChildProcess; url: string }> {
  const toml = `[redis]\nurl = "${redis.url}"\n[archive]\nurl = "archive"
[dashboard]\nlisten = "127.0.0.1:0"\n[metrics]\nlisten = "off"
[sources.orders]\ntype = "directory"\npath = "wal"
pattern = '^wal-(?<number>\\d+)\\.bin$'\nafter_archive = "delete"\n`;
  const config = join(root, 'walq.toml');
  writeFileSync(config, toml);
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const dashboard = spawn(projectWalq, ['dashboard', '--config', config], { stdio: [...stdio] });
  if (dashboard.stdout === null) throw new Error('the dashboard has no output');
  for await (const line of createInterface(dashboard.stdout)) {
    const url = /"url":"(?<url>[^"]+)"/.exec(line)?.groups?.['url'];
    if (url !== undefined) return { dashboard, url };
  }
  throw new Error('the dashboard ended before it was ready');
}

async function open(url: string): Promise<{ paintMs: number; shownMs: number }> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
  const paints: number[] = [];
  const shown: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const page = await (await browser.newContext()).newPage();
    const beganMs = performance.now();
    await page.goto(url);
    await page.getByText(count.toLocaleString('en-US'), { exact: true }).waitFor();
    shown.push(Math.round(performance.now() - beganMs));
    const paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime";
    paints.push(Math.round(await page.evaluate<number>(paint)));
    await page.close();
  }
  await browser.close();
  // The first round waits for the first scan of the archive, and for the browser itself.
  return { paintMs: median(paints.slice(1)), shownMs: median(shown.slice(1)) };
}
