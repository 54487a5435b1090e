import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterThisTest } from './this-test.ts';

/**
 * `request`: the command never arrives. `answer`: it is carried out, and nobody hears of it. `all-answers`: as `answer`,
 * but the connection stays open, and nothing comes over it any more.
 */
type LostPart = 'request' | 'answer' | 'all-answers';

export interface Cut {
  /** Which command, counted from 1 over all connections since the proxy began or `cutAt` was called. */
  readonly command: number;
  readonly lost: LostPart;
}

/** Stands before a Redis, and cuts the connection that sends the k-th command, or falls silent. Once; then it passes everything. */
export class CuttingProxy {
  #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut: Cut | undefined;
  #commands = 0;
  #hasCut = false;
  #isClosing = false;

  constructor(target: number, cut?: Cut) {
    this.#target = target;
    this.#cut = cut;
    this.#server = createServer((client) => this.#pass(client));
  }

  /** Commands since the proxy began, or since `cutAt` was called. */
  get commands(): number {
    return this.#commands;
  }

  get hasCut(): boolean {
    return this.#hasCut;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy is closed');
    return `redis://127.0.0.1:${address.port}`;
  }

  cutAt(cut: Cut): void {
    this.#cut = cut;
    this.#commands = 0;
    this.#hasCut = false;
  }

  /** New connections go to another server; those that stand stay where they are. */
  leadTo(target: number): void {
    this.#target = target;
  }

  /** Breaks all connections that there are. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.cutAll();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(client: Socket): void {
    if (this.#isClosing) return void client.destroy();
    const server = connect(this.#target, '127.0.0.1');
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    const frames = new RequestFrames();
    let isMute = false;
    client.on('data', (bytes: Buffer) => {
      for (const frame of frames.take(bytes)) {
        if (isMute) return;
        const lost = this.#count();
        if (lost === 'request') return end();
        server.write(frame);
        if (lost === undefined) continue;
        isMute = true;
        if (lost === 'answer') server.once('data', end);
      }
    });
    server.on('data', (bytes: Buffer) => {
      if (!isMute) client.write(bytes);
    });
  }

  #count(): LostPart | undefined {
    this.#commands += 1;
    if (this.#hasCut || this.#cut === undefined || this.#commands < this.#cut.command) return;
    this.#hasCut = true;
    return this.#cut.lost;
  }
}

/** Starts one before a server of this machine. Within a test it is closed when the test ends. */
export async function startCuttingProxy(target: number, cut?: Cut): Promise<CuttingProxy> {
  const proxy = new CuttingProxy(target, cut);
  await proxy.listen();
  afterThisTest(() => proxy.close());
  return proxy;
}

const CRLF_LENGTH = 2;

/** Splits what a Redis client sends into whole commands. */
class RequestFrames {
  #rest: Buffer = Buffer.alloc(0);

  take(bytes: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const frames: Buffer[] = [];
    for (;;) {
      const end = endOfFrame(this.#rest);
      if (end === undefined) return frames;
      frames.push(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end);
    }
  }
}

/** Where the first command ends; undefined while a part of it is still to come. */
function endOfFrame(bytes: Buffer): number | undefined {
  const head = numberAt(bytes, 0);
  if (head === undefined) return undefined;
  let { at } = head;
  for (let left = head.value; left > 0; left -= 1) {
    const length = numberAt(bytes, at);
    if (length === undefined) return undefined;
    at = length.at + length.value + CRLF_LENGTH;
  }
  return at <= bytes.length ? at : undefined;
}

/** The number of a line such as `*3` or `$11`, and where the line ends. */
function numberAt(bytes: Buffer, from: number): { value: number; at: number } | undefined {
  const end = bytes.indexOf('\r\n', from);
  if (end === -1) return undefined;
  return { value: Number(bytes.toString('latin1', from + 1, end)), at: end + CRLF_LENGTH };
}
