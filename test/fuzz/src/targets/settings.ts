/** The configuration, and what walq remembers on the machine. */
import {
  archiveKeyOf,
  openCheckHistory,
  openManifestIndex,
  parseS3Url,
} from '@walq/wal-core/internal';
import {
  loadConfig,
  parseAddress,
  parseArchiveUrl,
  parseDuration,
  parseRedisUrl,
  showAddress,
} from '@walq/config';
import { crc32c } from '@node-rs/crc32';
import { requireSame, texts, type Target } from '../target.ts';
import { inputDisk } from './input-disk.ts';

const toml = `[redis]
url = "redis://127.0.0.1:6379"
[wal]
archive_parallelism = 3
[compression]
level = "auto"
dictionary = "off"
[archive]
url = "file:///srv/wal-archive"
[sources.orders]
type = "log"
path = "/var/lib/orders/wal"
[sources.ledger]
type = "directory"
path = "/var/lib/ledger/wal"
pattern = '^wal-(?<number>\\d+)\\.bin$'
[sources.main]
type = "postgres"
path = "/var/lib/postgresql/15/main"
`;

const tomlFile: Target = {
  name: 'config-file',
  seeds: texts(toml, '[dashboard]\nlisten = "127.0.0.1:9463"\n', 'sources = 3\n'),
  tokens: [
    '[redis]',
    '[[x]]',
    "'''",
    '"""',
    '= ',
    '1979-05-27',
    '0x',
    'inf',
    '[sources.',
    'skip_newest',
  ],
  share: 0.2,
  run: (input) =>
    loadConfig({ disk: inputDisk(input), cwd: '/c', env: {}, configPath: '/c/w.toml', cores: 1 }),
};

const environment: Target = {
  name: 'config-environment',
  seeds: texts(
    'WALQ_REDIS__URL=redis://h:1\nWALQ_WAL__ARCHIVE_PARALLELISM=2',
    'WALQ_SOURCES__A_B__PATH=/x\nWALQ_SOURCES__A_B__TYPE=log\nWALQ_ARCHIVE__URL=s3://b/p',
  ),
  tokens: ['WALQ_', '__', 'SOURCES__', '=', '__PROTO__', '__proto__', 'constructor'],
  share: 0.2,
  run: (input) => {
    const pairs = input
      .toString('utf8')
      .split('\n')
      .map((line) => line.split('=', 2));
    const env = Object.fromEntries(pairs.map(([name = '', text = '']) => [name, text]));
    const disk = inputDisk(Buffer.from(''));
    return loadConfig({ disk, cwd: '/c', env, configPath: '/c/w.toml', cores: 1 });
  },
};

const urls: Target = {
  name: 'addresses',
  seeds: texts(
    's3://bucket/prefix',
    'redis://user:secret@host:6379/2',
    'rediss://[::1]',
    'file:///srv/a%20b',
    'host:80',
    '[::1]:9463',
    '250ms',
    '2h',
  ),
  tokens: ['://', '@', '[', ']', '%', 's3://', 'file://', 'redis://', '?', '#'],
  run: (input) => {
    const text = input.toString('utf8');
    const address = parseAddress(text);
    if (address !== undefined) parseAddress(showAddress(address));
    const ms = parseDuration(text);
    if (ms !== undefined) requireSame('a duration', Number.isSafeInteger(ms) && ms >= 0, true);
    parseRedisUrl(text);
    parseArchiveUrl(text, '/c');
    parseS3Url(text);
  },
};

const key = archiveKeyOf('orders', { name: 'a.wal', number: 1n });
const found = { key, name: { name: 'a.wal', number: 1n }, objectBytes: 3, identity: '1:2' };

const withChecksum = (json: string): string =>
  `${crc32c(json).toString(16).padStart(8, '0')} ${json}\n`;
const check = '["orders/00000000/a.wal.zst",3,"1:2",1000,null]';
const failed = '["orders/00000000/b.wal.zst",3,"",1000,["object-corrupt","it rots"]]';

const checkMemory: Target = {
  name: 'check-memory',
  seeds: texts(withChecksum(check) + withChecksum(failed)),
  tokens: ['00000000 ', '\n'],
  run: async (input) =>
    (await openCheckHistory(inputDisk(input, ['a.checks']), '/s', 'file:///a', 'orders')).find(
      found,
    ),
};

/** The lines are what the input says, with the checksum of each. */
const checkLines: Target = {
  name: 'check-lines',
  seeds: texts(check, `${check}\n${failed}`),
  run: (input) => {
    const lines = input.toString('utf8').split('\n').map(withChecksum);
    return checkMemory.run(Buffer.from(lines.join('')));
  },
};

const indexLine = JSON.stringify({
  identity: '7:1',
  archived: {
    source: 'orders',
    segment: 'a.wal',
    bytes: 9,
    objectBytes: 3,
    sourceChecksum: { algorithm: 'xxh3-64', value: '0123456789abcdef' },
    archivedAt: '2026-01-02T03:04:05.678Z',
    key: 'orders/00000000/a.wal.zst',
  },
});

const manifestIndex: Target = {
  name: 'manifest-index',
  seeds: texts(`${indexLine}\n`, `${indexLine}\n${indexLine}`),
  run: async (input) =>
    (await openManifestIndex(inputDisk(input), '/s', 'file:///a', 'orders')).get(key, {
      sizeBytes: 3,
      identity: '7:1',
    }),
};

export const settingTargets = [tomlFile, environment, urls, checkMemory, checkLines, manifestIndex];
