import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '@walq/test-support';
import { walq } from './walq.ts';

/** A directory with segments `wal-1.bin` … in `wal`, and a file that is none. */
async function withSegments(count: number) {
  const directory = await temporaryDirectory('cli');
  await mkdir(directory.at('wal'));
  for (let number = 1; number <= count; number += 1) {
    await writeFile(directory.at('wal', `wal-${number}.bin`), `segment ${number} `.repeat(1000));
  }
  await writeFile(directory.at('wal', 'notes-7.txt'), 'not a segment');
  const run = (...args: string[]) => walq(args, { cwd: directory.path });
  return { directory, run, files: async () => (await readdir(directory.at('wal'))).toSorted() };
}

const env = ['.walq', 'notes-7.txt'];

describe('walq archive', () => {
  it('keeps the sources and skips the newest by default', async () => {
    const { run, files } = await withSegments(3);
    const { code, stdout } = await run(
      'archive',
      'wal',
      '--to',
      'archive',
      '--pattern',
      '^wal-(?<number>\\d+)\\.bin$',
      '--json',
    );
    const report = JSON.parse(stdout) as {
      successCount: number;
      files: { segment: string; outcome: string }[];
    };
    expect(report).toMatchObject({ successCount: 2, filesCount: 2 });
    expect(report.files.map(({ segment, outcome }) => `${segment} ${outcome}`).toSorted()).toEqual([
      'wal-1.bin archived',
      'wal-2.bin archived',
    ]);
    expect(await files()).toEqual([...env, 'wal-1.bin', 'wal-2.bin', 'wal-3.bin']);
    expect(code).toBe(0);
  });

  it('deletes up to a segment, and only what is named like it', async () => {
    const { run, files } = await withSegments(4);
    const { code } = await run(
      'archive',
      'wal',
      '--to',
      'archive',
      '--up-to',
      'wal-3.bin',
      '--delete',
    );
    expect(code).toBe(0);
    expect(await files()).toEqual([...env, 'wal-4.bin']);
  });

  it('refuses a segment that is nowhere, and leaves no watermark', async () => {
    const { run, files } = await withSegments(2);
    const { code, stderr } = await run('archive', 'wal', '--to', 'archive', '--up-to', 'wal-9.bin');
    expect(stderr).toContain('wal-9.bin is neither in');
    expect(code).toBe(1);
    expect((await run('archive', 'wal', '--to', 'archive', '--up-to', 'wal-2.bin')).code).toBe(0);
    expect(await files()).toContain('wal-1.bin');
  });

  it('says which segment is there already with other content, keeps it and exits 1', async () => {
    const { directory, run } = await withSegments(3);
    const archive = ['archive', 'wal', '--to', 'archive', '--up-to', 'wal-3.bin', '--json'];
    await run(...archive);
    await writeFile(directory.at('wal', 'wal-2.bin'), 'other content');
    const other = [...archive, '--delete'];
    const { code, stdout, stderr } = await run(...other);
    const { files } = JSON.parse(stdout) as { files: { segment: string; outcome: string }[] };
    expect(files.find(({ segment }) => segment === 'wal-2.bin')?.outcome).toBe('duplicate');
    expect(stderr).toContain('"code":"duplicate"');
    expect(await readFile(directory.at('wal', 'wal-2.bin'), 'utf8')).toBe('other content');
    expect(code).toBe(1);

    const again = await run(...archive.slice(0, -1));
    expect(again.code).toBe(1);
    expect(again.stdout).toBe('nothing else is due\n');
    expect(again.stderr).toContain('1 segment, wal-2.bin (duplicate), is in quarantine');
    expect(again.stderr).toContain('walq repair wal --archive archive');
    expect((await run('repair', 'wal', '--archive', 'archive')).stdout).toContain('wal-2.bin');
    const { quarantined } = JSON.parse((await run(...archive)).stdout) as {
      quarantined: { segment: string }[];
    };
    expect(quarantined).toMatchObject([{ segment: 'wal-2.bin', code: 'duplicate' }]);
  });
});

/** A directory `wal` with these files, as an engine of another kind writes them. */
async function withFiles(names: readonly string[]) {
  const directory = await temporaryDirectory('cli');
  await mkdir(directory.at('wal'));
  for (const name of names) await writeFile(directory.at('wal', name), `content of ${name}`);
  const archive = async (...args: string[]) => {
    const { stdout, ...rest } = await walq(
      ['archive', 'wal', '--to', 'archive', '--json', ...args],
      {
        cwd: directory.path,
      },
    );
    const files =
      stdout === '' ? [] : (JSON.parse(stdout) as { files: { segment: string }[] }).files;
    return { ...rest, names: files.map(({ segment }) => segment).toSorted() };
  };
  return { directory, archive };
}

