/** Nothing from other hosts, nothing inline, nobody's frame. */
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

const own = ["'self'"];

const directives = {
  defaultSrc: ["'none'"],
  scriptSrc: own,
  styleSrc: own,
  imgSrc: ["'self'", 'data:'],
  connectSrc: own,
  fontSrc: own,
  formAction: own,
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
};

export async function addHeaders(server: FastifyInstance): Promise<void> {
  await server.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives },
    // A page that is served over HTTP on the loopback has no use for it.
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'same-origin' },
  });
}

/** The queue board sets styles inline and a base URL, which only its own pages are allowed. */
export const boardPolicy = Object.entries({
  ...directives,
  styleSrc: [...own, "'unsafe-inline'"],
  baseUri: own,
})
  .map(([name, values]) => `${toKebab(name)} ${values.join(' ')}`)
  .join(';');

function toKebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
