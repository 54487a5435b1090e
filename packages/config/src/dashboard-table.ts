import { z } from 'zod';
import { parseAddress } from './address.ts';
import { option, parsedText, reportKey } from './option.ts';

const text = z.string().min(1);

export const dashboardTable = z
  .strictObject({
    listen: option(parsedText(parseAddress).default({ host: '127.0.0.1', port: 9463 }), {
      meaning:
        'where the dashboard serves its pages; beyond the loopback it wants a token, a password or a trusted proxy',
      expected: '"host:port"',
      default: '"127.0.0.1:9463"',
    }),
    read_only: option(z.boolean().default(true), {
      meaning: 'lets the dashboard show everything and change nothing',
      expected: 'true or false',
      default: 'true',
    }),
    token_file: option(text.optional(), {
      meaning: 'a file that holds the token to log in with, or to send as a bearer token',
      expected: 'the path of a file',
    }),
    username: option(text.optional(), {
      meaning: 'the name to log in with, beside password_file',
      expected: 'a user name',
    }),
    password_file: option(text.optional(), {
      meaning: 'a file that holds the password to log in with',
      expected: 'the path of a file',
    }),
    trusted_proxy: option(z.boolean().default(false), {
      meaning:
        'only a proxy that authenticates can reach the dashboard: believes its X-Forwarded-For, -Proto and -User',
      expected: 'true or false',
      default: 'false',
    }),
  })
  .superRefine((dashboard, context) => {
    const { username, password_file } = dashboard;
    reportKey(
      context,
      'password_file',
      username !== undefined && password_file === undefined,
      'expected the file of the password that belongs to username, found nothing',
    );
    reportKey(
      context,
      'username',
      username === undefined && password_file !== undefined,
      'expected the name that belongs to password_file, found nothing',
    );
    reportKey(
      context,
      'username',
      username?.includes(':'),
      'expected a name without a colon, which ends it when it is sent',
    );
  });

export type DashboardTable = z.infer<typeof dashboardTable>;
