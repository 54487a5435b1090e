import { once } from 'node:events';
import {
  createServer,
  request as forward,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { Duplex, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { freePort } from '../free-port.ts';
import { afterThisTest } from '../this-test.ts';

/** What goes wrong with one request. */
export type Fault =
  /** An error of the server, which does nothing. */
  | { readonly kind: 'answer'; readonly status: number; readonly code: string }
  /** The connection ends when so much of the request has gone through, and something else has happened. */
  | { readonly kind: 'cut'; readonly afterBytes: number; readonly does?: () => Promise<void> }
  /** The request is taken and never answered; the server does not hear of it. */
  | { readonly kind: 'hang' }
  /** The server does it, and its answer is kept back for as long as the client waits. */
  | { readonly kind: 'late' }
  /** The server does it, and the connection ends instead of its answer. */
  | { readonly kind: 'lost' }
  /** One bit of the request's body is another when it arrives. */
  | { readonly kind: 'flip' }
  /** One bit of the answer's body is. */
  | { readonly kind: 'flip-answer' }
  /** Something else happens, and the server does not hear of it. */
  | { readonly kind: 'instead'; readonly does: () => Promise<void> }
  /** The server does it, then something else happens, then it answers. */
  | { readonly kind: 'after'; readonly does: () => Promise<void> };

export interface ProxiedRequest {
  readonly method: string;
  /** With its query, as it stands in the request. */
  readonly path: string;
  /** Length of its body. */
  readonly bytes: number;
  readonly headers: IncomingHttpHeaders;
}

type FaultOf = (request: ProxiedRequest) => Fault | undefined;

/** Stands before an HTTP server, and does to requests what networks and servers do. */
export class FaultProxy {
  readonly port: number;
  readonly endpoint: string;
  /** Asked for each request; without a fault it goes through. */
  faultOf: FaultOf = () => undefined;
  /** Called with each piece of a request's body as it arrives. */
  onBytes: (bytes: number) => void = () => undefined;
  /** How many requests had a fault. */
  faults = 0;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(port: number, target: number) {
    this.port = port;
    this.endpoint = `http://127.0.0.1:${port}`;
    this.#target = target;
  }

  /** Takes connections, after `down()` again. */
  async up(): Promise<void> {
    const server = createServer((request, response) => this.#take(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server = server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
  }

  /** Cuts all connections, and refuses new ones. */
  async down(): Promise<void> {
    const closed = this.#server?.listening === true && once(this.#server, 'close');
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url: path = '', headers } = request;
    const bytes = Number(headers['content-length'] ?? 0);
    const fault = this.faultOf({ method, path, bytes, headers });
    if (fault !== undefined) this.faults += 1;
    const { socket } = request;
    this.#serve(request, response, fault).catch(() => {
      socket.destroy();
    });
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    fault: Fault | undefined,
  ): Promise<void> {
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'answer') return answerError(request, response, fault);
    if (fault?.kind === 'instead') {
      await fault.does();
      return void request.socket.destroy();
    }
    const answer = await this.#forward(request, fault);
    if (fault?.kind === 'late') return void answer.resume();
    if (fault?.kind === 'lost') return void request.socket.destroy();
    if (fault?.kind === 'after') await fault.does();
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    await pipeline([answer, ...(fault?.kind === 'flip-answer' ? [flipper()] : []), response]);
  }

  /** The signature covers the host name, so it is forwarded as the client sent it. */
  async #forward(request: IncomingMessage, fault: Fault | undefined): Promise<IncomingMessage> {
    const { method, url: path, headers } = request;
    const sent = forward({ host: '127.0.0.1', port: this.#target, method, path, headers });
    const counted = onPieces((piece) => {
      this.onBytes(piece.length);
      return piece;
    });
    const [[answer]] = await Promise.all([
      once(sent, 'response') as Promise<[IncomingMessage]>,
      pipeline([request, counted, ...alterations(fault, request.socket, sent), sent]),
    ]);
    return answer;
  }
}

function alterations(fault: Fault | undefined, client: Socket, sent: ClientRequest): Duplex[] {
  if (fault?.kind === 'flip') return [flipper()];
  if (fault?.kind === 'cut') return [cutter(fault, client, sent)];
  return [];
}

function cutter(
  { afterBytes, does = async () => undefined }: Extract<Fault, { kind: 'cut' }>,
  client: Socket,
  sent: ClientRequest,
): Duplex {
  return Duplex.from(async function* (pieces: AsyncIterable<Buffer>) {
    let passed = 0;
    for await (const piece of pieces) {
      passed += piece.length;
      if (passed > afterBytes) break;
      yield piece;
    }
    if (passed <= afterBytes) return;
    // So that the server has some of it, whatever came before.
    yield Buffer.alloc(1);
    await does();
    client.destroy();
    sent.destroy();
  });
}

/** Turns the lowest bit of the first byte. */
function flipper(): Transform {
  let flipped = false;
  return onPieces((piece) => {
    if (flipped || piece.length === 0) return piece;
    flipped = true;
    const changed = Buffer.from(piece);
    changed[0] = (changed[0] ?? 0) ^ 1;
    return changed;
  });
}

const onPieces = (change: (piece: Buffer) => Buffer): Transform =>
  new Transform({
    transform: (piece: Buffer, _encoding, done: TransformCallback) => done(null, change(piece)),
  });

async function answerError(
  request: IncomingMessage,
  response: ServerResponse,
  { status, code }: Extract<Fault, { kind: 'answer' }>,
): Promise<void> {
  request.resume();
  await once(request, 'end');
  const text = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>by the proxy</Message></Error>`;
  response.writeHead(status, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(text),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

/** Starts a proxy before a server on this machine; within a test it ends with the test. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const proxy = new FaultProxy(await freePort(), targetPort);
  await proxy.up();
  afterThisTest(() => proxy.down());
  return proxy;
}
