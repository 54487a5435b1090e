export { keepPresent } from './keep-present.ts';
