/** Wires the parts of a producer together; nothing runs yet but the connection to Redis. */
import { nodeDisk } from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import { RedisLink } from '../connection/index.ts';
import { queueNameOf } from '../job/index.ts';
import { ArchiveQueue } from '../queue/index.ts';
import { Trouble } from '../trouble/index.ts';
import { Enqueuer } from './enqueuer.ts';
import { FlushedMark } from './flushed-mark.ts';
import { OpenedSource } from './opened-source.ts';
import type { ProducerOptions } from './producer-options.ts';
import { Pump } from './pump.ts';
import { RoundPace } from './round-pace.ts';
import { WatermarkWriter } from './watermark-writer.ts';
import { Window } from './window.ts';

const WINDOW_MAX = 512;
const RECONCILE_INTERVAL_MS = 30_000;

export type Parts = ReturnType<typeof assemble>;

export function assemble(options: ProducerOptions, logger: Logger) {
  const { source: at, store, redis: place, queueName = 'wal-archive', disk = nodeDisk } = options;
  const link = new RedisLink({ place, logger, queueName, onReady: () => pump.reconnected() });
  const queue = new ArchiveQueue(link, queueNameOf(queueName, at.name), {
    telemetry: options.telemetry,
  });
  const window = new Window({ disk, queue, sizeMax: options.windowMax ?? WINDOW_MAX });
  const source = new OpenedSource({ disk, source: at, store });
  const mark = new FlushedMark(() => source.asKnown);
  const watermark = new WatermarkWriter(disk, mark);
  const sourceTrouble = new Trouble(logger);
  const watermarkTrouble = new Trouble(logger);
  const redisTrouble = new Trouble(logger);
  const pace = new RoundPace();
  const reconcileIntervalMs = options.reconcileIntervalMs ?? RECONCILE_INTERVAL_MS;
  const enqueuer = new Enqueuer({
    source,
    link,
    window,
    pace,
    reconcileIntervalMs,
    sourceTrouble,
    redisTrouble,
    queueName: queue.name,
  });
  const pump = new Pump({ source, enqueuer, pace, watermark, sourceTrouble, watermarkTrouble });
  return { link, window, mark, watermark, pump, sourceTrouble, watermarkTrouble, redisTrouble };
}
