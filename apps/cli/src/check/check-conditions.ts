/** What `walq status` says is wrong with a source, as findings: a check does not pass where status does not. */
import { sourceConditions, type QueueSnapshot } from '@walq/archive-queue';
import { nodeDisk, readIdentity, type Condition } from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import { snapshotOf } from '../source-status.ts';
import type { Finding } from './finding.ts';

/** As before the roles have started: it is no fault of what is checked. */
const expected: readonly Condition['kind'][] = ['no-worker', 'no-producer', 'late'];

/** Redis itself has findings of its own. */
export async function checkConditions(
  source: ConfiguredSource,
  queue: QueueSnapshot,
): Promise<readonly Finding[]> {
  // Nobody has introduced it: the finding on the source says so, and there is nothing else to see.
  const id = await readIdentity(nodeDisk, source).catch(() => undefined);
  if (id === undefined) return [];
  const { look, failure } = await snapshotOf(source);
  const known = { source: source.name, figures: look?.figures ?? null, failingSince: null };
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
