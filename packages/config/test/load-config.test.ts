import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '@walq/config';
import { nodeDisk } from '@walq/wal-core/internal';
import { temporaryDirectory } from '@walq/test-support';
import { failureOf, load } from './loading.ts';

const whole = `
[redis]
url = "redis://127.0.0.1:6380/2"
[queue]
name = "wal-archive"
[wal]
conservative_mode = false
archive_parallelism = 3
archive_async = false
[compression]
level = 5
dictionary = "off"
[archive]
url = "file:///srv/wal-archive"
[sources.orders]
type = "log"
path = "/var/lib/orders/wal"
[sources.ledger]
type = "directory"
path = "wal"
pattern = '^wal-(?<number>[0-9a-f]+)\\.bin$'
number_base = 16
after_archive = "delete"
archive = "own"
[sources.text]
type = "directory"
path = "/var/log/text"
skip_newest = 2
[worker]
shutdown_grace = "30s"
[dashboard]
listen = "0.0.0.0:80"
read_only = false
[log]
level = "debug"
`;

describe('a whole file', () => {
  it.each([
    ['"train"', 'train'],
    ['"orders.dict"', { path: '$/orders.dict' }],
    ['"./train"', { path: '$/train' }],
    ['"/etc/walq/x.dict"', { path: '/etc/walq/x.dict' }],
  ])('accepts %s as a dictionary, with paths relative to the file', async (written, expected) => {
    const [config, directory] = await load({ toml: `[compression]\ndictionary = ${written}` });
    const { dictionary } = config.compression;
    const found =
      typeof dictionary === 'string'
        ? dictionary
        : { path: dictionary.path.replace(directory.path, '$') };
    expect(found).toEqual(expected);
  });

  it('becomes the configuration, with paths relative to the file', async () => {
    const [config, directory] = await load({ toml: whole });
    expect(config).toMatchObject({
      file: directory.at('walq.toml'),
      redis: {
        shown: 'redis://127.0.0.1:6380/2',
        servers: { kind: 'single', address: { host: '127.0.0.1', port: 6380 } },
        database: 2,
        tls: false,
      },
      wal: { conservativeMode: false, archiveParallelism: 3, archiveNice: 10, archiveAsync: false },
      compression: { level: 5, dictionary: 'off' },
      worker: { shutdownGraceMs: 30_000 },
      dashboard: { listen: { host: '0.0.0.0', port: 80 }, readOnly: false },
      log: { level: 'debug' },
    });
    expect(config.sources.map(({ naming: _, archiveSettings: __, ...source }) => source)).toEqual([
      {
        name: 'orders',
        type: 'log',
        directory: '/var/lib/orders/wal',
        sealedRule: { kind: 'watermark' },
        consecutive: true,
        afterArchive: 'delete',
        archiveUrl: 'file:///srv/wal-archive',
      },
      {
        name: 'ledger',
        type: 'directory',
        directory: directory.at('wal'),
        sealedRule: { kind: 'watermark' },
        consecutive: true,
        afterArchive: 'delete',
        archiveUrl: `file://${directory.at('own')}`,
      },
      {
        name: 'text',
        type: 'directory',
        directory: '/var/log/text',
        sealedRule: { kind: 'skip-newest', count: 2 },
        consecutive: false,
        afterArchive: 'keep',
        archiveUrl: 'file:///srv/wal-archive',
      },
    ]);
  });

  it('uses for each source the naming of its type', async () => {
    const [{ sources }] = await load({ toml: whole });
    const numberOf = (index: number, name: string) => sources[index]?.naming.parse(name)?.number;
    expect(numberOf(0, '00000000000000000012.wal')).toBe(12n);
    expect(numberOf(1, 'wal-ff.bin')).toBe(255n);
    expect(numberOf(1, 'other-ff.bin')).toBeUndefined();
    expect(numberOf(2, 'app.log.7')).toBe(7n);
  });
});

describe('the compression level', () => {
  it('may be "auto", in the file and in the environment', async () => {
    const [inFile] = await load({ toml: 'compression.level = "auto"' });
    expect(inFile.compression.level).toBe('auto');
    const env = { WALQ_COMPRESSION__LEVEL: 'auto' };
    const [inEnvironment] = await load({ toml: 'compression.level = 5', env });
    expect(inEnvironment.compression.level).toBe('auto');
  });

  it.each(['"Auto"', '0', '20', '2.5', '"3"'])('is not %s', async (level) => {
    expect(await failureOf({ toml: `compression.level = ${level}` })).toBe(
      `$/walq.toml: compression.level: expected an integer from 1 to 19, or "auto", found ${level}`,
    );
  });
});

