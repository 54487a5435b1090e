/** The actions of the archive page: what each needs, does, and says afterwards. */
import type { Operator } from '@walq/archive-queue';
import {
  explainKnownGap,
  releaseSegment,
  RepairLog,
  WalqError,
  type ArchiveStore,
  type RepairPlace,
  type Source,
  type SourceLook,
} from '@walq/wal-core/internal';
import { z } from 'zod';

export interface ActionPlace {
  readonly source: Source;
  readonly store: ArchiveStore;
  readonly operator: Operator;
  /** Who acts. */
  readonly who: string;
  /** What was last seen of the source. */
  readonly look: SourceLook | null;
}

export interface Action {
  readonly body: z.ZodType<Readonly<Record<string, string>>>;
  /** Gives the sentence that the person reads. */
  run(place: ActionPlace, body: Readonly<Record<string, string>>): Promise<string>;
}

const name = z.string().min(1).max(1_024);
const nothing = z.strictObject({});

const action = <Body extends Readonly<Record<string, string>>>(
  body: z.ZodType<Body>,
  run: (place: ActionPlace, body: Body) => Promise<string>,
): Action => ({ body, run: async (place, given) => run(place, body.parse(given)) });

export const actions: Readonly<Record<string, Action>> = {
  pause: action(nothing, async ({ operator, source, who }) => {
    await operator.pause(source.name, `${who}, on the archive page`);
    return `${source.name} is paused: workers take none of its segments until you resume it.`;
  }),

  resume: action(nothing, async ({ operator, source }) => {
    await operator.resume(source.name);
    return `${source.name} goes on.`;
  }),

  retry: action(z.strictObject({ segment: name }), async ({ operator, source }, { segment }) => {
    if (await operator.retry(source.name, segment)) return `${segment} is tried again now.`;
    return `${segment} does not wait after a failure: it is in work, done, or in quarantine.`;
  }),

  'retry-all': action(nothing, async ({ operator, source }) => {
    const count = await operator.retryAll(source.name);
    return count === 1 ? '1 segment is tried again now.' : `${count} segments are tried again now.`;
  }),

  release: action(z.strictObject({ record: name }), async (place, { record }) => {
    const { source, look } = place;
    const known = seen(source, look).quarantined.find((one) => one.record === record);
    if (known === undefined) throw notThere('in quarantine any more');
    await releaseSegment(placeOf(place), known);
    // Its ended job gives way at the producer's next look, which finds the segment due.
    return `${known.segment} is released; it is on the queue again within half a minute.`;
  }),

  'acknowledge-gap': action(
    z.strictObject({ after: name, before: name, reason: z.string().trim().min(3).max(1_000) }),
    async (place, { after, before, reason }) => {
      const { gaps } = seen(place.source, place.look);
      await explainKnownGap(placeOf(place), gaps, { after, before, reason, by: place.who });
      return `The gap after ${after} is acknowledged.`;
    },
  ),
};

/** The same way as `walq repair`, which shows what was done here in its history. */
function placeOf({ store, source: { name: source }, who }: ActionPlace): RepairPlace {
  return {
    store,
    source,
    log: new RepairLog({ store, source, by: `${who}, on the archive page` }),
  };
}

/** What this host cannot see it does not change. */
function seen({ name: source }: Source, look: SourceLook | null): SourceLook {
  if (look !== null) return look;
  throw new WalqError('source-unavailable', {
    message: `this dashboard cannot look at source '${source}' now`,
    hint: 'Do it on a dashboard that sees the source and its archive.',
  });
}

const notThere = (what: string): WalqError =>
  new WalqError('usage', { message: `this is not ${what}`, hint: 'Look again: the page is live.' });
