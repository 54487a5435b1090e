import { expect } from 'vitest';
import type { Scene } from './scene.ts';

/** What `walq status --json` prints. */
interface Status {
  readonly redis: 'ok' | 'unreachable' | 'none';
  readonly sources: Readonly<Record<string, SourceStatus>>;
  readonly queues: Readonly<Record<string, QueueCounts>>;
  readonly workers: readonly { id: string; host: string; concurrency: number; active: number }[];
}

interface SourceStatus {
  readonly conditions: readonly Condition[];
  readonly dueSegments: number;
  readonly dueBytes: number;
  readonly oldestDueAgeMs: number | null;
  readonly lastArchived: { readonly segment: string; readonly archivedAt: string } | null;
  readonly gaps: readonly { after: string; before: string; missing: number }[];
  readonly level?: { readonly configured: 'auto'; readonly recent: readonly number[] };
  readonly quarantined: readonly { segment: string; code: string; message: string }[];
}

export interface Condition {
  readonly kind: string;
  readonly level: string;
  readonly message: string;
  readonly hint: string;
  readonly code: string | null;
  readonly since: string | null;
  readonly segments: number | null;
  readonly isHolding: boolean;
}

interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

/** Asks `walq status`, which ends with 1 when, and only when, it says that something holds a source. */
export async function statusOf(scene: Scene): Promise<Status> {
  const { code, stderr, json } = await scene.walq('status', '--json');
  expect(stderr).toBe('');
  const status = json() as Status;
  const conditions = Object.values(status.sources).flatMap((source) => source.conditions);
  const isHeld = conditions.some(({ isHolding }) => isHolding);
  expect({ code, conditions }).toEqual({ code: isHeld ? 1 : 0, conditions });
  return status;
}
