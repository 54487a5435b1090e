/** The engine of the demo: appends records to walq's log and flushes while workers archive. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { openLog, type Log, type SegmentName } from '@walq/wal-core/internal';

export interface WriteOptions {
  readonly directory: string;
  /** Number of segments to seal. */
  readonly segments: number;
  readonly segmentBytes: number;
  readonly signal: AbortSignal;
  /** Called for each sealed segment. */
  readonly onSealed: (segment: string, sha256: string) => void;
}

const APPENDS_AT_ONCE = 64;
const RECORD_BYTES = 2048;

/** Resolves to the last sealed segment. */
export async function writeLog(options: WriteOptions): Promise<string> {
  const sealed: SegmentName[] = [];
  const { directory, segmentBytes: segmentBytesMax } = options;
  const log = await openLog({
    directory,
    segmentBytesMax,
    onSealed: (segment) => sealed.push(segment),
  });
  let last = '';
  let reported = 0;
  try {
    for (let number = 0; reported < options.segments; number += APPENDS_AT_ONCE) {
      options.signal.throwIfAborted();
      await appendSome(log, number);
      for (const { name } of sealed.slice(reported, options.segments)) {
        options.onSealed(name, await sha256Of(join(directory, name)));
        last = name;
        reported += 1;
      }
    }
    return last;
  } finally {
    await log.close();
  }
}

async function appendSome(log: Log, first: number): Promise<void> {
  const records = Array.from({ length: APPENDS_AT_ONCE }, (_, index) => recordOf(first + index));
  await Promise.all(records.map((record) => log.append(record)));
}

/** Compresses like the records of an engine: part repeated text, part random bytes. */
function recordOf(number: number): Buffer {
  const noise = createHash('sha512').update(String(number)).digest('hex');
  const text = JSON.stringify({ op: 'update', table: 'orders', id: number, noise, status: 'paid' });
  return Buffer.alloc(RECORD_BYTES, `${text}${noise.slice(0, number % 97)}`);
}

/** Uses no code of walq, so that the comparison is independent. */
export async function sha256Of(path: string): Promise<string> {
  const hash: Hash = createHash('sha256');
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) hash.update(piece);
  return hash.digest('hex');
}
