/** The way in for a person: a form that needs no script. */
import type { DashboardConfig } from '@walq/wal-core';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { admit } from './credentials.ts';
import type { Guard } from './guard.ts';
import { loginCss } from './login-css.ts';
import { wantsLogin } from './assert-knows-who-asks.ts';
import { SESSION_COOKIE, SESSION_MS } from './session.ts';

const form = z.object({ username: z.string().max(256).optional(), secret: z.string().max(4_096) });

const FORM_BYTES_MAX = 16_384;

export function addLogin(server: FastifyInstance, guard: Guard): void {
  const { dashboard, sessions, pace, logger } = guard;
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_BYTES_MAX },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  server.get('/login.css', async (_request, reply) => reply.type('text/css').send(loginCss));
  server.get('/login', async (_request, reply) => {
    if (!wantsLogin(dashboard)) return reply.redirect('/');
    return reply.type('text/html').send(page(dashboard));
  });
  server.post('/login', async (request, reply) => {
    reply.type('text/html');
    const { ip } = request;
    const offered = form.safeParse(request.body).data;
    const attempt = await pace.attempt(ip, () => offered && admit(dashboard, offered));
    if (!('user' in attempt)) {
      const { waitS } = attempt;
      if (waitS > 0) {
        reply.code(429).header('retry-after', waitS);
        return page(dashboard, `Too many wrong logins. Try again in ${waitS} s.`);
      }
      logger.warn({ from: ip }, 'wrong credentials');
      reply.code(401);
      return page(dashboard, 'That is not right. Try again.');
    }
    const { user } = attempt;
    logger.info({ from: ip, user }, 'logged in');
    reply.setCookie(SESSION_COOKIE, sessions.begin(user), {
      httpOnly: true,
      sameSite: 'strict',
      secure: request.protocol === 'https',
      path: '/',
      maxAge: SESSION_MS / 1_000,
    });
    return reply.redirect('/', 303);
  });
  server.post('/logout', async ({ cookies }, reply) => {
    sessions.end(cookies[SESSION_COOKIE]);
    return reply.clearCookie(SESSION_COOKIE, { path: '/' }).send({ message: 'Logged out.' });
  });
}

function page({ login, token }: DashboardConfig, problem?: string): string {
  const secret =
    login === undefined ? 'Token' : token === undefined ? 'Password' : 'Password or token';
  const name =
    login === undefined
      ? ''
      : '<label>Name<input name="username" autocomplete="username" autocapitalize="none"></label>';
  const alert = problem === undefined ? '' : `<p role="alert">${problem}</p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in · walq</title>
<link rel="stylesheet" href="/login.css">
</head>
<body>
<main>
<h1>walq</h1>
<form method="post" action="/login">
${alert}
${name}
<label>${secret}<input name="secret" type="password" autocomplete="current-password" required autofocus></label>
<button>Log in</button>
</form>
</main>
</body>
</html>
`;
}
