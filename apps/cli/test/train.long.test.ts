import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import {
  eventually,
  recordsText,
  temporaryDirectory,
  type TemporaryDirectory,
} from '@walq/test-support';
import { describe, expect, it } from 'vitest';
import { startWalq, walq, walqProcess } from './walq.ts';

interface Report {
  readonly outcome: string;
  readonly level: number;
  readonly best: string | null;
  readonly trainedSegments: number;
  readonly measuredSegments: number;
  readonly segments: number;
  readonly archiveBytesWithout: number;
  readonly dictionaries: readonly {
    readonly origin: string;
    readonly dictionary: string;
    readonly bytes: number;
    readonly archiveBytes: number;
    readonly savedShare: number;
  }[];
}

const nameOf = (number: number) => `wal-${String(number).padStart(6, '0')}.bin`;

/** A source whose segments are flushed but for the last, an archive, and a place for temporary files. */
class Place {
  readonly directory: TemporaryDirectory;

  constructor(directory: TemporaryDirectory) {
    this.directory = directory;
  }

  at(...parts: string[]): string {
    return this.directory.at(...parts);
  }

  env(more: Record<string, string> = {}) {
    const home = { XDG_CACHE_HOME: this.at('cache'), XDG_STATE_HOME: this.at('state') };
    return { cwd: this.directory.path, env: { ...home, TMPDIR: this.at('tmp'), ...more } };
  }

  train(...args: string[]) {
    return walq(['train', 'orders', ...args], this.env());
  }

  async report(...args: string[]): Promise<Report> {
    const { stdout } = await this.train('--json', ...args);
    return JSON.parse(stdout) as Report;
  }

  async write(from: number, to: number, content: (number: number) => string | Buffer) {
    for (let number = from; number <= to; number += 1) {
      await writeFile(this.at('wal', nameOf(number)), content(number));
    }
    const { code, stderr } = await walq(['mark-flushed', 'orders', nameOf(to - 1)], this.env());
    if (code !== 0) throw new Error(stderr);
  }

  /** What is below `_walq` in the archive. */
  async kept(folder: string): Promise<string[]> {
    const none: string[] = [];
    const names = await readdir(this.at('archive/orders/_walq', folder)).catch(() => none);
    return names.toSorted();
  }

  temporary(): Promise<string[]> {
    return readdir(this.at('tmp'));
  }

  /** In the place of the zstd tool. */
  async tool(script: string): Promise<string> {
    const path = this.at('tool');
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    return path;
  }
}

const records = (number: number) => recordsText(number, 4_096);

async function newPlace(count: number, level: string = '3'): Promise<Place> {
  const place = new Place(await temporaryDirectory('train'));
  for (const folder of ['wal', 'archive', 'tmp']) await mkdir(place.at(folder));
  await writeFile(
    place.at('walq.toml'),
    `[archive]
url = "file://${place.at('archive')}"
[compression]
level = ${level}
dictionary = "train"
[sources.orders]
type = "directory"
path = '${place.at('wal')}'
pattern = '^wal-(?<number>\\d+)\\.bin$'
after_archive = "delete"
`,
  );
  if (count > 0) await place.write(1, count, records);
  return place;
}

/** Each command takes its time to start and to train, on a machine that does other work. */
const LONG_MS = 180_000;

