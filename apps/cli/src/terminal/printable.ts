export { printable } from '@walq/wal-core/printable';
