/** The system gave a name that is not UTF-8: what cannot be read in it stands here as U+FFFD. */
export const isMisread = (name: string): boolean => name.includes('\uFFFD');
