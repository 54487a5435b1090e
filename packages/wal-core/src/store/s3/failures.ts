/** Converts errors of an S3-compatible server, or of the connection to it, to failures of the catalogue. */
import { errnoOf, reasonOf } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';

interface Answered {
  readonly name: string;
  readonly $metadata: { readonly httpStatusCode?: number };
}

/** Whether the server answered with one of these error names or HTTP status codes. */
export function isAnswer(error: unknown, ...answers: readonly (string | number)[]): boolean {
  if (!isAnswered(error)) return false;
  return answers.includes(error.name) || answers.includes(error.$metadata.httpStatusCode ?? 0);
}

const isAnswered = (error: unknown): error is Error & Answered =>
  error instanceof Error && '$metadata' in error && error.$metadata !== undefined;

/** The condition `If-None-Match: *` failed: the key is taken. */
export const isTaken = (error: unknown): boolean => isAnswer(error, 'PreconditionFailed', 412);

/** The object does not exist. An answer without a body does not distinguish a missing bucket. */
export const isNoObject = (error: unknown): boolean => isAnswer(error, 'NoSuchKey', 'NotFound');

const unknownAuthority =
  'No trusted authority signed the certificate of the server. Set archive.s3.ca_file to the authority that did.';
const wrongTime =
  'The certificate of the server is not valid at this time. Renew it, or set the clock of this machine.';

/** By the error name that the server answered, or the code of the connection error. */
const hints: Readonly<Record<string, string>> = {
  NoSuchBucket: 'Create the bucket, or check archive.url and archive.s3.endpoint.',
  NotFound: 'Create the bucket, or check archive.url and archive.s3.endpoint.',
  AccessDenied: 'Grant these credentials the permissions that docs/s3.md lists.',
  InvalidAccessKeyId: 'The server does not know this access key. Check the credentials.',
  SignatureDoesNotMatch: 'The secret key does not match that of the server. Check the credentials.',
  ExpiredToken: 'The credentials have expired. Renew them.',
  CredentialsProviderError:
    'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give credentials in another way that docs/s3.md describes.',
  RequestTimeTooSkewed: 'The clock of this machine or of the server is wrong. Set it.',
  PermanentRedirect: 'The bucket is in another region. Set archive.s3.region.',
  AuthorizationHeaderMalformed: 'The bucket is in another region. Set archive.s3.region.',
  BadDigest: 'The server received different bytes than were sent. Check the network in between.',
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  ERR_TLS_CERT_ALTNAME_INVALID:
    'The certificate of the server is for another host. Set archive.s3.endpoint to a name in the certificate.',
  CERT_HAS_EXPIRED: wrongTime,
  CERT_NOT_YET_VALID: wrongTime,
  ConditionalRequestConflict:
    'Another upload of the same object was in progress. Nothing needs to be done: walq retries.',
};

const fullNames = ['QuotaExceeded', 'InsufficientStorage', 'XMinioStorageFull', 'StorageFull'];

const usualHint = 'Check that the server is reachable and responds.';

/** @param what completes "unable to …" */
export function s3Failure(what: string, error: unknown): WalqError {
  if (error instanceof WalqError && error.code !== 'store-unavailable') return error;
  const name = isAnswered(error) || error instanceof Error ? error.name : '';
  const isFull = fullNames.includes(name) || isAnswer(error, 507);
  const hint = error instanceof WalqError ? usualHint : hintOf(name, error);
  return new WalqError(isFull ? 'store-full' : 'store-unavailable', {
    message: `unable to ${what}: ${whyOf(error)}`,
    ...(!isFull && { hint }),
    cause: causeOf(error),
  });
}

function hintOf(name: string, error: unknown): string {
  const refused = isAnswer(error, 403) ? hints['AccessDenied'] : undefined;
  return hints[name] ?? hints[errnoOf(error) ?? ''] ?? refused ?? usualHint;
}

function whyOf(error: unknown): string {
  if (error instanceof WalqError) return error.message;
  if (!isAnswered(error)) return errnoOf(error) ?? reasonOf(error);
  const detail =
    error.message === '' || error.message === 'UnknownError' ? '' : `: ${error.message}`;
  const status = error.$metadata.httpStatusCode;
  return status === undefined
    ? `${error.name}${detail}`
    : `${error.name} (HTTP ${status})${detail}`;
}

/** A copy without the request that the library attaches to its errors, which includes the signature. */
function causeOf(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof WalqError) return error;
  const plain = new Error(error.message);
  plain.name = error.name;
  return plain;
}
