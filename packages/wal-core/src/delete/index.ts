export { deleteSource, type DeleteOptions } from './delete-source.ts';
