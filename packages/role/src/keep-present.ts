/** Says on disk, again and again, that a role serves its PostgreSQL sources: `walq wal-push` looks there. */
import {
  PRESENCE_EVERY_MS,
  showPresence,
  type Disk,
  type PresentRole,
  type Source,
} from '@walq/wal-core/internal';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

/** While the role takes care of nothing yet: what it takes care of then is not to wait for it. */
const ASK_AGAIN_MS = 100;

interface PresenceOptions {
  readonly disk: Disk;
  readonly role: PresentRole;
  readonly sources: readonly Source[];
  readonly logger: Logger;
  /** Whether the role takes care of a source now. */
  readonly isServing: (source: Source) => boolean;
}

interface Presence {
  /** Ends at once: what hangs on a dead disk is left behind, and says nothing more than it did. */
  stop(): Promise<void>;
}

export function keepPresent(options: PresenceOptions): Presence {
  const stopping = new AbortController();
  const { signal } = stopping;
  const sources = options.sources.filter(({ sealedRule }) => sealedRule.kind === 'ready');
  const saying = Promise.all(sources.map((source) => sayUntil(options, source, signal)));
  const ended = Promise.race([once(signal, 'abort'), saying]);
  return {
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

async function sayUntil(
  { disk, role, logger, isServing }: PresenceOptions,
  source: Source,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const isHere = isServing(source);
    if (isHere) {
      await showPresence(disk, source, role).catch((err: unknown) => {
        logger.debug({ err, source: source.name }, 'unable to say that this role is here');
      });
    }
    const pauseMs = isHere ? PRESENCE_EVERY_MS : ASK_AGAIN_MS;
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
