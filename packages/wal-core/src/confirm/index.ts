export { assertSameContent, confirm } from './confirm.ts';
export { growthOf } from './growth-of.ts';
export { assertIssued, type ArchiveReceipt } from './receipt.ts';
export { readObject } from './read-object.ts';
