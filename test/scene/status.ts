import { expect } from 'vitest';
import type { Scene } from './scene.ts';

/** What `walq status --json` prints. */
interface Status {
  readonly redis: 'ok' | 'unreachable';
  readonly sources: Readonly<Record<string, SourceStatus>>;
  readonly queues: Readonly<Record<string, QueueCounts>>;
  readonly workers: readonly { id: string; host: string; concurrency: number; active: number }[];
}

interface SourceStatus {
  readonly dueSegments: number;
  readonly dueBytes: number;
  readonly oldestDueAgeMs: number | null;
  readonly lastArchived: { readonly segment: string; readonly archivedAt: string } | null;
  readonly gaps: readonly { after: string; before: string; missing: number }[];
  readonly level?: { readonly configured: 'auto'; readonly recent: readonly number[] };
  readonly quarantined: readonly { segment: string; code: string; message: string }[];
}

interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

/** Asks `walq status`, which must succeed. */
export async function statusOf(scene: Scene): Promise<Status> {
  const { code, stderr, json } = await scene.walq('status', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return json() as Status;
}
