/**
 * PostgreSQL takes a restore_command's 1 to 125 for "the archive has no such file", which ends recovery and
 * promotes the server; above 125 it stops instead. Shells use 126 to 128 and 128 plus a signal's number.
 */
export const FATAL_TO_RECOVERY = 200;

/**
 * "No such file". The shell fast path (apps/cli/bin/walq) sets a code that Node itself never exits with, so that a
 * Node that cannot start is not mistaken for an answer, and turns it into 1.
 */
export const absentCode = (): number => Number(process.env['WALQ_ABSENT_CODE'] ?? 1);
