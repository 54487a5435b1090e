/** Makes inputs for one target, and keeps those that reached what none before did. */
import { Coverage, Seen } from './coverage.ts';
import { faultOf } from './check-outcome.ts';
import { mutate, poolOf } from './mutate.ts';
import { Random } from './random.ts';
import type { Target } from './target.ts';

export interface Finding {
  readonly input: Buffer;
  /** What was thrown, with its stack, or what else went wrong. */
  readonly why: string;
}

export interface Explored {
  readonly inputs: number;
  /** How many inputs are worth keeping. */
  readonly corpus: number;
  readonly blocks: number;
  readonly finding: Finding | undefined;
}

export interface ExploreOptions {
  readonly seed: number;
  /** Asked before each batch; gives false when it is enough. */
  readonly mayContinue: (inputs: number) => boolean;
  /** Called with each input before it is tried. */
  readonly onInput: (input: Buffer) => void;
}

/** Asking V8 takes longer than most inputs: it is asked for a batch, and for each input of one that is new. */
const BATCH_INPUTS = 64;
const CORPUS_MAX = 4_096;
/** Above what the process has when it begins: bounded memory is a promise. */
const GROWTH_BYTES_MAX = 512 * 1024 * 1024;

export async function explore(target: Target, options: ExploreOptions): Promise<Explored> {
  const coverage = new Coverage();
  try {
    return await new Exploration(target, options, coverage).run();
  } finally {
    coverage.close();
  }
}

class Exploration {
  readonly #target: Target;
  readonly #options: ExploreOptions;
  readonly #coverage: Coverage;
  readonly #random: Random;
  /** Apart, because a block of a batch has run as often as in all its inputs. */
  readonly #ofBatches = new Seen();
  readonly #ofInputs = new Seen();
  readonly #corpus: Buffer[] = [];
  readonly #bytesAtStart = process.memoryUsage.rss();
  #inputs = 0;
  #finding: Finding | undefined;

  constructor(target: Target, options: ExploreOptions, coverage: Coverage) {
    this.#target = target;
    this.#options = options;
    this.#coverage = coverage;
    this.#random = new Random(options.seed);
  }

  async run(): Promise<Explored> {
    await this.#try([Buffer.alloc(0), ...this.#target.seeds]);
    for (const seed of this.#target.seeds) if (!this.#corpus.includes(seed)) this.#keep(seed);
    while (this.#finding === undefined && this.#options.mayContinue(this.#inputs)) {
      const pool = poolOf(this.#corpus, this.#target.tokens ?? []);
      await this.#try(Array.from({ length: BATCH_INPUTS }, () => mutate(this.#random, pool)));
    }
    const blocks = this.#ofInputs.size;
    return { inputs: this.#inputs, corpus: this.#corpus.length, blocks, finding: this.#finding };
  }

  async #try(batch: readonly Buffer[]): Promise<void> {
    for (const input of batch) if (!(await this.#isSound(input))) return;
    this.#inputs += batch.length;
    const blocks = this.#coverage.take();
    if (this.#ofBatches.add(blocks)) for (const input of batch) await this.#keepIfNew(input);
    this.#refuseGrowth(batch);
  }

  async #isSound(input: Buffer): Promise<boolean> {
    this.#options.onInput(input);
    const why = await faultOf(this.#target, input);
    if (why !== undefined) this.#finding = { input, why };
    return why === undefined;
  }

  async #keepIfNew(input: Buffer): Promise<void> {
    if (!(await this.#isSound(input))) return;
    if (this.#ofInputs.add(this.#coverage.take())) this.#keep(input);
  }

  #keep(input: Buffer): void {
    if (this.#corpus.length < CORPUS_MAX) this.#corpus.push(input);
    else this.#corpus[this.#random.below(CORPUS_MAX)] = input;
  }

  #refuseGrowth(batch: readonly Buffer[]): void {
    const grown = process.memoryUsage.rss() - this.#bytesAtStart;
    if (grown <= GROWTH_BYTES_MAX) return;
    const why = `memory grew by ${grown} bytes by one of ${batch.length} inputs`;
    this.#finding ??= { input: batch.at(-1) ?? Buffer.alloc(0), why };
  }
}
