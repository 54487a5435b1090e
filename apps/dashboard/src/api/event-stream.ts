/**
 * Server-sent events: sends the latest state to every open page. A reader that does not keep up is disconnected, so
 * that its backlog does not fill memory; its browser reconnects and gets the latest state.
 */
import { keepOpen } from '@walq/role';
import type { FastifyReply } from 'fastify';
import type { ServerResponse } from 'node:http';

/** The client that opened a stream. */
interface Client {
  readonly session: string;
  readonly network: string;
}

const READERS_MAX = 50;
const READERS_OF_SESSION_MAX = 8;
/** Keeps one client from taking all streams by logging in repeatedly. */
const READERS_OF_NETWORK_MAX = 25;
const UNREAD_BYTES_MAX = 1_000_000;
const KEEP_ALIVE_MS = 15_000;

export class EventStream {
  readonly #readers = new Map<ServerResponse, Client>();
  readonly #keepAlive: NodeJS.Timeout;

  constructor() {
    this.#keepAlive = setInterval(() => this.#send(': keep-alive\n\n'), KEEP_ALIVE_MS);
    this.#keepAlive.unref();
  }

  get readerCount(): number {
    return this.#readers.size;
  }

  /** False when this client has reached its limit. When all streams are taken, the network with the most loses one. */
  add(reply: FastifyReply, client: Client, first: string): boolean {
    if (this.#countOf('session', client) >= READERS_OF_SESSION_MAX) return false;
    if (this.#countOf('network', client) >= READERS_OF_NETWORK_MAX) return false;
    if (this.#readers.size >= READERS_MAX) this.#dropGreediest();
    reply.hijack();
    const { raw } = reply;
    keepOpen(raw);
    raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...streamHeaders });
    raw.write(eventOf(first));
    this.#readers.set(raw, client);
    raw.on('close', () => this.#readers.delete(raw));
    return true;
  }

  send(data: string): void {
    this.#send(eventOf(data));
  }

  close(): void {
    clearInterval(this.#keepAlive);
    for (const reader of this.#readers.keys()) reader.destroy();
  }

  #send(text: string): void {
    for (const reader of this.#readers.keys()) {
      if (reader.writableLength > UNREAD_BYTES_MAX) reader.destroy();
      else reader.write(text);
    }
  }

  #countOf(what: keyof Client, client: Client): number {
    return [...this.#readers.values()].filter((one) => one[what] === client[what]).length;
  }

  #dropGreediest(): void {
    const counted = [...this.#readers].map(
      ([reader, client]) => [reader, this.#countOf('network', client)] as const,
    );
    const most = Math.max(...counted.map(([, count]) => count));
    const dropped = counted.find(([, count]) => count === most)?.[0];
    if (dropped === undefined) return;
    this.#readers.delete(dropped);
    dropped.destroy();
  }
}

export const streamHeaders = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };

/** One `data:` line is enough: JSON contains no line breaks. */
const eventOf = (data: string): string => `data: ${data}\n\n`;
