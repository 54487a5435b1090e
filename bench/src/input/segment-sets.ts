/** The sets of segments that walq's goals name; or one set of the reader's own in their place. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOf, rawName, readInput, type Input } from './input.ts';
import { makeInput, type InputRequest } from './make-input.ts';
import { compressibleWal, writeRows } from './records.ts';

/** The earlier design was measured by flushes of five files. */
export const FILES_A_FLUSH = 5;

interface Plan {
  readonly title: string;
  readonly segmentBytes: number;
  readonly segments: number;
  /**
   * Archived before the clock starts: threads and connections are there, and code is compiled. Of tiny segments some
   * thousands, because each costs little compared with compiling, and a service does that once in months.
   */
  readonly warmUp: number;
  /** `rows`: as an engine writes them. `pages`: compresses some fifty times, as the earlier design's files did. */
  readonly content: 'rows' | 'pages';
}

const KIB = 1024;

const plans = {
  '64B': { title: '64 B', segmentBytes: 64, segments: 6_000, warmUp: 3_000, content: 'rows' },
  '64KiB': {
    title: '64 KiB',
    segmentBytes: 64 * KIB,
    segments: 1_000,
    warmUp: 600,
    content: 'rows',
  },
  '0.5MB': {
    title: '0.484 MB',
    segmentBytes: 484_000,
    segments: 50 * FILES_A_FLUSH,
    warmUp: 20 * FILES_A_FLUSH,
    content: 'pages',
  },
  '2MB': {
    title: '2 MB',
    segmentBytes: 2_000_000,
    segments: 15 * FILES_A_FLUSH,
    warmUp: 10 * FILES_A_FLUSH,
    content: 'pages',
  },
  '16MiB': {
    title: '16 MiB',
    segmentBytes: 16 * KIB * KIB,
    segments: 24,
    warmUp: 4,
    content: 'rows',
  },
} as const satisfies Readonly<Record<string, Plan>>;

export type PlannedSet = keyof typeof plans;
export type SetId = PlannedSet | 'own';

/** `own` is the reader's. */
export interface SegmentSet extends Input {
  readonly id: SetId;
}

export interface SetsRequest extends InputRequest {
  /** Whether the request names an input of the reader's own. */
  readonly isOwn: boolean;
  /** Measures a fifth of the segments. */
  readonly short: boolean;
}

const SHORT_SHARE = 5;

/** Makes each set when it is first needed; its files are gone with the root. */
export class SegmentSets {
  readonly #request: SetsRequest;
  readonly #made = new Map<SetId, Promise<SegmentSet>>();

  constructor(request: SetsRequest) {
    this.#request = request;
  }

  /** What the part `segments` measures, in this order. */
  get ids(): readonly SetId[] {
    return this.#request.isOwn ? ['own'] : (Object.keys(plans) as PlannedSet[]);
  }

  /** The set of the largest segments. */
  get largest(): SetId {
    return this.#request.isOwn ? 'own' : '16MiB';
  }

  /** Bytes of all sets together, and once more of the largest, of which a contestant gets a copy. */
  async bytesNeeded(): Promise<number> {
    if (this.#request.isOwn) return 2 * bytesOf((await this.get('own')).segments);
    const sizes = Object.values(plans).map((plan) => plan.segmentBytes * this.#countOf(plan));
    return sizes.reduce((sum, bytes) => sum + bytes, Math.max(...sizes));
  }

  get(id: SetId): Promise<SegmentSet> {
    const made = this.#made.get(id) ?? this.#make(id);
    this.#made.set(id, made);
    return made;
  }

  async #make(id: SetId): Promise<SegmentSet> {
    if (id === 'own') return { ...(await makeInput(this.#request)), id };
    const { title, segmentBytes, content } = plans[id];
    const { root, seed, signal } = this.#request;
    const directory = join(root, `segments-${id}`);
    await mkdir(directory);
    const count = this.#countOf(plans[id]);
    for (let number = 1; number <= count; number += 1) {
      signal.throwIfAborted();
      const path = join(directory, rawName(number));
      if (content === 'rows') await writeRows(path, segmentBytes, seed + number);
      else await writeFile(path, compressibleWal(seed + number, segmentBytes));
    }
    const warmUpCount = this.#share(plans[id].warmUp);
    return { ...(await readInput({ directory, title, warmUpCount, segments: count })), id };
  }

  /** With the one that stays at the source. */
  #countOf({ warmUp, segments }: Plan): number {
    return this.#share(warmUp) + this.#share(segments) + 1;
  }

  /** Flushes stay whole. */
  #share(count: number): number {
    return this.#request.short ? Math.ceil(count / SHORT_SHARE) : count;
  }
}
