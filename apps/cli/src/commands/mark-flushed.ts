import {
  hasObject,
  isWalqError,
  markFlushed,
  nodeDisk,
  openSource,
  openStoreOf,
  readIdentity,
  SealedGate,
  WalqError,
  type ArchiveStore,
  type OpenSource,
  type SegmentName,
} from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import { printable } from '@walq/wal-core/printable';
import { makeArchiveFor } from '../sources/named-archive.ts';
import { segmentOf } from '../sources/archived-sources.ts';
import type { CliCommand } from '../command-line/command.ts';
import { sourceOf } from '../sources/require.ts';
import { print, printJson } from '../terminal/print.ts';
import { assertMayWrite } from '../sources/owner.ts';

export const command: CliCommand = {
  examples: ['walq mark-flushed ledger wal-000042.bin'],

  define(program) {
    program
      .argument('<source>', 'name of the source')
      .argument('<segment>', 'the last flushed segment; every earlier one is flushed too');
  },

  async run(call) {
    const [name = '', text = ''] = call.args;
    const source = sourceOf(await call.loadConfig(), name);
    assertWatermarkRule(source);
    await assertMayWrite(call, source);
    const store = openStoreOf(source, nodeDisk);
    const marked = await opened(source, store);
    const segment = segmentOf({ name, naming: marked.source.naming }, text);
    // While the watermark does not match the files, walq archives nothing, so fail instead of marking.
    await marked.gate.sealedUpTo();
    const inForce = await markFlushed(nodeDisk, marked, segment);
    await say(call.json, source, segment, inForce);
  },
};

function assertWatermarkRule({ name, sealedRule }: ConfiguredSource): void {
  if (sealedRule.kind === 'watermark') return;
  if (sealedRule.kind === 'ready') {
    throw new WalqError('configuration-invalid', {
      message: `source '${name}' is of type postgres, so mark-flushed does not apply`,
      hint: 'PostgreSQL marks its files itself: archive_status/*.ready in the WAL directory.',
    });
  }
  throw new WalqError('configuration-invalid', {
    message: `source '${name}' has no watermark: skip_newest defines what is sealed`,
    hint: `Remove skip_newest from [sources.${name}] to use walq mark-flushed.`,
  });
}

type Marked = Pick<OpenSource, 'source' | 'sourceId' | 'store' | 'gate'>;

/**
 * Creates the identity of a source that no producer has opened yet. A known source can be marked while its archive
 * is unavailable.
 */
async function opened(source: ConfiguredSource, store: ArchiveStore): Promise<Marked> {
  const sourceId = await readIdentity(nodeDisk, source);
  if (sourceId === undefined) await makeArchiveFor(source, source);
  try {
    return await openSource({ disk: nodeDisk, source, store, registerIfNew: true });
  } catch (error) {
    const isNamed = source.naming.rule.kind !== 'by-files';
    const isAway = isWalqError(error) && error.class === 'retryable' && isNamed;
    if (sourceId === undefined || !isAway) throw error;
    const isArchived = (segment: SegmentName) => hasObject(store, source.name, segment);
    const gate = new SealedGate({ disk: nodeDisk, source, sourceId, isArchived });
    return { source, sourceId, store, gate };
  }
}

async function say(
  json: boolean,
  { name }: ConfiguredSource,
  asked: SegmentName,
  inForce: SegmentName,
): Promise<void> {
  if (json) return printJson({ source: name, flushedUpTo: inForce.name });
  const further = inForce.number > asked.number ? ' already' : '';
  await print(`${name} is${further} flushed up to ${printable(inForce.name)}`);
}
