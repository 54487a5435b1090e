/** Connects to Redis, and closes a connection whose server sends a reply larger than walq ever needs. */
import type { Socket } from 'node:net';
import { SentinelConnector, StandaloneConnector } from '../ioredis.ts';

/** Many times the largest reply that walq needs: the ids of five hundred roles. */
const REPLY_BYTES_MAX = 4 * 1024 * 1024;

/** Distinguishes this failure from a broken connection. */
export const REPLY_TOO_LARGE = 'a reply from Redis is larger than 4 MiB';

type Connector = SentinelConnector | StandaloneConnector;

/** For ioredis's option `Connector`: ioredis has no other way to limit the size of a reply. */
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
  const size = new ReplySize(REPLY_BYTES_MAX);
  // Redis sends nothing before it gets a command, so no byte was missed.
  stream.on('data', (chunk: Buffer) => {
    if (!stream.destroyed && !size.take(chunk)) stream.destroy(new Error(REPLY_TOO_LARGE));
  });
  return stream;
}

/**
 * Measures a reply from Redis before it is buffered: anyone who can write there can store values of 512 MB, and the
 * client returns only whole replies. Parses just the framing of RESP 2 and 3.
 */
const LINE_FEED = 0x0a;
/** Types that begin with a length in bytes, and types that begin with a number of values. */
const BULK = '$=!';
const AGGREGATE = '*~>';
const PAIRS = '%|';
/** Longer than any length field; the rest of a longer line is text. */
const LENGTH_CHARS_MAX = 24;
/** The shortest value on the wire. */
const VALUE_BYTES_MIN = 3;

export class ReplySize {
  readonly #bytesMax: number;
  /** Of the current reply. */
  #bytes = 0;
  #valuesLeft = 1;
  #bulkBytesLeft = 0;
  /** The beginning of a line that is not complete yet. */
  #line = '';

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** False as soon as a reply is too large or announces that it will be. */
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
    // Attributes come before the value that they belong to.
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
