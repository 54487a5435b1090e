/** What an S3-compatible server, or the way to it, answered, as a failure of the catalogue. */
import { errnoOf, reasonOf } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';

interface Answered {
  readonly name: string;
  readonly $metadata: { readonly httpStatusCode?: number };
}

/** True for an answer of the server, by any of these names or HTTP states. */
export function isAnswer(error: unknown, ...answers: readonly (string | number)[]): boolean {
  if (!isAnswered(error)) return false;
  return answers.includes(error.name) || answers.includes(error.$metadata.httpStatusCode ?? 0);
}

const isAnswered = (error: unknown): error is Error & Answered =>
  error instanceof Error && '$metadata' in error && error.$metadata !== undefined;

/** The condition `If-None-Match: *` did not hold: the key is taken. */
export const isTaken = (error: unknown): boolean => isAnswer(error, 'PreconditionFailed', 412);

/** There is no such object; of a bucket that is not there only a body can tell. */
export const isNoObject = (error: unknown): boolean => isAnswer(error, 'NoSuchKey', 'NotFound');

const unknownAuthority =
  'Nobody that is trusted vouches for the certificate of the server. Name the authority that made it in archive.s3.ca_file.';
const wrongTime =
  'The certificate of the server is not valid now. Renew it, or set the clock of this machine.';

/** By the name of what the server answered, or the code of what went wrong on the way. */
const hints: Readonly<Record<string, string>> = {
  NoSuchBucket: 'Make the bucket, or check archive.url and archive.s3.endpoint.',
  NotFound: 'Make the bucket, or check archive.url and archive.s3.endpoint.',
  AccessDenied: 'These credentials may not do this: docs/s3.md lists the permissions.',
  InvalidAccessKeyId: 'The server does not know this access key. Check the credentials.',
  SignatureDoesNotMatch: 'The secret key is another one than the server knows.',
  ExpiredToken: 'The credentials have expired. Renew them.',
  CredentialsProviderError:
    'Give credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or in another way of docs/s3.md.',
  RequestTimeTooSkewed: 'The clock of this machine or of the server is wrong. Set it.',
  PermanentRedirect: 'The bucket is in another region. Set archive.s3.region.',
  AuthorizationHeaderMalformed: 'The bucket is in another region. Set archive.s3.region.',
  BadDigest: 'The bytes that arrived are not those that were sent. Look at the network in between.',
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  ERR_TLS_CERT_ALTNAME_INVALID:
    'The certificate of the server is of another host. Write archive.s3.endpoint with a name that the certificate has.',
  CERT_HAS_EXPIRED: wrongTime,
  CERT_NOT_YET_VALID: wrongTime,
  ConditionalRequestConflict: 'Another upload of the same object was under way; it is tried again.',
};

const fullNames = ['QuotaExceeded', 'InsufficientStorage', 'XMinioStorageFull', 'StorageFull'];

const usualHint = 'Check that the server is reachable and answers.';

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
  const said = error.message === '' || error.message === 'UnknownError' ? '' : `: ${error.message}`;
  const status = error.$metadata.httpStatusCode;
  return status === undefined ? `${error.name}${said}` : `${error.name} (HTTP ${status})${said}`;
}

/** Without what the library hangs on its errors: the whole request, signature and all. */
function causeOf(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof WalqError) return error;
  const plain = new Error(error.message);
  plain.name = error.name;
  return plain;
}
