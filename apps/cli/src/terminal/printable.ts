export { printable, printableLines } from '@walq/wal-core/printable';
