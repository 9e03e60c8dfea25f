/**
 * PostgreSQL's lock of the log: an append holds it alone, until its commit. "EPmk", and 1 for the log.
 */
export const appendLock = 0x45506d6b_01