describe('defaults', () => {
  it('apply if nothing is set', async () => {
    const [config] = await load({ toml: '', cores: 7 });
    expect(config).toMatchObject({
      redis: undefined,
      queue: { name: 'wal-archive', batch: { segmentsMax: 64, bytesMax: 16_777_216 } },
      wal: { conservativeMode: true, archiveParallelism: 7, archiveNice: 10, archiveAsync: true },
      compression: { level: 3, dictionary: 'off' },
      archive: { url: undefined },
      sources: [],
      worker: { shutdownGraceMs: 1_000 },
      dashboard: {
        listen: { host: '127.0.0.1', port: 9463 },
        readOnly: true,
        trustedProxy: false,
        token: undefined,
        login: undefined,
      },
      metrics: { listen: { host: '127.0.0.1', port: 9464 } },
      telemetry: { traces: 'off' },
      log: { level: 'info' },
    });
  });

  it('keep a directory and delete a log', async () => {
    const toml = `
      archive.url = "/a"
      sources.d = { type = "directory", path = "/d", pattern = '(?<number>\\d+)' }
      sources.l = { type = "log", path = "/l" }`;
    const [{ sources }] = await load({ toml });
    expect(sources.map((source) => source.afterArchive)).toEqual(['keep', 'delete']);
  });
});

describe('precedence', () => {
  const toml = 'wal.archive_parallelism = 1\n[archive]\nurl = "a"';
  const env = { WALQ_WAL__ARCHIVE_PARALLELISM: '2', WALQ_WAL__CONSERVATIVE_MODE: 'false' };

  it('is flags, then environment, then file', async () => {
    const flags = [{ flag: '--concurrency', key: 'wal.archive_parallelism', value: 3 }];
    const [file] = await load({ toml });
    const [environment] = await load({ toml, env });
    const [flag] = await load({ toml, env, flags });
    expect([file, environment, flag].map((config) => config.wal.archiveParallelism)).toEqual([
      1, 2, 3,
    ]);
    expect(flag.wal.conservativeMode).toBe(false);
  });

  it('ignores a flag that was not given', async () => {
    const flags = [{ flag: '--concurrency', key: 'wal.archive_parallelism', value: undefined }];
    const [config] = await load({ toml, flags });
    expect(config.wal.archiveParallelism).toBe(1);
  });
});

describe('the environment', () => {
  it('alone can set everything, including sources with dashes and lists', async () => {
    const [config, directory] = await load({
      env: {
        WALQ_REDIS__SENTINELS: 's1:26379, s2:26379',
        WALQ_REDIS__MASTER_NAME: 'walq',
        WALQ_ARCHIVE__URL: 'archive',
        WALQ_SOURCES__MY_LEDGER__TYPE: 'directory',
        WALQ_SOURCES__MY_LEDGER__PATH: 'wal',
        WALQ_SOURCES__MY_LEDGER__PATTERN: '^(?<number>[0-9A-F]+)$',
        WALQ_SOURCES__MY_LEDGER__NUMBER_BASE: '16',
        WALQ_QUEUE__NAME: '12',
        WALQ_LOG__LEVEL: '',
      },
    });
    expect(config.redis?.servers).toEqual({
      kind: 'sentinel',
      sentinels: [
        { host: 's1', port: 26379 },
        { host: 's2', port: 26379 },
      ],
      masterName: 'walq',
    });
    expect(config.sources[0]).toMatchObject({
      name: 'my-ledger',
      directory: directory.at('wal'),
      archiveUrl: `file://${directory.at('archive')}`,
    });
    expect(config.queue.name).toBe('12');
    expect(config.log.level).toBe('info');
    expect(config.file).toBeUndefined();
  });

  it('is named in its error message', async () => {
    expect(await failureOf({ env: { WALQ_WAL__ARCHIVE_PARALLELISM: 'many' } })).toBe(
      'WALQ_WAL__ARCHIVE_PARALLELISM: wal.archive_parallelism: expected an integer from 1 to 1024, found "many"',
    );
    expect(await failureOf({ env: { WALQ_REDIS__ULR: 'x' } })).toBe(
      'WALQ_REDIS__ULR: redis.ulr: unknown key; the nearest known key is redis.url',
    );
  });
});

describe('the place of the file', () => {
  it('is --config before WALQ_CONFIG before ./walq.toml', async () => {
    const directory = await temporaryDirectory('config');
    const write = (name: string) => writeFile(directory.at(name), `queue.name = "${name}"`);
    await Promise.all(['walq.toml', 'env.toml', 'flag.toml'].map(write));
    const nameWith = async (request: { configPath?: string; env: Record<string, string> }) =>
      (await loadConfig({ disk: nodeDisk, cwd: directory.path, ...request })).queue.name;
    expect(await nameWith({ env: {} })).toBe('walq.toml');
    expect(await nameWith({ env: { WALQ_CONFIG: 'env.toml' } })).toBe('env.toml');
    expect(await nameWith({ env: { WALQ_CONFIG: 'env.toml' }, configPath: 'flag.toml' })).toBe(
      'flag.toml',
    );
  });

  it('must exist if it was named', async () => {
    expect(await failureOf({ configPath: 'no.toml' })).toBe(
      'the configuration file $/no.toml does not exist',
    );
  });

  it('may be a symbolic link, as containers mount it', async () => {
    const directory = await temporaryDirectory('config');
    await mkdir(directory.at('..data'));
    await writeFile(directory.at('..data', 'walq.toml'), 'queue.name = "linked"');
    await symlink('..data/walq.toml', directory.at('walq.toml'));
    const config = await loadConfig({ disk: nodeDisk, cwd: directory.path, env: {} });
    expect(config.queue.name).toBe('linked');
  });
});