describe('walq archive without a pattern', () => {
  it('leaves the segment that etcd writes, whose number is hexadecimal', async () => {
    const sealed = [
      '0000000000000009-000000000000f3a9.wal',
      '000000000000000a-0000000000010000.wal',
    ];
    const { directory, archive } = await withFiles([
      ...sealed,
      '000000000000000b-0000000000010a01.wal',
      '0.tmp',
    ]);
    expect(await archive()).toMatchObject({ code: 0, names: sealed });
    await writeFile(directory.at('wal', '000000000000000c-0000000000020000.wal'), 'the next one');
    expect(await archive()).toMatchObject({
      code: 0,
      names: ['000000000000000b-0000000000010a01.wal'],
    });
  });

  it('leaves all files of the segment that Kafka writes', async () => {
    const of = (number: string) => ['index', 'log', 'timeindex'].map((kind) => `${number}.${kind}`);
    const sealed = of('00000000000000000000');
    const open = of('00000000000000035001');
    const others = ['00000000000000041234.snapshot', 'leader-epoch-checkpoint'];
    const { archive } = await withFiles([...sealed, ...open, ...others]);
    expect(await archive()).toMatchObject({ code: 0, names: sealed });
  });

  it('refuses files of unclear names, suggests a pattern, and archives by it', async () => {
    const { directory, archive } = await withFiles(['wal-01', 'wal-0f', 'wal-10', 'index-7']);
    const refused = await archive();
    expect(refused).toMatchObject({ code: 1, names: [] });
    expect(refused.stderr).toContain('"code":"segment-names-unclear"');
    expect(refused.stderr).toContain('^wal-(?<number>[0-9a-f]{2,})$');
    expect(await readdir(directory.path)).not.toContain('orders');
    const pattern = ['--pattern', '^wal-(?<number>[0-9a-f]{2,})$'];
    expect(await archive(...pattern, '--number-base', '16')).toMatchObject({
      code: 0,
      names: ['wal-01', 'wal-0f'],
    });
  });

  it('continues in an existing archive, by the numbers that it has', async () => {
    const { directory, archive } = await withFiles(['wal-0001', 'wal-0002', 'wal-0003']);
    expect((await archive()).names).toEqual(['wal-0001', 'wal-0002']);
    const record = directory.at('archive', 'wal', '_walq', 'source.json');
    const owner = JSON.parse(await readFile(record, 'utf8')) as { naming: object };
    const before = { ...owner.naming, pattern: '^(?!\\.)[\\s\\S]*?(?<number>\\d+)\\D*$' };
    await writeFile(record, JSON.stringify({ ...owner, naming: before }));
    await writeFile(directory.at('wal', 'wal-0004'), 'the next one');
    expect(await archive()).toMatchObject({ code: 0, names: ['wal-0003'] });
    await writeFile(directory.at('wal', 'wal-0005.v2'), 'of another kind');
    expect((await archive()).stderr).toContain('segment-names-unclear');
  });
});

describe('what is archived', () => {
  it('is listed, shown, verified and restored without a configuration', async () => {
    const { directory, run } = await withSegments(3);
    await run('archive', 'wal', '--to', 'archive', '--up-to', 'wal-3.bin');
    const listed = await run('list', '--archive', 'archive', '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { source: 'wal', segment: 'wal-1.bin', bytes: 10_000, key: 'wal/00000000/wal-1.bin.zst' },
      { segment: 'wal-2.bin' },
      { segment: 'wal-3.bin' },
    ]);
    const shown = await run('show', 'wal-2.bin', '--archive', 'archive');
    expect(shown.stdout).toContain('xxh3-64');
    const verified = await run('verify', '--deep', '--archive', 'archive', '--json');
    expect(JSON.parse(verified.stdout)).toEqual({
      ok: true,
      segments: 3,
      gaps: [],
      corrupt: [],
      undecided: [],
      changedAtSource: [],
      contentsRead: { segments: 3, days: 30 },
    });
    const restored = await run(
      'restore',
      'wal',
      '--to',
      'back',
      '--archive',
      'archive',
      '--from',
      'wal-2.bin',
    );
    expect(restored.code).toBe(0);
    expect(await readdir(directory.at('back'))).toEqual(['wal-2.bin', 'wal-3.bin']);
    expect(await readFile(directory.at('back', 'wal-2.bin'))).toEqual(
      await readFile(directory.at('wal', 'wal-2.bin')),
    );
  });

  it('and damaged is found by verify, which exits 1', async () => {
    const { directory, run } = await withSegments(3);
    await run('archive', 'wal', '--to', 'archive', '--up-to', 'wal-3.bin');
    const object = directory.at('archive', 'wal', '00000000', 'wal-2.bin.zst');
    const bytes = await readFile(object);
    bytes[12] = (bytes[12] ?? 0) ^ 1;
    await writeFile(object, bytes);
    const { code, stdout } = await run('verify', '--deep', '--archive', 'archive', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      corrupt: [{ source: 'wal', segment: 'wal-2.bin', code: 'object-corrupt' }],
    });
    expect(code).toBe(1);
  });
});