describe('walq train', { timeout: LONG_MS }, () => {
  it('keeps a dictionary that pays, says what each would bring, and leaves nothing behind', async () => {
    const place = await newPlace(121);
    const { code, stdout } = await place.train();
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /orders: trained on 90 segments, measured on 30 others \(average 4.10 kB, /,
    );
    expect(stdout).toMatch(/^DICTIONARY +SIZE +A SEGMENT +ARCHIVE +SAVED +PAYS AFTER$/m);
    expect(stdout).toMatch(/^none +\d/m);
    const [, stored = ''] = /^stored dictionary ([0-9a-f]{64}) and saves /m.exec(stdout) ?? [];
    expect(await place.kept('dictionaries')).toEqual([`${stored}.dict`]);
    expect(await place.kept('dictionary')).toEqual(['00000001.json']);
    const record = await readFile(
      place.at('archive/orders/_walq/dictionary/00000001.json'),
      'utf8',
    );
    expect(JSON.parse(record)).toMatchObject({ version: 1, source: 'orders', dictionary: stored });
    expect(await place.temporary()).toEqual([]);
  });

  it('trained again keeps the one in use, until segments have become others', async () => {
    const place = await newPlace(121);
    const first = await place.report();
    expect(first.outcome).toBe('stored');
    const again = await place.report();
    expect(again).toMatchObject({ outcome: 'kept', best: first.best });
    expect(again.dictionaries.map(({ origin }) => origin)).toEqual([
      'in-use',
      'trained',
      'trained',
      'trained',
    ]);
    await place.write(122, 400, (number) => recordsText(number, 4_096, 'payments'));
    const other = await place.report();
    expect(other.outcome).toBe('stored');
    expect(other.best).not.toBe(first.best);
    expect(await place.kept('dictionaries')).toEqual(
      [`${first.best}.dict`, `${other.best}.dict`].toSorted(),
    );
    expect(await place.kept('dictionary')).toEqual(['00000001.json', '00000002.json']);
  });

  it('measures without storing, over as many segments as are said', async () => {
    const place = await newPlace(121);
    const few = await place.report('--dry-run', '--segments', '5');
    const many = await place.report('--dry-run', '--segments', '1000000');
    expect(few).toMatchObject({ outcome: 'dry-run', best: null, segments: 5 });
    expect(many).toMatchObject({ outcome: 'dry-run', segments: 1_000_000 });
    expect(many.best).toMatch(/^[0-9a-f]{64}$/);
    expect(await place.kept('dictionaries')).toEqual([]);
  });

  it('refuses a dictionary that does not pay: exit 1, the table, and nothing stored', async () => {
    const place = await newPlace(0);
    await place.write(1, 61, () => randomBytes(4_096));
    const { code, stdout } = await place.train();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^none +/m);
    expect(stdout).toContain('nothing was stored: no dictionary saves 5.0%');
    expect(await place.kept('dictionaries')).toEqual([]);
    expect(await place.kept('dictionary')).toEqual([]);
    expect(await place.temporary()).toEqual([]);
  });

  it('trains on the archive where the source keeps nothing, and where it is away', async () => {
    const place = await newPlace(61);
    const args = ['archive', 'wal', '--to', 'archive', '--source', 'orders', '--up-to', nameOf(60)];
    const pattern = ['--pattern', '^wal-(?<number>\\d+)\\.bin$', '--delete'];
    expect((await walq([...args, ...pattern], place.env())).code).toBe(0);
    const archived = await place.report('--dry-run', '--segments', '10000');
    expect(archived).toMatchObject({ trainedSegments: 45, measuredSegments: 15 });
    await writeFile(place.at('wal', 'moved'), '');
    const config = await readFile(place.at('walq.toml'), 'utf8');
    await writeFile(place.at('walq.toml'), config.replace(place.at('wal'), place.at('away')));
    const { code, stderr } = await place.train('--segments', '10000');
    expect(stderr).toContain('training on the archive alone');
    expect(code).toBe(0);
  });

  it('measures at the level that auto would take', async () => {
    const place = await newPlace(0, '"auto"');
    await place.write(1, 31, (number) => recordsText(number, 30_000));
    const report = await place.report('--dry-run');
    expect([1, 2, 3]).toContain(report.level);
  });

  it('of two at once both succeed, and what they stored is whole', async () => {
    const place = await newPlace(61);
    const train = (...more: string[]) => walqProcess(['train', 'orders', ...more], place.env());
    const ends = await Promise.all([train(), train('--segments', '5000')]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    const records = await place.kept('dictionary');
    expect(records.length).toBeGreaterThanOrEqual(1);
    for (const name of records) {
      const text = await readFile(place.at('archive/orders/_walq/dictionary', name), 'utf8');
      const { dictionary } = JSON.parse(text) as { dictionary: string };
      expect(await place.kept('dictionaries')).toContain(`${dictionary}.dict`);
    }
  });
});

describe('walq train that cannot', { timeout: LONG_MS }, () => {
  it('says how to get the tool where it is missing', async () => {
    const place = await newPlace(31);
    const { code, stderr } = await walq(['train', 'orders'], place.env({ WALQ_ZSTD: 'no-zstd' }));
    expect(code).toBe(1);
    expect(stderr).toContain('the zstd tool cannot be run (no-zstd)');
    expect(stderr).toContain('apt-get install zstd');
    expect(stderr).toContain('trainer-missing');
    expect(await place.temporary()).toEqual([]);
  });

  it('says what the tool says', async () => {
    const place = await newPlace(31);
    const tool = await place.tool(
      '[ "$1" = --version ] || { echo no samples for you >&2; exit 11; }',
    );
    const { code, stderr } = await walq(['train', 'orders'], place.env({ WALQ_ZSTD: tool }));
    expect(code).toBe(1);
    expect(stderr).toContain('no samples for you');
    expect(stderr).toContain('training-failed');
    expect(await place.temporary()).toEqual([]);
  });

  it('names how many segments are there where they are too few', async () => {
    const place = await newPlace(8);
    const { code, stderr } = await place.train();
    expect(code).toBe(1);
    expect(stderr).toContain(
      'has 7 segments that are flushed or archived; training a dictionary needs 20',
    );
    expect(stderr).toContain('samples-too-few');
  });

  it.each([
    [[], 2],
    [['nobody'], 2],
    [['orders', '--segments', '0'], 2],
    [['orders', 'more'], 2],
  ])('ends with wrong usage: %j', async (args, expected) => {
    const place = await newPlace(0);
    expect((await walq(['train', ...args], place.env())).code).toBe(expected);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'leaves no temporary files and stores nothing after %s in the middle',
    async (signal) => {
      const place = await newPlace(31);
      const tool = await place.tool(
        `[ "$1" = --version ] && exit; echo training > '${place.at('begun')}'; exec sleep 30`,
      );
      const running = await startWalq(['train', 'orders'], place.env({ WALQ_ZSTD: tool }));
      await eventually(() => readFile(place.at('begun')));
      expect(await place.temporary()).toHaveLength(1);
      await running.kill(signal);
      await eventually(async () => expect(await place.temporary()).toEqual([]));
      expect(await place.kept('dictionaries')).toEqual([]);
      expect(await place.kept('dictionary')).toEqual([]);
    },
  );
});
