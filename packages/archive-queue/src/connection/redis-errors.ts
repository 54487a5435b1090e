import { isWalqError, type WalqError } from '@walq/wal-core/internal';

const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

const connectionMessages =
  /Connection is closed|Socket timeout|Stream isn't writeable|connection (was )?close|max retries per request|sentinel/i;

/** True if no Redis that takes jobs could be reached; false for any other error reply. */
export function isConnectionError(error: Error): boolean {
  if ('code' in error && typeof error.code === 'string' && connectionCodes.has(error.code))
    return true;
  if (isDeadline(error) || isRoleChange(error)) return true;
  return connectionMessages.test(error.message);
}

/** True if the connection was closing when it was used; ioredis may still report it as ready. */
export const isClosed = (error: Error): boolean =>
  /Connection is closed|Stream isn't writeable|connection was closed/i.test(error.message);

/** True if no reply came in time; whether the command was executed is not known. */
export const isDeadline = (error: Error): boolean =>
  error.name === 'DeadlineError' || error.message === 'Command timed out';

/**
 * True for the replies of a server that is not a primary, or not yet: it did not execute the command. Before Redis 7,
 * scripts wrap this reply in a message of their own.
 */
export const isRoleChange = (error: Error): boolean =>
  /^(LOADING|MASTERDOWN|UNBLOCKED) |(^|-)READONLY /.test(error.message);

/** True if Redis rejects writes because its memory is full. */
export const isOutOfMemory = (error: Error): boolean => /^OOM |\bOOM command/.test(error.message);

/** True if Redis replies and rejects the write, for whatever reason: it takes no jobs now. */
export const isRefusal = (error: Error): boolean =>
  isRoleChange(error) ||
  isOutOfMemory(error) ||
  /^(MISCONF|NOREPLICAS|NOPERM|NOAUTH|EXECABORT) |ACL failure|can't run this command/.test(
    error.message,
  );

/** True for a failure of Redis, as opposed to one of a source or an archive. */
export const isRedisFailure = (error: unknown): boolean =>
  isWalqError(error, 'redis-unavailable') || isUnsuitable(error);

/** True for a Redis that stays unsuitable until an operator changes it. */
export const isUnsuitable = (error: unknown): error is WalqError =>
  isWalqError(error, 'redis-evicts', 'redis-unsuitable');

/** What to do about an error message of Redis, or of TLS. */
const hints: readonly (readonly [words: RegExp, hint: string])[] = [
  [/^WRONGPASS|invalid password/, 'Check redis.username and redis.password_file.'],
  [
    /^NOAUTH/,
    'This server requires a password: set redis.password_file, and redis.username for an ACL user.',
  ],
  [
    /^DENIED/,
    'Redis is in protected mode: set a password on the server, or bind it to the loopback interface.',
  ],
  [
    /DB index|'select'/,
    'Set a database in redis.url that exists on the server (its `databases` setting) and that this user may select.',
  ],
  [
    /NOPERM|ACL failure|can't run this command/,
    'Grant the Redis user the commands and keys that docs/deploy.md lists.',
  ],
  [
    /^(READONLY|MASTERDOWN|UNBLOCKED)|-READONLY/,
    'This server is a replica. Point redis.url at the primary, or set redis.sentinels; walq reconnects automatically.',
  ],
  [
    /^LOADING/,
    'The server is loading its files after a start; walq continues when it has finished.',
  ],
  [
    /^a reply from Redis is larger/,
    'Another program has written to this Redis. Find its key with redis-cli --bigkeys and remove it.',
  ],
  [
    /does not respond yet/,
    'Read the log of the server: it may be loading its files after a start (LOADING), or be frozen.',
  ],
  [/^OOM/, 'The memory of Redis is full: raise its maxmemory.'],
  [/^MISCONF/, 'Redis cannot save its files and rejects writes: check its disk and its log.'],
  [/^NOREPLICAS/, 'Too few replicas are connected (min-replicas-to-write): check them.'],
  [
    /certificate|self.signed|altname/i,
    'Check redis.ca_file, and that the name in redis.url is the one in the certificate.',
  ],
  [
    /wrong version number|ssl|tls/i,
    'Check whether the server uses TLS on this port: write rediss:// with TLS, redis:// without.',
  ],
  [
    /max number of clients/,
    'The server has reached its maxclients: raise it, or disconnect other clients.',
  ],
  [
    // An error that the server sent before it closed the connection may be lost.
    /EPIPE|ECONNRESET|connection was closed/,
    'The server closed the connection: check that it runs, and read its log. It may be in protected mode (set a password on the server, or bind it to the loopback interface), have reached its maxclients, or accept only TLS on this port.',
  ],
];

/** Undefined if the catalogue's hint fits. */
export const hintFor = (answer: string): string | undefined =>
  hints.find(([words]) => words.test(answer))?.[1];
