import { it } from 'vitest';
import { everyParser } from './every-parser.ts';

it('every parser, fed for longer, gives a value or a failure of the catalogue', () =>
  everyParser(150));
