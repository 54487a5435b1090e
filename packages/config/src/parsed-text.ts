import { z } from 'zod';
import { refuseValue } from './refuse-key.ts';

/** A text that `parse` turns into something better; refused where it gives undefined, for the reason that `faultOf` knows. */
export const parsedText = <T>(
  parse: (text: string) => T | undefined,
  faultOf: (text: string) => string | undefined = () => undefined,
) =>
  z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    refuseValue(context, faultOf(text));
    return z.NEVER;
  });
