/** walq's producer in a process of its own, which flushes on request. */
import { createProducer } from '@walq/archive-queue';
import { nodeDisk, openStore, type BatchLimits } from '@walq/wal-core/internal';
import { pino } from 'pino';
import { binarySource } from '../../binary-source.ts';
import { answerWords, given } from './answer-words.ts';

export interface ProducerProgram {
  readonly redisUrl: string;
  readonly archive: string;
  readonly source: { readonly name: string; readonly directory: string };
  /** Segments in the queue at once; default the producer's own. */
  readonly windowMax?: number;
  /** What a job holds; default the producer's own. */
  readonly batch?: BatchLimits;
}

const { redisUrl, archive, source: at, windowMax, batch } = given<ProducerProgram>();
const producer = createProducer({
  source: binarySource(at.name, at.directory),
  store: openStore(archive, { disk: nodeDisk }),
  redis: redisUrl,
  logger: pino({ level: 'error' }),
  ...(windowMax !== undefined && { windowMax }),
  ...(batch !== undefined && { batch }),
});

/** `flushed 400`: up to that number. */
answerWords(
  (word) => {
    const [verb, number = '0'] = word.split(' ');
    if (verb === 'flushed') producer.flushed(BigInt(number));
    return producer.state();
  },
  () => producer.close(),
);
