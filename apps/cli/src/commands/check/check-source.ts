import { access, constants } from 'node:fs/promises';
import {
  describeOwner,
  nodeDisk,
  openStoreOf,
  readIdentity,
  readOwnerOf,
  readWatermark,
  resolveSource,
  scanSource,
  walqDirectory,
  WalqError,
  type Condition,
} from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import { sourceConditions, type QueueSnapshot } from '@walq/archive-queue/observe';
import { showCount } from '../../terminal/human.ts';
import { finding, ok, warning, type Finding, type Subject } from './finding.ts';
import { observe } from '../../sources/source-status.ts';

/** Checks that a source can be read, is the one that its archive knows, and has a watermark. */
export function checkSource(configured: ConfiguredSource): Promise<readonly Finding[]> {
  const subject = { check: 'source', name: configured.name } as const;
  return finding(subject, async () => {
    const source = await withNaming(configured);
    const { acceptedCount } = await scanSource(nodeDisk, source, { lowestMax: 0, highestMax: 0 });
    const found = `${showCount(acceptedCount, 'segment')} in ${source.directory}`;
    const sourceId = await readIdentity(nodeDisk, source);
    await assertSameSource(source, sourceId);
    await assertWritable(source);
    return [ok(subject, found), ...(await identityFindings(subject, source, sourceId))];
  });
}

/** Without a pattern, walq recognises segments by the names of the files. */
async function withNaming(source: ConfiguredSource): Promise<ConfiguredSource> {
  if (source.naming.rule.kind !== 'by-files') return source;
  const owner = await readOwnerOf(nodeDisk, source, openStoreOf(source, nodeDisk));
  return { ...source, ...(await resolveSource(nodeDisk, source, owner)).source };
}

async function identityFindings(
  subject: Subject,
  source: ConfiguredSource,
  sourceId: string | undefined,
): Promise<Finding[]> {
  if (sourceId === undefined) {
    return [
      warning(subject, `has no identity yet; walq producer creates it in ${walqDirectory(source)}`),
    ];
  }
  if (source.sealedRule.kind !== 'watermark') return [];
  const watermark = await readWatermark(nodeDisk, source, sourceId);
  if (watermark !== undefined) return [ok(subject, `flushed up to ${watermark.name}`)];
  const hint = `Check that the engine writes it, or run walq mark-flushed ${source.name} with the last flushed segment.`;
  return [warning(subject, 'has no watermark yet, so nothing is due', hint)];
}

async function assertSameSource(
  source: ConfiguredSource,
  sourceId: string | undefined,
): Promise<void> {
  const store = openStoreOf(source, nodeDisk);
  const owner = await readOwnerOf(nodeDisk, source, store);
  if (owner === undefined || owner.sourceId === sourceId) return;
  if (sourceId === undefined) {
    throw new WalqError('source-unavailable', {
      message: `${source.directory} has no identity, but the archive knows this source`,
    });
  }
  throw new WalqError('source-identity-mismatch', {
    message: `the name '${source.name}' is taken: in the archive ${store.url} it belongs to ${describeOwner(owner)}, and ${source.directory} is another source`,
    hint: `Rename [sources.${source.name}] in the configuration of this host, or use a separate archive.`,
  });
}

/** walq writes its identity and the watermark there, and deletes archived segments if configured. */
async function assertWritable({ directory }: ConfiguredSource): Promise<void> {
  await access(directory, constants.R_OK | constants.W_OK).catch((cause: unknown) => {
    throw new WalqError('source-unavailable', {
      message: `${directory} cannot be written by this user`,
      hint: 'Make it writable for this user. walq keeps its own directory .walq there.',
      cause,
    });
  });
}

/** Normal before the roles have started, so they do not fail the check. */
const expected: readonly Condition['kind'][] = ['no-worker', 'no-producer', 'late'];

/** The conditions of `walq status` as findings, so that a check fails where status does. checkRedis reports Redis. */
export async function checkConditions(
  source: ConfiguredSource,
  queue: QueueSnapshot,
): Promise<readonly Finding[]> {
  // checkSource reports a source that is not registered; there is nothing else to check.
  const id = await readIdentity(nodeDisk, source).catch(() => undefined);
  if (id === undefined) return [];
  const { snapshot, failure } = await observe(source);
  const known = { source: source.name, figures: snapshot?.figures ?? null, failingSince: null };
  return sourceConditions({ ...known, failure, queue })
    .filter(({ kind }) => kind !== 'redis-unavailable')
    .map(({ kind, level, message, hint, code }) => ({
      check: 'source',
      name: source.name,
      state: level === 'critical' && !expected.includes(kind) ? 'failed' : 'warning',
      message,
      hint,
      ...(code !== null && { code }),
    }));
}
