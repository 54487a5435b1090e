import type { ProducerRecord } from '@walq/archive-queue';
import type { SourceWatch } from '@walq/role';
import type { Watched } from './run-producer.ts';

/** What a producer tells those who cannot see its disks. */
export const describeSources = (
  producers: readonly Watched[],
  watch: SourceWatch,
): ProducerRecord['sources'] =>
  Object.fromEntries(
    producers.map(({ source, producer }) => {
      const { look, failure, failingSince } = watch.snapshots().get(source.name) ?? {};
      const { stopped: own, stoppedSince } = producer.state();
      const since = own === undefined ? Date.parse(failingSince ?? '') : stoppedSince;
      const stopped = own ?? failure ?? null;
      const told = { stopped, stoppedSince: Number.isFinite(since) ? (since ?? null) : null };
      return [source.name, { ...told, figures: look?.figures ?? null }];
    }),
  );
