/** A process that is to be kept running. */
export interface ChildSpec {
  /** Stands before its lines: `worker-1`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Default: that of this process. */
  readonly cwd?: string;
  /** Added to the environment of this process; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What a supervised process says and what becomes of it. */
export interface ChildListener {
  line(child: ChildSpec, text: string): Promise<void>;
  /** It ended by itself and is started again after the delay. */
  restarting(child: ChildSpec, why: string, delayMs: number): void;
}
