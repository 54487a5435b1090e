import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory, type TemporaryDirectory } from '@walq/test-support';
import { walq, walqProcess, type Outcome } from './walq.ts';

describe('walq demo', () => {
  let directory: TemporaryDirectory;
  let demo: Outcome;

  beforeAll(async () => {
    directory = await temporaryDirectory('cli');
    const env = { WALQ_ARCHIVE__URL: directory.path, WALQ_COMPRESSION__LEVEL: '99' };
    demo = await walqProcess(['demo', '--segments', '6', '--json'], { env });
  });

  afterAll(() => directory.remove());

  it('archives with two workers and restores identical files', () => {
    const { code, stdout, stderr } = demo;
    expect(stderr).toBe('');
    const report = JSON.parse(stdout) as { bytesIn: number; bytesOut: number; ratio: number };
    expect(report).toMatchObject({
      segments: 6,
      workers: 2,
      restoredIdentical: true,
      sourcesLeft: 0,
    });
    expect(report.ratio).toBeCloseTo(report.bytesIn / report.bytesOut, 1);
    expect(code).toBe(0);
  });

  it('does not write into the archive that the environment names', async () => {
    expect(demo).toMatchObject({ code: 0, stderr: '' });
    expect(await readdir(directory.path)).toEqual([]);
  });

  it('says how to provide a Redis if there is none', async () => {
    const directory = await temporaryDirectory('cli');
    const env = { WALQ_REDIS_SERVER: directory.at('no-redis') };
    const { code, stderr } = await walq(['demo'], { env });
    expect(stderr).toContain(`WALQ_REDIS_SERVER names ${directory.at('no-redis')}`);
    expect(stderr).toContain('apt-get install redis-server');
    expect(code).toBe(1);
  });
});
