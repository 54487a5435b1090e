/** Which blocks of walq's own code ran, as V8 counts them. */
import { Session, type Profiler } from 'node:inspector';

/** The built packages, and the parsers that they rely on: what runs there decides which inputs are kept. */
const OWN = /\/packages\/[^/]+\/dist\/|\/node_modules\/(?:zod|valibot|smol-toml)\//;

export class Coverage {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    this.#post('Profiler.enable');
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    // What ran before does not count.
    this.#post('Profiler.takePreciseCoverage');
  }

  /** What ran since the last call; remembers nothing. */
  take(): ReadonlySet<string> {
    const { result } = this.#post('Profiler.takePreciseCoverage') as Taken;
    const own = result.filter(({ url }) => OWN.test(url));
    return new Set(own.flatMap(blocksOf));
  }

  close(): void {
    this.#post('Profiler.stopPreciseCoverage');
    this.#post('Profiler.disable');
    this.#session.disconnect();
  }

  /** The session answers before it returns. */
  #post(method: string, parameters: object = {}): unknown {
    let answer: unknown;
    this.#session.post(method, parameters, (error: Error | null, result?: object) => {
      if (error !== null) throw new Error(`the inspector refused ${method}`, { cause: error });
      answer = result;
    });
    return answer;
  }
}

type Taken = Profiler.TakePreciseCoverageReturnType;

function blocksOf({ scriptId, functions }: Profiler.ScriptCoverage): string[] {
  const ranges = functions.flatMap((one) => one.ranges).filter(({ count }) => count > 0);
  return ranges.map(
    ({ startOffset, endOffset, count }) =>
      `${scriptId}:${startOffset}:${endOffset}:${Math.min(10, Math.ceil(Math.log2(count)))}`,
  );
}

/** Blocks that ran before, each with how often by orders of magnitude. */
export class Seen {
  readonly #blocks = new Set<string>();

  get size(): number {
    return this.#blocks.size;
  }

  /** True when one of them is new. */
  add(blocks: ReadonlySet<string>): boolean {
    const before = this.#blocks.size;
    for (const block of blocks) this.#blocks.add(block);
    return this.#blocks.size > before;
  }
}
