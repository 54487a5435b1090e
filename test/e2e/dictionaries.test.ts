import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openLog } from '@walq/wal-core/internal';
import {
  eventually,
  recordsText,
  startRedis,
  temporaryDirectory,
  visibleObjects,
  type RunningProcess,
} from '@walq/test-support';
import { expect, test } from 'vitest';
import { runWalq, startWalq } from '../scene/index.ts';

const run = promisify(execFile);
const SEGMENT_BYTES = 16 * 1024;
const RECORD_BYTES = 500;
const SEGMENTS = 120;
const LONG_MS = 300_000;
const PATIENCE = { timeoutMs: 120_000 };

/** An engine with walq's own log, an archive for it, and a second one that goes without dictionaries. */
class Site {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  at(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  async configure(redisUrl: string): Promise<void> {
    await writeFile(
      this.at('walq.toml'),
      `[redis]
url = "${redisUrl}"
[archive]
url = "file://${this.at('archive')}"
[compression]
dictionary = "train"
[sources.orders]
type = "log"
path = '${this.at('wal')}'
`,
    );
  }

  /** Appends records until so many more segments are sealed, keeps copies aside, and gives their names. */
  async append(count: number, family: string): Promise<string[]> {
    const sealed: string[] = [];
    const log = await openLog({
      directory: this.at('wal'),
      segmentBytesMax: SEGMENT_BYTES,
      onSealed: ({ name }) => sealed.push(name),
    });
    try {
      for (let record = 0; sealed.length < count; record += 1) {
        await log.append(Buffer.from(recordsText(record, RECORD_BYTES, family)));
      }
    } finally {
      await log.close();
    }
    for (const name of sealed) await copyFile(this.at('wal', name), this.at('originals', name));
    return sealed;
  }

  walq(...args: string[]) {
    return runWalq(args, { cwd: this.root });
  }

  /** What it printed. @throws when it does not succeed */
  async succeed(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.walq(...args);
    if (code !== 0) throw new Error(`walq ${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  }

  /** What became of it, and the SHA-256 of the best dictionary. */
  async train(): Promise<{ outcome: string; best: string }> {
    const said = await this.succeed('train', 'orders', '--json');
    return JSON.parse(said) as { outcome: string; best: string };
  }

  start(...role: string[]) {
    return startWalq(role, { cwd: this.root });
  }

  /** Appends as `append` does, and says that all of it is flushed. */
  async flush(count: number, family: string): Promise<string[]> {
    const sealed = await this.append(count, family);
    await this.succeed('mark-flushed', 'orders', sealed.at(-1) ?? '');
    return sealed;
  }

  /** Two worker processes and a producer, until these segments are archived and gone; what they said. */
  async archive(names: readonly string[]): Promise<string> {
    const roles = [['producer'], ['worker'], ['worker']];
    const running = await Promise.all(roles.map((role) => this.start(...role)));
    await this.untilGone(names);
    for (const role of running) await role.kill('SIGTERM');
    return running.map(({ stdout }) => stdout).join('');
  }

  async untilGone(names: readonly string[]): Promise<void> {
    const gone = async () => {
      const left = (await readdir(this.at('wal'))).filter((name) => names.includes(name));
      if (left.length > 0) throw new Error(`${left.length} segments are left`);
    };
    await eventually(gone, PATIENCE);
  }

  dictionaryPath(sha256: string): string {
    return this.at('archive/orders/_walq/dictionaries', `${sha256}.dict`);
  }
}

async function newSite(): Promise<Site> {
  const site = new Site((await temporaryDirectory('site')).path);
  for (const folder of ['wal', 'archive', 'plain', 'originals']) await mkdir(site.at(folder));
  return site;
}

/** Of all files of the source within an archive, records and dictionaries too. */
async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = files.map(async (file) => (await stat(join(file.parentPath, file.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

interface Restored {
  /** SHA-256 of the dictionary that the object names, empty where it names none. */
  readonly dictionary: string;
  readonly isSame: boolean;
}

/** Every object as the zstd tool decodes it, with its original. */
async function restoredByTool(site: Site): Promise<Restored[]> {
  const restored: Restored[] = [];
  for (const { path, segment = '' } of await visibleObjects(site.at('archive/orders'))) {
    const manifest = await readFile(path, 'latin1');
    const [, dictionary = ''] = /"dictionary":"([0-9a-f]{64})"/.exec(manifest) ?? [];
    const using = dictionary === '' ? [] : ['-D', site.dictionaryPath(dictionary)];
    const { stdout } = await run('zstd', [...using, '-dcq', path], { encoding: 'buffer' });
    const isSame = stdout.equals(await readFile(site.at('originals', segment)));
    restored.push({ dictionary, isSame });
  }
  return restored;
}

test(
  'a source is trained, archived by two workers, trained again, and all of it comes back',
  { timeout: LONG_MS },
  async () => {
    const redis = await startRedis();
    const site = await newSite();
    await site.configure(redis.url);

    const early = await site.append(SEGMENTS, 'orders');
    await site.succeed('mark-flushed', 'orders', early.at(-1) ?? '');
    const plain = ['archive', 'wal', '--to', 'plain', '--source', 'orders'];
    await site.succeed(...plain, '--up-to', early.at(-1) ?? '');
    const { outcome, best: first } = await site.train();
    expect(outcome).toBe('stored');
    expect(await site.archive(early)).toMatch(
      new RegExp(`"dictionary":"${first}".*dictionary in use`),
    );
    const without = await bytesBelow(site.at('plain/orders'));
    expect(await bytesBelow(site.at('archive/orders'))).toBeLessThan(0.9 * without);

    const late = await site.append(SEGMENTS, 'payments');
    await site.succeed('mark-flushed', 'orders', late.at(-1) ?? '');
    const { best: second } = await site.train();
    expect(second).not.toBe(first);
    await site.archive(late);

    const restored = await restoredByTool(site);
    expect(restored).toHaveLength(2 * SEGMENTS);
    expect(restored.filter(({ isSame }) => !isSame)).toEqual([]);
    const madeWith = (one: string) =>
      restored.filter(({ dictionary }) => dictionary === one).length;
    expect([madeWith(first), madeWith(second)]).toEqual([SEGMENTS, SEGMENTS]);

    const verified = await site.walq('verify', '--deep', '--json');
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, segments: 2 * SEGMENTS });
    expect((await site.walq('restore', 'orders', '--to', 'back')).code).toBe(0);
    for (const name of [...early, ...late]) {
      const back = await readFile(site.at('back', name));
      expect(back.equals(await readFile(site.at('originals', name)))).toBe(true);
    }
    const shown = await site.walq('show', late.at(-1) ?? '');
    expect(shown.stdout).toContain(`dictionary ${second}`);

    await rename(site.dictionaryPath(first), site.at('aside'));
    const missing = await site.walq('verify', '--deep');
    expect(missing.code).toBe(1);
    expect(missing.stdout).toContain(`0 corrupt, ${SEGMENTS} without their dictionary`);
    const refused = await site.walq('restore', 'orders', '--to', 'again');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('dictionary-missing');
    expect(refused.stderr).toContain(`hint: Put the dictionary back`);
    await copyFile(site.dictionaryPath(second), site.dictionaryPath(first));
    const wrong = await site.walq('restore', 'orders', '--to', 'again');
    expect(wrong.stderr).toContain('dictionary-corrupt');
    await rename(site.at('aside'), site.dictionaryPath(first));
    expect((await site.walq('restore', 'orders', '--to', 'again')).code).toBe(0);
  },
);

/** Feeds the worker until it logs that it uses this dictionary: a worker checks for one at intervals, while it has work. */
async function untilUsed(site: Site, worker: RunningProcess, sha256: string, family: string) {
  const used = new RegExp(`"dictionary":"${sha256}".*dictionary in use`);
  const attempt = async () => {
    await site.flush(1, family);
    expect(worker.stdout).toMatch(used);
  };
  await eventually(attempt, { ...PATIENCE, everyMs: 1_000 });
}

test(
  'a worker at work follows a training, and the next one, and zstd reads all that it archived',
  { timeout: LONG_MS },
  async () => {
    const redis = await startRedis();
    const site = await newSite();
    await site.configure(redis.url);
    const early = await site.flush(SEGMENTS / 2, 'orders');
    const [producer, worker] = [await site.start('producer'), await site.start('worker')];
    await site.untilGone(early);

    const { best: first } = await site.train();
    await untilUsed(site, worker, first, 'orders');
    const late = await site.flush(2 * SEGMENTS, 'payments');
    await site.untilGone(late);
    const { outcome, best: second } = await site.train();
    expect(outcome).toBe('stored');
    await untilUsed(site, worker, second, 'payments');
    await site.flush(1, 'payments');
    await site.untilGone(await readdir(site.at('originals')));
    for (const role of [producer, worker]) expect((await role.kill('SIGTERM')).code).toBe(0);

    const restored = await restoredByTool(site);
    expect(restored.filter(({ isSame }) => !isSame)).toEqual([]);
    expect(new Set(restored.map(({ dictionary }) => dictionary))).toEqual(
      new Set(['', first, second]),
    );
    expect(restored).toHaveLength((await readdir(site.at('originals'))).length);
  },
);
