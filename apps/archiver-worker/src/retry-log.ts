/** Says that segments are tried again, and why: at most one line a minute for each source and failure. */
import type { JobEvent } from '@walq/archive-queue';
import type { Logger } from 'pino';

type Retried = Extract<JobEvent, { readonly kind: 'retried' }>;

const QUIET_MS = 60_000;

/** What keeps a whole archive or source from being worked on is said once, by whoever looks when it ends. */
const isToldElsewhere = (code: string): boolean =>
  code.startsWith('store-') || code === 'source-unavailable';

export class RetryLog {
  readonly #logger: Logger;
  readonly #told = new Map<string, { quietUntilMs: number; suppressed: number }>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  note({ source, segment, failure }: Retried): void {
    const { code, message, hint } = failure;
    if (isToldElsewhere(code)) return;
    const kind = `${source} ${code}`;
    const before = this.#told.get(kind) ?? { quietUntilMs: 0, suppressed: 0 };
    if (performance.now() < before.quietUntilMs) {
      before.suppressed += 1;
      return;
    }
    const more = { source, segment, code, hint, suppressed: before.suppressed };
    this.#logger.warn(more, `segment is tried again: ${message}`);
    this.#told.set(kind, { quietUntilMs: performance.now() + QUIET_MS, suppressed: 0 });
  }
}
