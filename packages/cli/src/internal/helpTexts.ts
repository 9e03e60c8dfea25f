/**
 * The texts of `--help`, by the words before the flag. Empty here: the bundle has what the commands render, so that help
 * needs no command to be loaded.
 */
export const helpTexts: Readonly<Record<string, string>> = {}
