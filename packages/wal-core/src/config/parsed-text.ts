import { z } from 'zod';

/** A text that `parse` turns into something better; refused where it gives undefined. */
export const parsedText = <T>(parse: (text: string) => T | undefined) =>
  z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: 'not of the expected form' });
    return z.NEVER;
  });
