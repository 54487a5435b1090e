/** How connections to Redis are made: one whose server answers with more than walq ever asks for is ended. */
import type { Socket } from 'node:net';
import { SentinelConnector, StandaloneConnector } from '../bullmq.ts';

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

/**
 * How large an answer of Redis is, before it is held in memory: whoever can write there can store values of 512 MB,
 * and the client gives an answer only as a whole. Follows the framing of RESP 2 and 3 and nothing else of it.
 */
const LINE_FEED = 0x0a;
/** Types whose length in bytes comes first, and types whose number of values does. */
const BULK = '$=!';
const AGGREGATE = '*~>';
const PAIRS = '%|';
/** More than the longest length; what follows in a longer line is text. */
const LENGTH_CHARS_MAX = 24;
/** No value is sent in less. */
const VALUE_BYTES_MIN = 3;

export class ReplySize {
  readonly #bytesMax: number;
  /** Of the answer under way. */
  #bytes = 0;
  #valuesLeft = 1;
  #bulkBytesLeft = 0;
  /** The beginning of a line whose end has not come yet. */
  #line = '';

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** False as soon as an answer is larger, or announces that it will be. */
  take(chunk: Buffer): boolean {
    let at = 0;
    while (at < chunk.length && this.#isWithin()) {
      at = this.#bulkBytesLeft > 0 ? this.#takeBulk(chunk, at) : this.#takeLine(chunk, at);
    }
    return this.#isWithin();
  }

  #isWithin(): boolean {
    const announced = this.#bulkBytesLeft + VALUE_BYTES_MIN * (this.#valuesLeft - 1);
    return this.#bytes + announced <= this.#bytesMax;
  }

  #takeBulk(chunk: Buffer, at: number): number {
    const taken = Math.min(this.#bulkBytesLeft, chunk.length - at);
    this.#bytes += taken;
    this.#bulkBytesLeft -= taken;
    if (this.#bulkBytesLeft === 0) this.#valueEnded();
    return at + taken;
  }

  #takeLine(chunk: Buffer, at: number): number {
    const feed = chunk.indexOf(LINE_FEED, at);
    const end = feed === -1 ? chunk.length : feed + 1;
    const missing = LENGTH_CHARS_MAX - this.#line.length;
    this.#line += chunk.toString('latin1', at, Math.min(end, at + missing));
    this.#bytes += end - at;
    if (feed !== -1 && this.#isWithin()) this.#lineEnded();
    return end;
  }

  #lineEnded(): void {
    const type = this.#line.charAt(0);
    const length = Number.parseInt(this.#line.slice(1), 10);
    this.#line = '';
    if (BULK.includes(type) && length >= 0) {
      this.#bulkBytesLeft = length + 2;
      return;
    }
    if (AGGREGATE.includes(type) && length > 0) this.#valuesLeft += length;
    if (PAIRS.includes(type) && length > 0) this.#valuesLeft += 2 * length;
    // Attributes stand before the value that they belong to.
    if (type === '|') this.#valuesLeft += 1;
    this.#valueEnded();
  }

  #valueEnded(): void {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft > 0) return;
    this.#valuesLeft = 1;
    this.#bytes = 0;
  }
}
