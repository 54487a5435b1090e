/** Objects of an archive: their data, and what they say of themselves. */
import {
  decodeManifestFrame,
  encodeManifestFrame,
  parseManifest,
  createInlineThreads,
} from '@walq/wal-core/internal';
import zstd from 'zstd-napi';
import { jsons, requireSame, texts, type Target } from '../target.ts';
import { inputDisk } from './input-disk.ts';

const manifest = {
  version: 1,
  source: 'orders',
  sourceId: '0b7a1c52-5f4e-4c1a-9d3e-2f6b8a9c0d11',
  segment: '00000000000000000007.wal',
  bytes: 2_000,
  sourceChecksum: { algorithm: 'xxh3-64', value: '0123456789abcdef' },
  level: 3,
  dictionary: null,
  format: 'log',
  firstPosition: '1',
  lastPosition: '2',
  sealedAt: '2026-01-02T03:04:05.678Z',
  startedAt: '2026-01-02T03:04:05.678Z',
  archivedAt: '2026-01-02T03:04:05.678Z',
  worker: 'w',
};
const json = JSON.stringify(manifest);
const plains = [Buffer.alloc(2_000, 'walq'), Buffer.from('short'), Buffer.alloc(0)];
const frames = plains.map((plain) => zstd.compress(plain));
const objects = frames.map((data) => Buffer.concat([data, encodeManifestFrame(json)]));
const signal = new AbortController().signal;

const decode = (object: Buffer): Promise<unknown> =>
  createInlineThreads(inputDisk(object)).decode({ objectPath: '/object', where: 'it' }, signal);

const manifestText: Target = {
  name: 'manifest',
  seeds: jsons(manifest, { ...manifest, dictionary: 'a'.repeat(64), format: 'postgres' }),
  run: (input) => parseManifest('it', input.toString('utf8')),
};

const manifestFrame: Target = {
  name: 'manifest-frame',
  seeds: [encodeManifestFrame(json), encodeManifestFrame(''), ...objects],
  tokens: ['WALQMAN1', 'W*M\x18'],
  run: (input) => {
    const framed = Buffer.concat([input, encodeManifestFrame(input.toString('latin1'))]);
    requireSame('json', decodeManifestFrame('it', framed).json, input.toString('latin1'));
    parseManifest('it', decodeManifestFrame('it', input).json);
  },
};

const object: Target = {
  name: 'object',
  seeds: objects,
  tokens: ['WALQMAN1', '\x28\xb5\x2f\xfd'],
  run: decode,
};

/** The manifest is whole, so that the decoder is reached. */
const objectData: Target = {
  name: 'object-data',
  seeds: [...frames, Buffer.concat(frames)],
  tokens: ['\x28\xb5\x2f\xfd', 'P*M\x18'],
  run: (input) => decode(Buffer.concat([input, encodeManifestFrame(json)])),
};

/** The data is whole, so that what a thread reads of a manifest is reached. */
const objectManifest: Target = {
  name: 'object-manifest',
  seeds: texts(json),
  tokens: ['xxh3-64', '"bytes"', '1e308'],
  run: (input) =>
    decode(Buffer.concat([frames[0] ?? input, encodeManifestFrame(input.toString('utf8'))])),
};

export const objectTargets = [manifestText, manifestFrame, object, objectData, objectManifest];
