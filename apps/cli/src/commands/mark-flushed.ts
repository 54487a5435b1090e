import {
  markFlushed,
  nodeDisk,
  openSource,
  openStoreOf,
  readIdentity,
  WalqError,
  type ArchiveStore,
  type ConfiguredSource,
  type SegmentName,
} from '@walq/wal-core';
import { makeArchiveFor } from '../make-archive.ts';
import { segmentOf } from '../archived-sources.ts';
import { examples } from '../arguments.ts';
import type { CliCommand } from '../command.ts';
import { sourceOf } from '../source-of.ts';
import { print, printJson } from '../terminal/print.ts';
import { printable } from '../terminal/printable.ts';
import { assertMayWrite } from '../owner.ts';

export const command: CliCommand = {
  define(program) {
    program
      .argument('<source>', 'name of the source')
      .argument('<segment>', 'the last flushed segment; everything up to it is flushed too')
      .addHelpText('after', examples('walq mark-flushed ledger wal-0000042.bin'));
  },

  async run(call) {
    const [name = '', text = ''] = call.args;
    const source = sourceOf(await call.loadConfig(), name);
    refuseGuessing(source);
    await assertMayWrite(call, source);
    const segment = segmentOf(source, text);
    const store = openStoreOf(source, nodeDisk);
    const sourceId = await identityOf(source, store);
    const inForce = await markFlushed(nodeDisk, { source, sourceId, store }, segment);
    await say(call.json, source, segment, inForce);
  },
};

function refuseGuessing({ name, sealedRule }: ConfiguredSource): void {
  if (sealedRule.kind === 'watermark') return;
  throw new WalqError('configuration-invalid', {
    message: `source '${name}' has no watermark: skip_newest decides what is sealed`,
    hint: `Remove skip_newest from [sources.${name}] to mark it yourself.`,
  });
}

/** A source that is marked before a producer has seen it gets its identity here. */
async function identityOf(source: ConfiguredSource, store: ArchiveStore): Promise<string> {
  const known = await readIdentity(nodeDisk, source);
  if (known !== undefined) return known;
  await makeArchiveFor(source, source);
  const opened = await openSource({ disk: nodeDisk, source, store, mayIntroduce: true });
  return opened.sourceId;
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
