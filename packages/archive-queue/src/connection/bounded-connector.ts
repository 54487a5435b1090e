/** How connections to Redis are made: one whose server answers with more than walq ever asks for is ended. */
import type { Socket } from 'node:net';
import { SentinelConnector, StandaloneConnector } from '../bullmq/index.ts';
import { ReplySize } from './reply-size.ts';

/** Many times the largest answer that walq needs, which is what five hundred roles are called. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** The words that tell this failure from a connection that broke. */
export const ANSWER_TOO_LARGE = 'an answer of Redis is larger than 4 MiB';

type Connector = SentinelConnector | StandaloneConnector;

/** For ioredis' option `Connector`, which has no other way to bound what it reads. */
export function BoundedConnector(options: unknown): Connector {
  const connector = connectorFor(options as ConstructorParameters<typeof SentinelConnector>[0]);
  const connect = connector.connect.bind(connector);
  connector.connect = async (emitter) => bounded(await connect(emitter));
  return connector;
}

function connectorFor(options: ConstructorParameters<typeof SentinelConnector>[0]): Connector {
  if (options.sentinels) return new SentinelConnector(options);
  return new StandaloneConnector(options as ConstructorParameters<typeof StandaloneConnector>[0]);
}

function bounded<Stream extends Socket>(stream: Stream): Stream {
  const size = new ReplySize(ANSWER_BYTES_MAX);
  // Before this, Redis says nothing that it was not asked for.
  stream.on('data', (chunk: Buffer) => {
    if (!stream.destroyed && !size.take(chunk)) stream.destroy(new Error(ANSWER_TOO_LARGE));
  });
  return stream;
}
