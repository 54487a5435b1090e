/**
 * The HTTP server of every listener of walq. Whatever is sent to it, it holds a bounded number of descriptors,
 * waits a bounded time for a request and for its answer to be taken, and serves one request of a connection at a
 * time: archiving shares the process with it, and matters more.
 */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Connections } from './connections.ts';
import { readFileSync } from 'node:fs';

export interface ServerBounds {
  /** Connections at once. One more, and the client that has most of them loses its least recently used. */
  readonly connectionsMax: number;
  /** After these a connection is closed; the client opens another. */
  readonly requestsPerConnectionMax: number;
}

const HEADER_BYTES_MAX = 16_384;
/** To send the request's head, from the connection or the end of the request before. */
const HEAD_MS_MAX = 5_000;
/** To send the whole request. */
const REQUEST_MS_MAX = 10_000;
/** Between two requests. */
const KEPT_ALIVE_MS = 5_000;
/** Without a byte in either direction; above the longest time that an answer takes to begin. */
const IDLE_MS_MAX = 45_000;
/** From the request's head until the answer was taken. */
const ANSWER_MS_MAX = 60_000;
/** Node looks for connections that are late once in so long. */
const LATE_CHECK_MS = 1_000;
/** Of the descriptors that the process may hold. */
const DESCRIPTOR_SHARE = 1 / 8;

/** Answers that last for as long as their client wants: the server gives their connections up for nothing. */
const lasting = new WeakSet<Socket>();

/** Exempts this answer, an event stream, from the bounds of time, and its connection from giving way. */
export function keepOpen({ socket }: ServerResponse): void {
  if (socket !== null) lasting.add(socket);
}

export function createBoundedServer(bounds: ServerBounds, handler: RequestListener): Server {
  const share = Math.floor(descriptorsMax() * DESCRIPTOR_SHARE);
  const connections = new Connections(Math.min(bounds.connectionsMax, share), lasting);
  const options = {
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: HEAD_MS_MAX,
    requestTimeout: REQUEST_MS_MAX,
    keepAliveTimeout: KEPT_ALIVE_MS,
    connectionsCheckingInterval: LATE_CHECK_MS,
  };
  const server = createServer(options, (request, response) => {
    const { socket } = request;
    // The rest of what a closed connection had sent.
    if (socket.destroyed) return;
    if (!connections.begin(socket)) return void socket.destroy();
    const late = setTimeout(() => lasting.has(socket) || socket.destroy(), ANSWER_MS_MAX).unref();
    const end = (): void => {
      clearTimeout(late);
      connections.end(socket);
      response.off('close', end);
      socket.off('close', end);
    };
    // An answer that waits behind another one is not told of the end of its connection.
    response.once('close', end);
    socket.once('close', end);
    handler(request, response);
  });
  server.maxRequestsPerSocket = bounds.requestsPerConnectionMax;
  server.timeout = IDLE_MS_MAX;
  server.on('connection', (socket: Socket) => connections.add(socket));
  server.on('dropRequest', (_, socket) => socket.destroy());
  return server;
}

/** What Linux gives a process where nobody said otherwise. */
const USUAL = 1_024;

/** How many descriptors this process may hold. */
export function descriptorsMax(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files +(?<soft>\d+)/m.exec(limits)?.groups?.['soft'];
    return soft === undefined ? USUAL : Number(soft);
  } catch {
    // There is no /proc here.
    return USUAL;
  }
}

/** The port that a server listens on; differs from the one asked for where that was 0. */
export function listeningPort(server: { addresses(): readonly (AddressInfo | string)[] }): number {
  const [address] = server.addresses();
  if (typeof address === 'object') return address.port;
  throw new TypeError('this server does not listen on a port');
}
