import { eventually, startRedis } from '@walq/test-support';
import { createProducer } from '@walq/archive-queue';
import { expect, it, onTestFinished } from 'vitest';
import { consume } from './consuming.ts';
import { logLines } from '../support/log-lines.ts';
import { openPlace, segmentName, type Place } from '../support/place.ts';
import { TestArchiver } from '../support/test-archiver.ts';

function produce({ source, store }: Place, redis: string) {
  const logger = logLines().logger;
  const producer = createProducer({ source, store, redis, logger, reconcileIntervalMs: 200 });
  onTestFinished(() => producer.close());
  return producer;
}

it('two sources of one name on one Redis: both sides are told whose jobs are dropped, and by whom', async () => {
  const redis = await startRedis();
  const [mine, other] = [await openPlace(), await openPlace()];
  await other.write(1, 3);
  const { consumer } = await consume(mine, redis.url, new TestArchiver());
  const producer = produce(other, redis.url);
  producer.flushed(segmentName(2));
  await eventually(() => {
    const stopped = consumer.state().sources['orders']?.stopped;
    expect(stopped).toMatchObject({ code: 'source-name-shared' });
    expect(stopped?.message).toContain("jobs of another source named 'orders'");
    expect(stopped?.message).toContain(`archives ${mine.source.directory}`);
    expect(stopped?.hint).toContain('another name');
  });
  await eventually(() => {
    const { stopped } = producer.state();
    expect(stopped).toMatchObject({ code: 'source-name-shared' });
    expect(stopped?.message).toContain("drops the jobs of source 'orders'");
    expect(stopped?.message).toContain(mine.source.directory);
  });
});
