/**
 * The HTTP server of every listener of walq. It limits the number of descriptors, the time for receiving a request and
 * sending its response, and the requests per connection, because archiving runs in the same process and matters more.
 */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Connections } from './connections.ts';
import { readFileSync } from 'node:fs';

export interface ServerBounds {
  /** Open connections. Beyond this, the client with the most connections loses its least recently used one. */
  readonly connectionsMax: number;
  /** After this many requests a connection is closed, and the client opens another. */
  readonly requestsPerConnectionMax: number;
}

const HEADER_BYTES_MAX = 16_384;
/** For receiving the request's head, from the connection or the end of the previous request. */
const HEAD_MS_MAX = 5_000;
/** For receiving the whole request. */
const REQUEST_MS_MAX = 10_000;
/** Idle time between two requests. */
const KEPT_ALIVE_MS = 5_000;
/** Without a byte in either direction; longer than any response takes to begin. */
const IDLE_MS_MAX = 45_000;
/** From the request's head until the client has received the response. */
const ANSWER_MS_MAX = 60_000;
/** How often Node checks for connections that are late. */
const LATE_CHECK_MS = 1_000;
/** Of the process's descriptor limit. */
const DESCRIPTOR_SHARE = 1 / 8;

/** Connections of responses without an end. The server never closes them. */
const lasting = new WeakSet<Socket>();

/** Exempts this response, an event stream, from the time limits, and its connection from being closed for others. */
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
    // A pipelined request of a connection that was closed.
    if (socket.destroyed) return;
    if (!connections.begin(socket)) return void socket.destroy();
    const late = setTimeout(() => lasting.has(socket) || socket.destroy(), ANSWER_MS_MAX).unref();
    const end = (): void => {
      clearTimeout(late);
      connections.end(socket);
      response.off('close', end);
      socket.off('close', end);
    };
    // A response that waits for an earlier one gets no event when its connection closes.
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

/** The default limit on Linux. */
const DEFAULT_LIMIT = 1_024;

/** The soft limit of open descriptors of this process. */
export function descriptorsMax(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files +(?<soft>\d+)/m.exec(limits)?.groups?.['soft'];
    return soft === undefined ? DEFAULT_LIMIT : Number(soft);
  } catch {
    // This system has no /proc.
    return DEFAULT_LIMIT;
  }
}

/** The port that a server listens on, also if it was asked for port 0. */
export function listeningPort(server: { addresses(): readonly (AddressInfo | string)[] }): number {
  const [address] = server.addresses();
  if (typeof address === 'object') return address.port;
  throw new TypeError('this server does not listen on a port');
}
