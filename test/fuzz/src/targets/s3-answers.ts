/** What a server answers that calls itself S3: the whole of it, from its status line to its last byte. */
import {
  archiveSettings,
  openS3Store,
  type ArchiveStore,
  publishOne,
} from '@walq/wal-core/internal';
import { Broken, requireSame, type Target } from '../target.ts';
import { answering } from './answering.ts';
import { inputDisk } from './input-disk.ts';

const SOURCE = 'orders';
const PREFIX = `p/${SOURCE}/`;
const KEY = { source: SOURCE, shard: '00000000', segment: 'wal-1.bin' };
const TAIL_BYTES = 20;
const RECORD_BYTES_MAX = 1024 * 1024;

/** Short: what the server says it will send and never does is not waited for. */
const deadlines = { connectMs: 2_000, idleMs: 400, callMs: 400 };

/** What the store asks, each by the first byte of an input. */
const questions: readonly ((store: ArchiveStore) => Promise<unknown>)[] = [
  async (store) => {
    const found = await store.stat(KEY);
    const isSize =
      found === undefined || (Number.isSafeInteger(found.sizeBytes) && found.sizeBytes >= 0);
    requireSame('a length', isSize, true);
  },
  async (store) => requireShort('the tail', await store.readTail(KEY, TAIL_BYTES), TAIL_BYTES),
  async (store) => (await store.fetch(KEY))?.release(),
  async (store) =>
    requireShort('the record', await store.records.read(SOURCE, 'floors/a'), RECORD_BYTES_MAX),
  async (store) => {
    for await (const keys of store.list(SOURCE)) {
      for (const { source } of keys) requireSame('the source', source, SOURCE);
    }
  },
  (store) => store.listSources(),
  (store) => store.records.list(SOURCE, 'floors'),
  (store) => store.dictionaries.read(SOURCE, 'a'.repeat(64)),
  (store) => store.records.create(SOURCE, 'floors/a', '{}'),
  (store) => publishOne(store, { key: KEY, path: '/staged' }),
  (store) => store.remove(KEY),
  (store) => store.moveAside(KEY),
  (store) => store.probe(),
];

function requireShort(
  what: string,
  found: string | Uint8Array | undefined,
  bytesMax: number,
): void {
  if ((found?.length ?? 0) > bytesMax) throw new Broken(`${what} has ${found?.length} bytes`);
}

async function ask(question: number, answer: Buffer): Promise<void> {
  // Whoever wants to be let in has to be somebody; the server here lets everybody in.
  process.env['AWS_ACCESS_KEY_ID'] ??= 'fuzz';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'fuzz';
  await answering(answer, async (endpoint) => {
    const { s3: settings } = archiveSettings({
      s3: { endpoint, stagingDirectory: '/staging', deadlines },
    });
    const store = openS3Store('s3://bucket/p', { disk: inputDisk(Buffer.from('x')), settings });
    try {
      await questions[question % questions.length]?.(store);
    } finally {
      await store.close();
    }
  });
}

const head = (status: string, ...headers: readonly string[]): string =>
  `HTTP/1.1 ${[status, ...headers].join('\r\n')}\r\n\r\n`;

const xml = (root: string, content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${root}>`;

const listed = (...contents: readonly string[]): string =>
  head('200 OK', 'Content-Type: application/xml') + xml('ListBucketResult', contents.join(''));

const one = `<Contents><Key>${PREFIX}00000000/wal-1.bin.zst</Key><ETag>"0123456789abcdef"</ETag><Size>7</Size></Contents>`;
const record = `<Contents><Key>${PREFIX}_walq/floors/a.json</Key></Contents>`;
const folder = `<CommonPrefixes><Prefix>${PREFIX}00000000/</Prefix></CommonPrefixes>`;
const source = `<CommonPrefixes><Prefix>p/orders/</Prefix></CommonPrefixes>`;
const found = head(
  '200 OK',
  'ETag: "0123456789abcdef"',
  'Last-Modified: Fri, 02 Jan 2026 03:04:05 GMT',
  'x-amz-version-id: v1',
  'x-amz-object-lock-mode: GOVERNANCE',
  'x-amz-object-lock-retain-until-date: 2026-01-02T03:04:05Z',
  'x-amz-object-lock-legal-hold: OFF',
);
const part = head('206 Partial Content', 'Content-Range: bytes 0-6/7', 'ETag: "0123456789abcdef"');
const refusal = (status: string, code: string): string =>
  head(status, 'Content-Type: application/xml') +
  `<Error><Code>${code}</Code><Message>as it says</Message><RequestId>1</RequestId></Error>`;

/** A question and an answer that fits it. */
const asked: readonly (readonly [number, string])[] = [
  [6, listed(record, '<IsTruncated>false</IsTruncated><KeyCount>1</KeyCount>')],
  [0, `${found}1234567`],
  [1, `${part}1234567`],
  [2, `${found}1234567`],
  [3, `${part}{"a":1}`],
  [4, listed(folder, one, '<IsTruncated>false</IsTruncated>')],
  [5, listed(source)],
  [
    6,
    listed(
      record,
      '<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>',
    ),
  ],
  [7, `${part}1234567`],
  [8, head('200 OK', 'ETag: "0123456789abcdef"')],
  [9, refusal('412 Precondition Failed', 'PreconditionFailed')],
  [10, found],
  [11, found + xml('CopyObjectResult', '<ETag>"0123456789abcdef"</ETag>')],
  [12, refusal('403 Forbidden', 'AccessDenied')],
  [0, head('404 Not Found')],
  [3, refusal('404 Not Found', 'NoSuchKey')],
  [5, refusal('301 Moved Permanently', 'PermanentRedirect')],
  [1, refusal('416 Requested Range Not Satisfiable', 'InvalidRange')],
];

const seeds = asked.map(([question, answer]) =>
  Buffer.concat([Buffer.of(question), Buffer.from(answer)]),
);

const tokens = [
  '\r\n',
  '\r\n\r\n',
  'Content-Length: ',
  'Transfer-Encoding: chunked\r\n',
  'Content-Encoding: gzip\r\n',
  'Content-Range: bytes ',
  'ETag: ',
  'Retry-After: 99999999\r\n',
  'HTTP/1.1 ',
  '200 OK',
  '<Contents>',
  '<IsTruncated>true</IsTruncated>',
  '<NextContinuationToken>u</NextContinuationToken>',
  '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>',
  '&a;',
  '&#0;',
  '&#x110000;',
  '<![CDATA[',
  '%E0%A4%A',
  '<Key>',
];

/** Unchanged: its end gives its length, or the input does. */
const answers: Target = {
  name: 's3-answers',
  seeds,
  tokens,
  share: 0.5,
  run: (input) => ask(input[0] ?? 0, input.subarray(1)),
};

/** The server says rightly how long the body is, so that it is read to its end. */
const answersCorrected: Target = {
  name: 's3-answers-corrected',
  seeds,
  tokens,
  share: 0.5,
  run: (input) => ask(input[0] ?? 0, withLength(input.subarray(1))),
};

function withLength(answer: Buffer): Buffer {
  const end = answer.indexOf('\r\n\r\n');
  if (end < 0) return answer;
  const body = answer.subarray(end + 4);
  const length = Buffer.from(`\r\nContent-Length: ${body.length}\r\n\r\n`);
  return Buffer.concat([answer.subarray(0, end), length, body]);
}

export const s3Targets = [answers, answersCorrected];
