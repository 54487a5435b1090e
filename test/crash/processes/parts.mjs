/** The parts of walq that are killed, each from its start to its end, as its own process runs it. */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  archiveSettings,
  createArchiver,
  createDueView,
  markFlushed,
  openLog,
  openSource,
  openStore,
  patternNaming,
  restoreRange,
  createInlineThreads,
} from '@walq/wal-core/internal';

/** As test/scene has it: `wal-000001.bin` and so on, deleted once archived. */
const sourceAt = (root) => ({
  name: 'orders',
  directory: join(root, 'wal'),
  type: 'directory',
  naming: patternNaming(/^wal-(?<number>\d+)\.bin$/, 10),
  sealedRule: { kind: 'watermark' },
  afterArchive: 'delete',
  consecutive: true,
});

/** In S3 where the run says so. */
function storeAt({ disk, root, s3 }) {
  if (s3 === undefined) return openStore(join(root, 'archive'), { disk });
  const { endpoint, url } = s3;
  const settings = archiveSettings({ s3: { endpoint, stagingDirectory: join(root, 'staging') } });
  return openStore(url, { disk, settings });
}

/** Marks all but the newest segment flushed, and archives what is due as one batch. */
async function archive({ disk, root, s3 }) {
  const source = sourceAt(root);
  const store = storeAt({ disk, root, s3 });
  const threads = createInlineThreads(disk);
  const archiver = createArchiver({
    disk,
    threads,
    level: 1,
    conservative: true,
    worker: `crash:${process.pid}`,
    storeOf: () => store,
  });
  const open = await openSource({ disk, source, store, registerIfNew: true });
  await markFlushed(disk, open, source.naming.parse('wal-000003.bin'));
  const { due } = await createDueView(disk, open).scan(100);
  const signal = new AbortController().signal;
  const names = due.map(({ name }) => name);
  for (const { failure } of await archiver.archive(source, names, { signal })) {
    if (failure !== undefined) throw failure;
  }
  await archiver.close();
  await store.close?.();
}

/** Appends in small segments, and says after each append that it is acknowledged. */
async function log({ disk, root }) {
  const opened = await openLog({ directory: join(root, 'wal'), segmentBytesMax: 600, disk });
  for (let at = 0; at < 6; at += 1) {
    await opened.append(Buffer.from('x'.repeat(200)));
    writeSync(2, `acknowledged ${opened.position}\n`);
  }
  await opened.close();
}

/** Brings back what is in the archive. */
async function restore({ disk, root }) {
  const { name, naming } = sourceAt(root);
  await restoreRange({
    disk,
    naming,
    source: name,
    store: openStore(join(root, 'archive'), { disk }),
    threads: createInlineThreads(disk),
    destination: join(root, 'restored/here'),
    signal: new AbortController().signal,
  });
}

/** Says that all but the newest are flushed, and ends when that is on the disk and what is due on the queue. */
async function produce({ disk, root, redis }) {
  // Loaded here alone: the other parts are started some hundred times.
  const { createProducer } = await import('@walq/archive-queue');
  const { createLogger } = await import('@walq/role');
  const producer = createProducer({
    disk,
    redis,
    source: sourceAt(root),
    store: openStore(join(root, 'archive'), { disk }),
    logger: await createLogger({ level: 'silent', format: 'json' }),
  });
  producer.flushed('wal-000003.bin');
  while (producer.state().dueCount < 3) await sleep(20);
  await producer.close();
}

export const parts = { archive, log, restore, produce };
