/**
 * Server-sent events: the latest state to everyone who watches. A reader that does not keep up is dropped
 * rather than remembered; its browser comes back by itself and begins with the latest.
 */
import type { FastifyReply } from 'fastify';
import type { ServerResponse } from 'node:http';

const READERS_MAX = 50;
const UNREAD_BYTES_MAX = 1_000_000;
const KEEP_ALIVE_MS = 15_000;

export class EventStream {
  readonly #readers = new Set<ServerResponse>();
  readonly #keepAlive: NodeJS.Timeout;

  constructor() {
    this.#keepAlive = setInterval(() => this.#send(': still here\n\n'), KEEP_ALIVE_MS);
    this.#keepAlive.unref();
  }

  get readerCount(): number {
    return this.#readers.size;
  }

  /** False when there are as many readers as can be served. */
  add(reply: FastifyReply, first: string): boolean {
    if (this.#readers.size >= READERS_MAX) return false;
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...headers });
    raw.write(eventOf(first));
    this.#readers.add(raw);
    raw.on('close', () => this.#readers.delete(raw));
    return true;
  }

  send(data: string): void {
    this.#send(eventOf(data));
  }

  close(): void {
    clearInterval(this.#keepAlive);
    for (const reader of this.#readers) reader.destroy();
  }

  #send(text: string): void {
    for (const reader of this.#readers) {
      if (reader.writableLength > UNREAD_BYTES_MAX) reader.destroy();
      else reader.write(text);
    }
  }
}

/** JSON has no line breaks, so one line holds it. */
const eventOf = (data: string): string => `data: ${data}\n\n`;
