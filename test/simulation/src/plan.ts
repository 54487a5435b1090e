/** What is done to the world in one history, from its seed: a list, so that it can be shortened. */
import { Random } from './random.ts';

export interface Layout {
  readonly hosts: number;
  readonly sources: number;
  readonly workers: number;
  readonly speeds: readonly number[];
}

export type Action =
  | { readonly kind: 'write'; readonly source: number; readonly bytes: number }
  | { readonly kind: 'flush'; readonly source: number; readonly behind: number }
  | { readonly kind: 'restore'; readonly source: number; readonly diesAfterCalls: number }
  | {
      readonly kind: 'prune';
      readonly source: number;
      readonly keepSegments: number;
      readonly graceMs: number;
      readonly diesAfterCalls: number;
    }
  | { readonly kind: 'reset'; readonly source: number }
  | { readonly kind: 'rewrite'; readonly source: number }
  | { readonly kind: 'kill'; readonly process: number; readonly afterCalls: number }
  | { readonly kind: 'freeze'; readonly process: number; readonly ms: number }
  | { readonly kind: 'power-cut'; readonly host: number; readonly seed: number }
  | { readonly kind: 'lose-queue' }
  | { readonly kind: 'redeliver'; readonly ms: number }
  | { readonly kind: 'rogue-job'; readonly source: number; readonly segment: number }
  | {
      readonly kind: 'cut-redis';
      readonly process: number;
      readonly ms: number;
      readonly silent: boolean;
    }
  | { readonly kind: 'redis-down'; readonly ms: number }
  | {
      readonly kind: 'store-fails';
      readonly process: number;
      readonly ms: number;
      readonly errno: string;
      readonly share: number;
    }
  | {
      readonly kind: 'fsync-fails';
      readonly process: number;
      readonly ms: number;
      readonly share: number;
    }
  | {
      readonly kind: 'store-slow';
      readonly process: number;
      readonly ms: number;
      readonly latencyMs: number;
    }
  | { readonly kind: 'unmount-archive'; readonly host: number; readonly ms: number }
  | { readonly kind: 'move-clock'; readonly host: number; readonly byMs: number }
  | { readonly kind: 'pause-queue'; readonly source: number; readonly ms: number };

export type Planned = Action & { readonly atMs: number };

export interface Plan {
  readonly seed: number;
  readonly layout: Layout;
  readonly actions: readonly Planned[];
}

const HOUR_MS = 3_600_000;
const SPAN_MS = 4_000;
const ERRNOS = ['EIO', 'ENOSPC', 'EROFS', 'EIO', 'ESTALE'] as const;

export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const layout = {
    hosts: random.between(1, 2),
    sources: random.between(1, 2),
    workers: random.between(1, 3),
    speeds: Array.from({ length: 6 }, () => random.pick([1, 1, 0.5, 0.15])),
  };
  const actions = [
    ...engineActions(random, layout),
    ...faults(random, layout),
    ...prunings(random, layout),
  ];
  return { seed, layout, actions: actions.toSorted((a, b) => a.atMs - b.atMs) };
}

function engineActions(random: Random, { sources }: Layout): Planned[] {
  const actions: Planned[] = [];
  for (let source = 0; source < sources; source += 1) {
    const segments = random.between(2, 5);
    for (let n = 0; n < segments; n += 1) {
      const atMs = (n + random.next()) * (SPAN_MS / 2 / segments);
      actions.push({ kind: 'write', source, bytes: random.between(1, 60), atMs });
      if (random.chance(0.7)) {
        actions.push({ kind: 'flush', source, behind: random.between(0, 1), atMs: atMs + 150 });
        actions.push(...soonAfter(random, source, atMs + 150));
      }
    }
    actions.push({ kind: 'flush', source, behind: random.between(0, 1), atMs: SPAN_MS / 2 + 200 });
  }
  return actions;
}

/** While it is most likely to be in work. */
function soonAfter(random: Random, source: number, atMs: number): Planned[] {
  const soonMs = atMs + random.next() * 500;
  if (random.chance(0.2)) return [{ kind: 'redeliver', ms: 300, atMs: soonMs }];
  return random.chance(0.1) ? [{ kind: 'rewrite', source, atMs: soonMs }] : [];
}

function faults(random: Random, layout: Layout): Planned[] {
  const count = random.between(0, 6);
  return Array.from({ length: count }, () => ({
    ...fault(random, layout),
    atMs: random.next() * SPAN_MS * (random.chance(0.6) ? 0.5 : 1),
  }));
}

/** When there is something to remove, mostly; some at once, some by a later call. */
function prunings(random: Random, { sources }: Layout): Planned[] {
  const count = random.chance(0.25) ? random.between(1, 3) : 0;
  const source = random.between(0, sources - 1);
  return Array.from({ length: count }, () => ({
    kind: 'prune',
    source,
    keepSegments: random.between(1, 2),
    graceMs: random.pick([0, 500]),
    diesAfterCalls: random.pick([20, 60, 200]),
    atMs: SPAN_MS * (0.3 + 0.7 * random.next()),
  }));
}

function fault(random: Random, { hosts, sources, workers }: Layout): Action {
  const process = random.between(0, workers + sources - 1);
  const source = random.between(0, sources - 1);
  const host = random.between(0, hosts - 1);
  const segment = random.between(1, 5);
  const ms = random.pick([100, 700, 3_000, 9_000]);
  return random.pick<() => Action>([
    () => ({ kind: 'kill', process, afterCalls: random.between(0, 60) }),
    () => ({ kind: 'kill', process, afterCalls: random.between(0, 60) }),
    () => ({ kind: 'freeze', process, ms }),
    () => ({
      kind: 'power-cut',
      host: random.between(-1, hosts - 1),
      seed: random.between(0, 2 ** 31),
    }),
    () => ({ kind: 'lose-queue' }),
    () => ({ kind: 'redeliver', ms }),
    () => ({ kind: 'rogue-job', source, segment }),
    () => ({ kind: 'rogue-job', source, segment }),
    () => ({ kind: 'cut-redis', process, ms, silent: random.chance(0.5) }),
    () => ({ kind: 'redis-down', ms }),
    () => ({
      kind: 'store-fails',
      process,
      ms,
      errno: random.pick(ERRNOS),
      share: random.pick([0.1, 0.5, 1]),
    }),
    () => ({ kind: 'fsync-fails', process, ms, share: random.pick([0.3, 0.6]) }),
    () => ({ kind: 'store-slow', process, ms, latencyMs: random.pick([20, 300, 3_000]) }),
    () => ({ kind: 'unmount-archive', host, ms }),
    () => ({ kind: 'move-clock', host, byMs: random.pick([-HOUR_MS, HOUR_MS, -2_000, 2_000]) }),
    () => ({ kind: 'pause-queue', source, ms }),
    () => ({ kind: 'reset', source }),
    () => ({ kind: 'restore', source, diesAfterCalls: random.between(0, 80) }),
    () => ({ kind: 'rewrite', source }),
  ])();
}

/** One line for people. */
export function shown({ atMs, kind, ...rest }: Planned): string {
  const details = Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`);
  return `${Math.round(atMs).toString().padStart(6)} ms  ${kind}${details.length > 0 ? `: ${details.join(', ')}` : ''}`;
}
