export { adviceOn, shellWord, withNames } from './advice.ts';
export { catalogue, isFailureCode, type FailureClass, type FailureCode } from './catalogue.ts';
export {
  asWalqError,
  fromFailureRecord,
  isWalqError,
  toFailureRecord,
  WalqError,
  type FailureRecord,
} from './walq-error.ts';
export {
  errnoOf,
  isExisting,
  isMissing,
  reasonOf,
  sourceFailure,
  storeFailure,
} from './system-error.ts';
