/** Groups all failures by cause: stopped sources, failing archives, failing segments and the quarantine. */
import { adviceOn, catalogue, type Condition, type FailureCode } from '@walq/wal-core/internal';
import type { QueueObservation } from '../monitor/queue-watch.ts';
import type { FailureView } from './page-state.ts';
import type { ChosenFigures } from './source-view.ts';

interface FailingSource {
  readonly name: string;
  readonly conditions: readonly Condition[];
  readonly figures: ChosenFigures['figures'];
}

/** Ongoing failures first, then the newest. */
export function failuresOf(
  sources: readonly FailingSource[],
  { workers }: Pick<QueueObservation, 'workers'>,
): FailureView[] {
  const all = [
    ...sources.flatMap(stoppedOf),
    ...sources.flatMap(quarantinedOf),
    ...workers.flatMap(({ failures }) => failures).flatMap(failedOf),
  ];
  return [...byCause(all).values()].toSorted(
    (a, b) => Number(a.hasEnded) - Number(b.hasEnded) || (b.at ?? Infinity) - (a.at ?? Infinity),
  );
}

interface Caused extends FailureView {
  readonly cause: string;
}

const wholeSource: readonly Condition['kind'][] = [
  'unavailable',
  'source-stopped',
  'archive-failing',
];

function stoppedOf({ name, conditions }: FailingSource): Caused[] {
  return conditions
    .filter(({ kind }) => wholeSource.includes(kind))
    .map(({ code, message, hint, since, cause }) => ({
      cause,
      sources: [name],
      segment: null,
      segments: null,
      kind: 'stopped' as const,
      code: code ?? '',
      message,
      hint,
      since: since === null ? null : Date.parse(since),
      at: null,
      hasEnded: false,
    }));
}

function quarantinedOf({ name, figures }: FailingSource): Caused[] {
  return (figures?.quarantine ?? []).map(({ code, segments, segment, message, since }) => ({
    cause: `quarantined ${name} ${code}`,
    sources: [name],
    segment,
    segments,
    kind: 'quarantined' as const,
    code,
    message,
    hint: Object.hasOwn(catalogue, code) ? adviceOn(code as FailureCode, name, segment) : '',
    since: Date.parse(since),
    at: Date.parse(since),
    hasEnded: false,
  }));
}

/** Skips quarantined segments: the archive lists them, and for longer than a worker's record does. */
function failedOf(failed: QueueObservation['workers'][number]['failures'][number]): Caused[] {
  if (failed.kind === 'quarantined') return [];
  const { source, kind, code } = failed;
  const isOfArchive = code.startsWith('store-');
  return [
    {
      ...failed,
      cause: isOfArchive ? `${kind} ${code}` : `${kind} ${source} ${code}`,
      sources: [source],
      hasEnded: failed.segments === 0,
    },
  ];
}

function byCause(all: readonly Caused[]): Map<string, FailureView> {
  const found = new Map<string, FailureView>();
  for (const { cause, ...one } of all) {
    const known = found.get(cause);
    found.set(cause, known === undefined ? one : merge(known, one));
  }
  return found;
}

function merge(a: FailureView, b: FailureView): FailureView {
  const latest = (a.at ?? Infinity) >= (b.at ?? Infinity) ? a : b;
  const starts = [a.since, b.since].filter((one) => one !== null);
  return {
    ...latest,
    sources: [...new Set([...a.sources, ...b.sources])],
    segments: a.segments === null ? null : a.segments + (b.segments ?? 0),
    since: starts.length === 0 ? null : Math.min(...starts),
    hasEnded: a.hasEnded && b.hasEnded,
  };
}
