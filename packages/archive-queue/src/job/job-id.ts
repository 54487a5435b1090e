const ID_PREFIX = 's-';
const outsidePlain = /[^A-Za-z0-9._-]/g;

/**
 * The BullMQ job id of a segment: two different names never give one id.
 *
 * BullMQ reads meaning into ids that are integers, contain `:` or begin with `0:`. Hence the prefix,
 * and every other UTF-16 unit as `~` and four hexadecimal digits.
 */
export const jobIdOf = (segmentName: string): string =>
  ID_PREFIX + segmentName.replace(outsidePlain, escapeUnit);

const escapeUnit = (unit: string): string => `~${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
