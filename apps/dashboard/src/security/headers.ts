/** Security headers: no content from other hosts, no inline scripts or styles, no framing. */
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
    // The dashboard serves plain HTTP; TLS is up to a proxy, and so is this header.
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'same-origin' },
  });
}

/** The queue board needs inline styles and a base URL. */
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
