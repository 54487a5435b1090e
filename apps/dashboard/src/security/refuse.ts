import type { FastifyReply } from 'fastify';

/** A refusal as every part of the API gives it. */
export const refuse = (
  reply: FastifyReply,
  status: number,
  message: string,
  hint = '',
): FastifyReply => reply.code(status).send({ code: 'refused', message, hint });
