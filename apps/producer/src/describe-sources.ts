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
      const { look, failure } = watch.sightings().get(source.name) ?? {};
      const stopped = producer.state().stopped ?? failure ?? null;
      return [source.name, { stopped, figures: look?.figures ?? null }];
    }),
  );
