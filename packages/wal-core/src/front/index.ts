export { rememberFront, type FrontRecord } from './front-record.ts';
