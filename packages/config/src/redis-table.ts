import { z } from 'zod';
import { parseAddress } from './address.ts';
import { option, parsedText, reportKey } from './option.ts';
import { parseRedisUrl, redisUrlFault } from './redis-url.ts';

const text = z.string().min(1);

export const redisTable = z
  .strictObject({
    url: option(parsedText(parseRedisUrl, redisUrlFault).optional(), {
      meaning: 'the Redis server that holds the queues',
      expected: 'redis://host:port/database, rediss:// for TLS, or unix:///path?db=0 for a socket',
    }),
    sentinels: option(z.array(parsedText(parseAddress)).min(1).optional(), {
      meaning: 'Redis Sentinels to ask for the server, instead of url',
      expected: 'a list of "host:port"',
    }),
    master_name: option(text.optional(), {
      meaning: 'the name by which the Sentinels know the server',
      expected: 'a name',
    }),
    username: option(text.optional(), {
      meaning: 'the user to log in as',
      expected: 'a user name',
    }),
    password_file: option(text.optional(), {
      meaning: 'a file that holds the password',
      expected: 'the path of a file',
    }),
    ca_file: option(text.optional(), {
      meaning: 'certificate authorities (PEM) to trust instead of the system’s, with TLS',
      expected: 'the path of a file',
    }),
  })
  .superRefine((redis, context) => {
    const { url } = redis;
    reportKey(
      context,
      'sentinels',
      redis.sentinels && url,
      'give either url or sentinels, not both',
    );
    reportKey(
      context,
      'master_name',
      redis.sentinels && !redis.master_name,
      'expected the name by which the Sentinels know the server, found nothing',
    );
    reportKey(
      context,
      'master_name',
      redis.master_name && !redis.sentinels,
      'belongs to sentinels, which are not given',
    );
    reportKey(
      context,
      'username',
      redis.username && url?.username,
      'the url names a user already; give one of them',
    );
    reportKey(
      context,
      'password_file',
      redis.password_file && url?.password,
      'the url has a password already; give one of them',
    );
    reportKey(
      context,
      'ca_file',
      redis.ca_file && url?.tls === false,
      'needs TLS, expected a url with rediss://, found redis://',
    );
  });

export type RedisTable = z.infer<typeof redisTable>;
